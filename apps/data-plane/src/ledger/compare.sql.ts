import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { Stretch } from './stretch.ts'

/** A delta without what is needed only to hash it. */
export interface ComparedRow {
  readonly seq: number
  readonly log_index: number
  readonly record_nonce: Buffer
  readonly reference_id: string | null
  readonly amount: string
  readonly created_at: Timestamp
}

/**
 * Deltas of a customer under references, in a stretch, by sequence number; at most `limit`. Reads the index on (tenant,
 * customer, reference_hash), once for each reference, and rechecks the text; the sequence number is compared as an
 * expression, so that no index on it can tempt the planner into walking the customer's history.
 */
export async function selectReferenced(
  db: Db,
  tenantNo: number,
  customerNo: number,
  stretch: Stretch,
  wanted: readonly { readonly referenceId: string; readonly referenceHash: bigint }[],
  limit: number,
): Promise<ComparedRow[]> {
  const { rows } = await db.query<ComparedRow>(
    {
      name: 'select_referenced',
      text: `select d.seq, d.log_index, d.record_nonce, d.reference_id, d.amount, d.created_at
               from unnest($3::text[], $4::bigint[]) as wanted (reference_id, reference_hash)
              cross join lateral (
                select seq, log_index, record_nonce, reference_id, amount, created_at
                  from delta
                 where tenant_id = $1 and customer_no = $2 and reference_hash = wanted.reference_hash
                   and reference_id = wanted.reference_id and seq + 0 between $5 and $6
                 limit $7
              ) d
              order by d.seq limit $7`,
    },
    [
      tenantNo,
      customerNo,
      wanted.map((one) => one.referenceId),
      wanted.map((one) => one.referenceHash.toString()),
      stretch.fromSeq,
      stretch.toSeq,
      limit,
    ],
  )
  return rows
}

/** Deltas of a customer at log indexes, those in a stretch only, in no order. Reads the primary key, once for each. */
export async function selectRecorded(
  db: Db,
  tenantNo: number,
  customerNo: number,
  stretch: Stretch,
  logIndexes: readonly number[],
): Promise<ComparedRow[]> {
  const { rows } = await db.query<ComparedRow>(
    {
      name: 'select_recorded',
      text: `select d.seq, d.log_index, d.record_nonce, d.reference_id, d.amount, d.created_at
               from unnest($3::bigint[]) as wanted (log_index)
              cross join lateral (
                select seq, log_index, record_nonce, reference_id, amount, created_at, customer_no
                  from delta
                 where tenant_id = $1 and log_index = wanted.log_index
                 limit 1
              ) d
              where d.customer_no = $2 and d.seq between $4 and $5`,
    },
    [tenantNo, customerNo, logIndexes, stretch.fromSeq, stretch.toSeq],
  )
  return rows
}

/** The first deltas of a stretch, in order. Reads unique (tenant, customer, seq). */
export async function selectFirstOf(
  db: Db,
  tenantNo: number,
  customerNo: number,
  stretch: Stretch,
  limit: number,
): Promise<ComparedRow[]> {
  const { rows } = await db.query<ComparedRow>(
    {
      name: 'select_first_of',
      text: `select seq, log_index, record_nonce, reference_id, amount, created_at
               from delta
              where tenant_id = $1 and customer_no = $2 and seq between $3 and $4
              order by seq limit $5`,
    },
    [tenantNo, customerNo, stretch.fromSeq, stretch.toSeq, limit],
  )
  return rows
}
