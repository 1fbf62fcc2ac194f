import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from '../ledger/front-door.ts'

export interface CheckedLog {
  readonly tenant_id: number
  readonly tenant_public_id: string
  /** Its first head may not have reached the anchor yet. */
  readonly is_provisioning: boolean
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
  readonly log_size: number
  readonly delta_count: number
  readonly customer_count: number
  /** Null where it is a time that nothing here writes. */
  readonly last_created_at: Timestamp | null
  readonly tree_size: number
  readonly tree_root: Buffer
  readonly peaks: Buffer
  readonly verified_size: number
  readonly first_failed_index: number | null
  readonly blocked_code: string | null
}

/** The names of all logs at the anchor. */
export async function selectLogIds(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ log_id: string }>('select log_id from log')
  return rows.map((row) => row.log_id)
}

/** Every log that has its tenant and its heads; `selectMissing` names the others. */
export async function selectLogs(db: Db): Promise<CheckedLog[]> {
  const { rows } = await db.query<CheckedLog>(
    `select l.tenant_id, n.public_id as tenant_public_id, n.status = 'provisioning' as is_provisioning,
            l.log_id, l.origin, l.public_key, h.size as log_size,
            h.delta_count, h.customer_count, t.size as tree_size, t.root as tree_root, t.peaks,
            v.size as verified_size, s.first_failed_index, s.blocked_code,
            case when h.last_created_at = date_trunc('milliseconds', h.last_created_at)
                  and h.last_created_at >= '1970-01-01' and h.last_created_at < '10000-01-01'
                 then h.last_created_at end as last_created_at
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

/** A table that holds nothing of a tenant where it must, or something of a tenant that has no log. */
export interface Misplaced {
  readonly name: string
  /** Public id where there is one, else the number. */
  readonly tenant: string
}

/** What a log, or a tenant that is open for requests, cannot be without. */
export async function selectMissing(db: Db): Promise<Misplaced[]> {
  const { rows } = await db.query<Misplaced>(
    `select missing.name, coalesce(n.public_id, l.tenant_id::text) as tenant
       from log l
       left join tenant n on n.id = l.tenant_id
      cross join lateral (
        select 'tenant' as name where n.id is null
        union all
        select 'log_key' where not exists (select from log_key k where k.tenant_id = l.tenant_id)
        union all
        select 'log_head' where not exists (select from log_head h where h.tenant_id = l.tenant_id)
        union all
        select 'tree_head' where not exists (select from tree_head t where t.tenant_id = l.tenant_id)
        union all
        select 'verified_head' where not exists (select from verified_head v where v.tenant_id = l.tenant_id)
      ) missing
     union all
     select 'log', n.public_id from tenant n
      where n.status = 'active' and not exists (select from log l where l.tenant_id = n.id)`,
  )
  return rows
}

/** Rows of ledger tables that belong to no log: nothing that walks the logs would ever see them. */
export async function selectOrphans(db: Db): Promise<Misplaced[]> {
  const { rows } = await db.query<Misplaced>(
    `select orphan.name, coalesce(n.public_id, orphan.tenant_id::text) as tenant
       from (
         select distinct 'delta' as name, tenant_id from delta
         union all select distinct 'customer', tenant_id from customer
         union all select distinct 'customer_verified', tenant_id from customer_verified
         union all select distinct 'batch_request', tenant_id from batch_request
         union all select 'log_key', tenant_id from log_key
         union all select 'log_head', tenant_id from log_head
         union all select 'tree_head', tenant_id from tree_head
         union all select 'verified_head', tenant_id from verified_head
         union all select 'verify_state', tenant_id from verify_state
         union all select distinct 'log_tile', tenant_id from log_tile
         union all select distinct 'log_note', tenant_id from log_note
         union all select distinct 'log_anchor', tenant_id from log_anchor
       ) orphan
       left join tenant n on n.id = orphan.tenant_id
      where not exists (select from log l where l.tenant_id = orphan.tenant_id)`,
  )
  return rows
}

/** A stored delta, read as far as it can be. */
export interface CheckedRow extends StoredDelta {
  /** False where a time or an amount has a form that nothing here writes; the row then holds stand-ins for them. */
  readonly is_readable: boolean
}

/** A stretch of the ledger by log index, gaps or not, without the joins that could hide a row. */
export async function selectRows(
  db: Db,
  tenantNo: number,
  from: number,
  limit: number,
): Promise<CheckedRow[]> {
  const { rows } = await db.query<CheckedRow>(
    {
      name: 'fsck_select_rows',
      text: `select d.log_index, d.tenant_id, d.customer_no, d.seq, d.record_nonce, d.items_root, d.nodes,
                    d.reason, d.reference_id, d.reference_hash::text, d.metadata, d.key_digest,
                    d.adjusts_record_id, d.adjusts_reference_id, coalesce(c.customer_id, '') as customer_id,
                    null::bytea as previous_root, r.is_readable,
                    case when r.is_readable then d.created_at else '1970-01-01' end as created_at,
                    case when r.is_readable then d.amount else 1 end as amount,
                    case when r.is_readable then d.balance else 1 end as balance
               from delta d
               left join customer c on c.tenant_id = d.tenant_id and c.customer_no = d.customer_no
              cross join lateral (
                select d.created_at = date_trunc('milliseconds', d.created_at)
                       and d.created_at >= '1970-01-01' and d.created_at < '10000-01-01'
                       and d.amount < 'Infinity' and d.amount > '-Infinity' and scale(trim_scale(d.amount)) <= 12
                       and d.balance < 'Infinity' and d.balance > '-Infinity' and scale(trim_scale(d.balance)) <= 12
                       as is_readable
              ) r
              where d.tenant_id = $1 and d.log_index >= $2
              order by d.log_index limit $3`,
    },
    [tenantNo, from, limit],
  )
  return rows
}

export interface CheckedNote {
  readonly size: number
  readonly root: Buffer
  readonly note: string
}

/** Every signed head of a log, smallest first. */
export async function selectNotes(db: Db, tenantNo: number): Promise<CheckedNote[]> {
  const { rows } = await db.query<CheckedNote>(
    'select size, root, note from log_note where tenant_id = $1 order by size',
    [tenantNo],
  )
  return rows
}

export interface CheckedAnchoring {
  readonly size: number
  readonly level: string
}

/** What is said of heads at anchors. */
export async function selectAnchorings(db: Db, tenantNo: number): Promise<CheckedAnchoring[]> {
  const { rows } = await db.query<CheckedAnchoring>(
    'select size, level from log_anchor where tenant_id = $1 order by size, level',
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
  readonly request_hash: Buffer
  readonly unwritten: string
  readonly first_key_digest: Buffer | null
  readonly rows_there: number
}

/** Every kept batch request with what the ledger holds in its place. */
export async function selectBatches(db: Db, tenantNo: number): Promise<CheckedBatch[]> {
  const { rows } = await db.query<CheckedBatch>(
    `select b.first_index, b.row_count, b.key_digest, b.request_hash, b.unwritten, d.key_digest as first_key_digest,
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
