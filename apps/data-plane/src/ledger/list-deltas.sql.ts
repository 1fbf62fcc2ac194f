import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from './delta.ts'

/** Log indexes from `from` to before `to`, without those from `holeFrom` to before `holeTo`. */
export interface LogRange {
  readonly from: number
  readonly to: number
  readonly holeFrom: number
  readonly holeTo: number
}

export interface RowPage {
  readonly limit: number
  readonly offset: number
}

/** Deltas of a tenant in a range of its log, newest first. Primary key; rows before the page are only counted. */
export async function selectNewestDeltas(
  db: Db,
  tenantNo: number,
  { from, to, holeFrom, holeTo }: LogRange,
  { limit, offset }: RowPage,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_newest_deltas',
      text: `select s.*
               from (select d.log_index from delta d
                      where d.tenant_id = $1 and d.log_index >= $2 and d.log_index < $3
                        and not (d.log_index >= $4 and d.log_index < $5)
                      order by d.log_index desc limit $6 offset $7) w
              cross join lateral (
                select r.* from stored_delta r where r.tenant_id = $1 and r.log_index = w.log_index
              ) s
              order by w.log_index desc`,
    },
    [tenantNo, from, to, holeFrom, holeTo, limit, offset],
  )
  return rows
}

/**
 * The same of one customer, whose newest sequence number is `lastSeq`: the ends of the range are found in its ledger in
 * O(log n), the rows by unique (tenant, customer, seq).
 */
export async function selectNewestOfCustomer(
  db: Db,
  tenantNo: number,
  { customerNo, lastSeq }: { readonly customerNo: number; readonly lastSeq: number },
  { from, to, holeFrom, holeTo }: LogRange,
  { limit, offset }: RowPage,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_newest_of_customer',
      text: `select s.*
               from (select d.log_index from delta d
                      where d.tenant_id = $1 and d.customer_no = $2
                        and d.seq > (select last_seq_below($1, $2, $3, $4))
                        and d.seq <= (select last_seq_below($1, $2, $3, $5))
                        and not (d.log_index >= $6 and d.log_index < $7)
                      order by d.seq desc limit $8 offset $9) w
              cross join lateral (
                select r.* from stored_delta r where r.tenant_id = $1 and r.log_index = w.log_index
              ) s
              order by w.log_index desc`,
    },
    [tenantNo, customerNo, lastSeq, from, to, holeFrom, holeTo, limit, offset],
  )
  return rows
}

/** Those of one customer with a reference. Index (tenant, customer, reference_hash), and the text is rechecked. */
export async function selectNewestReferenced(
  db: Db,
  tenantNo: number,
  wanted: { readonly customerNo: number; readonly referenceId: string; readonly referenceHash: bigint },
  { from, to, holeFrom, holeTo }: LogRange,
  { limit, offset }: RowPage,
): Promise<StoredDelta[]> {
  const { customerNo, referenceId, referenceHash } = wanted
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_newest_referenced',
      text: `select s.*
               from (select d.log_index from delta d
                      where d.tenant_id = $1 and d.customer_no = $2 and d.reference_hash = $3 and d.reference_id = $4
                        and d.log_index >= $5 and d.log_index < $6
                        and not (d.log_index >= $7 and d.log_index < $8)
                      order by d.log_index desc limit $9 offset $10) w
              cross join lateral (
                select r.* from stored_delta r where r.tenant_id = $1 and r.log_index = w.log_index
              ) s
              order by w.log_index desc`,
    },
    [tenantNo, customerNo, referenceHash, referenceId, from, to, holeFrom, holeTo, limit, offset],
  )
  return rows
}
