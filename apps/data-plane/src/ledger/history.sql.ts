import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from './delta.ts'

/** Deltas of a customer by their sequence numbers, newest first. One step on unique (tenant, customer, seq) for each. */
export async function selectDeltasOfSeqs(
  db: Db,
  tenantNo: number,
  customerNo: number,
  seqs: readonly number[],
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_of_seqs',
      text: `select s.*
               from unnest($3::int[]) as w (seq)
              cross join lateral (
                select r.* from stored_delta r
                 where r.tenant_id = $1 and r.customer_no = $2 and r.seq = w.seq limit 1
              ) s
              order by w.seq desc`,
    },
    [tenantNo, customerNo, seqs],
  )
  return rows
}
