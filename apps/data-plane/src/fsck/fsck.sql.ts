import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from '../ledger/front-door.ts'

export interface CheckedLog {
  readonly tenant_id: number
  readonly tenant_public_id: string
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
  readonly log_size: number
  readonly delta_count: number
  readonly customer_count: number
  readonly last_created_at: Timestamp
  readonly tree_size: number
  readonly tree_root: Buffer
  readonly peaks: Buffer
  readonly verified_size: number
  readonly first_failed_index: number | null
}

/** Every log with its heads. */
export async function selectLogs(db: Db): Promise<CheckedLog[]> {
  const { rows } = await db.query<CheckedLog>(
    `select l.tenant_id, n.public_id as tenant_public_id, l.log_id, l.origin, l.public_key, h.size as log_size,
            h.delta_count, h.customer_count, h.last_created_at, t.size as tree_size, t.root as tree_root, t.peaks,
            v.size as verified_size, s.first_failed_index
       from log l
       join tenant n on n.id = l.tenant_id
       join log_head h on h.tenant_id = l.tenant_id
       join tree_head t on t.tenant_id = l.tenant_id
       join verified_head v on v.tenant_id = l.tenant_id
       left join verify_state s on s.tenant_id = l.tenant_id
      order by l.tenant_id`,
  )
  return rows
}

/** A stretch of the ledger by log index, gaps or not, without the joins that could hide a row. */
export async function selectRows(
  db: Db,
  tenantNo: number,
  from: number,
  limit: number,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'fsck_select_rows',
      text: `select d.log_index, d.created_at, d.tenant_id, d.customer_no, d.seq, d.record_nonce, d.items_root, d.nodes,
                    d.amount, d.balance, d.reason, d.reference_id, d.reference_hash::text, d.metadata, d.key_digest,
                    d.adjusts_record_id, d.adjusts_reference_id, coalesce(c.customer_id, '') as customer_id,
                    null::bytea as previous_root
               from delta d
               left join customer c on c.tenant_id = d.tenant_id and c.customer_no = d.customer_no
              where d.tenant_id = $1 and d.log_index >= $2
              order by d.log_index limit $3`,
    },
    [tenantNo, from, limit],
  )
  return rows
}

/** Rows of ledger tables that belong to no log: nothing that walks the logs would ever see them. */
export async function selectOrphans(
  db: Db,
): Promise<{ readonly name: string; readonly tenant_id: number }[]> {
  const { rows } = await db.query<{ name: string; tenant_id: number }>(
    `select distinct 'delta' as name, tenant_id from delta where tenant_id not in (select tenant_id from log)
     union all
     select distinct 'customer_verified', tenant_id from customer_verified where tenant_id not in (select tenant_id from log)
     union all
     select distinct 'log_anchor', tenant_id from log_anchor where tenant_id not in (select tenant_id from log)`,
  )
  return rows
}

export interface CheckedNote {
  readonly size: number
  readonly root: Buffer
  readonly note: string
  readonly is_anchored: boolean
}

/** Every signed head of a log, smallest first. */
export async function selectNotes(db: Db, tenantNo: number): Promise<CheckedNote[]> {
  const { rows } = await db.query<CheckedNote>(
    `select n.size, n.root, n.note, exists (
              select from log_anchor a where a.tenant_id = $1 and a.size = n.size and a.level = 'file') as is_anchored
       from log_note n where n.tenant_id = $1 order by n.size`,
    [tenantNo],
  )
  return rows
}

export interface CheckedCustomer {
  readonly customer_no: number
  readonly customer_id: string
  readonly first_index: number
  readonly verified_seq: number | null
  readonly verified_index: number | null
  readonly verified_root: Buffer | null
  readonly verified_balance: string | null
}

/** Every customer of a tenant with its verified end. */
export async function selectCustomers(db: Db, tenantNo: number): Promise<CheckedCustomer[]> {
  const { rows } = await db.query<CheckedCustomer>(
    `select coalesce(c.customer_no, v.customer_no) as customer_no, coalesce(c.customer_id, '') as customer_id,
            coalesce(c.first_index, -1) as first_index, v.seq as verified_seq, v.log_index as verified_index,
            v.items_root as verified_root, v.balance as verified_balance
       from (select * from customer where tenant_id = $1) c
       full join (select * from customer_verified where tenant_id = $1) v on v.customer_no = c.customer_no
      order by 1`,
    [tenantNo],
  )
  return rows
}

export interface CheckedTile {
  readonly level: number
  readonly tile_index: number
  readonly root: Buffer
  readonly hashes: Buffer
}

/** A stretch of a log's tiles in order of level and index. */
export async function selectTiles(
  db: Db,
  tenantNo: number,
  limit: number,
  offset: number,
): Promise<CheckedTile[]> {
  const { rows } = await db.query<CheckedTile>(
    `select level, tile_index, root, hashes from log_tile where tenant_id = $1
      order by level, tile_index limit $2 offset $3`,
    [tenantNo, limit, offset],
  )
  return rows
}

export interface CheckedBatch {
  readonly first_index: number
  readonly row_count: number
  readonly key_digest: Buffer
  readonly unwritten: string
  readonly first_key_digest: Buffer | null
  readonly rows_there: number
}

/** Every kept batch request with what the ledger holds in its place. */
export async function selectBatches(db: Db, tenantNo: number): Promise<CheckedBatch[]> {
  const { rows } = await db.query<CheckedBatch>(
    `select b.first_index, b.row_count, b.key_digest, b.unwritten, d.key_digest as first_key_digest,
            (select count(*) from delta r
              where r.tenant_id = $1 and r.log_index >= b.first_index
                and r.log_index < b.first_index + b.row_count) as rows_there
       from batch_request b
       left join delta d on d.tenant_id = $1 and d.log_index = b.first_index
      where b.tenant_id = $1 order by b.first_index`,
    [tenantNo],
  )
  return rows
}
