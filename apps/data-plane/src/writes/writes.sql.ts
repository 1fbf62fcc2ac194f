import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

export interface Bucket {
  readonly customer_no: number
  readonly bits: string
  readonly write_count: number
  readonly last_index: number
}

/** The verified sum of a key. Primary key. */
export async function selectBucket(db: Db, tenantNo: number, key: string): Promise<Bucket | undefined> {
  const { rows } = await db.query<Bucket>(
    {
      name: 'select_bucket',
      text: `select customer_no, bits, write_count, last_index from bucket_verified where tenant_id = $1 and key = $2`,
    },
    [tenantNo, key],
  )
  return rows[0]
}

/**
 * The writes of a key from a log index on, in order: of its account, or where nothing of it is verified (`customerNo` null)
 * of the customer of the first of them. Reads the index on writes and rechecks the text.
 */
export async function selectPendingWrites(
  db: Db,
  tenantNo: number,
  place: { readonly key: string; readonly keyHash: bigint; readonly from: number },
  customerNo: number | null,
): Promise<{ readonly log_index: number; readonly amount: string }[]> {
  const { rows } = await db.query<{ log_index: number; amount: string }>(
    {
      name: 'select_pending_writes',
      text: `with w as (
               select d.log_index, d.customer_no, d.amount from delta d
                where d.tenant_id = $1 and d.reference_hash = $3 and d.log_index >= $4 and d.reason = 'write'
                  and d.reference_hash is not null and d.reference_id = $2
             )
             select w.log_index, w.amount from w
              where w.customer_no = coalesce($5::int, (select f.customer_no from w f order by f.log_index limit 1))
              order by w.log_index`,
    },
    [tenantNo, place.key, place.keyHash.toString(), place.from, customerNo],
  )
  return rows
}

/** What a bucket says of its last write. Primary keys. */
export async function selectLastWrite(
  db: Db,
  tenantNo: number,
  logIndex: number,
): Promise<
  | {
      readonly log_index: number
      readonly created_at: Timestamp
      readonly metadata: string | null
      readonly customer_id: string
    }
  | undefined
> {
  const { rows } = await db.query<{
    log_index: number
    created_at: Timestamp
    metadata: string | null
    customer_id: string
  }>(
    {
      name: 'select_last_write',
      text: `select d.log_index, d.created_at, d.metadata, c.customer_id
               from delta d join customer c on c.tenant_id = $1 and c.customer_no = d.customer_no
              where d.tenant_id = $1 and d.log_index = $2`,
    },
    [tenantNo, logIndex],
  )
  return rows[0]
}
