import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/**
 * Where the first delta of a customer created at or after an instant stands, among those below a log index; one past the
 * last where there is none. `startAt` null: the first. Binary searches over unique (tenant, customer, seq).
 */
export async function selectFirstSeqAt(
  db: Db,
  tenantNo: number,
  customerNo: number,
  startAt: Timestamp | null,
  cutSize: number,
): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    {
      name: 'judge_first_seq_at',
      text: `select case when $3::timestamptz is null then 1 else first_seq_at_or_after($1, $2, l.seq, $3) end as seq
               from (select last_seq_below($1, $2, coalesce(
                              (select d.seq from delta d where d.tenant_id = $1 and d.customer_no = $2
                                order by d.seq desc limit 1), 0), $4) as seq) l`,
    },
    [tenantNo, customerNo, startAt, cutSize],
  )
  const [row] = rows
  if (row === undefined) throw new Error('one row for each customer')
  return row.seq
}
