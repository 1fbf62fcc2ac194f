import type { Db } from '@pacspace/service/postgres'
import type { KeptKind, StoredCut, StoredDelta } from '../ledger/front-door.ts'

export interface CheckedLog {
  readonly tenant_id: number
  /** Null where the tenant's row is gone. */
  readonly tenant_public_id: string | null
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
}

/** Tenants that are open for requests and have no log. */
export async function selectLogless(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ public_id: string }>({
    name: 'fsck_select_logless',
    text: `select n.public_id from tenant n
            where n.status = 'active' and not exists (select from log l where l.tenant_id = n.id)`,
  })
  return rows.map((row) => row.public_id)
}

/** Every log. */
export async function selectLogs(db: Db): Promise<CheckedLog[]> {
  const { rows } = await db.query<CheckedLog>({
    name: 'fsck_select_logs',
    text: `select l.tenant_id, n.public_id as tenant_public_id, l.log_id, l.origin, l.public_key
             from log l left join tenant n on n.id = l.tenant_id
            order by l.tenant_id`,
  })
  return rows
}

/** Tables whose rows belong to a log, by tenant_id. */
const TABLES_OF_LOGS = [
  'batch_request',
  'bucket_verified',
  'checkpoint',
  'checkpoint_check',
  'checkpoint_cut',
  'checkpoint_part',
  'customer',
  'customer_total',
  'customer_verified',
  'delta',
  'fact',
  'log_anchor',
  'log_head',
  'log_key',
  'log_note',
  'log_tile',
  'tree_head',
  'verified_head',
  'verify_state',
  'void',
]

/**
 * Rows that belong to no log: nothing that walks the logs would ever see them. `tenants_in` steps over primary keys, one
 * probe a tenant and table.
 */
export async function selectOrphans(
  db: Db,
): Promise<{ readonly name: string; readonly tenant_id: number }[]> {
  const { rows } = await db.query<{ name: string; tenant_id: number }>(
    {
      name: 'fsck_select_orphans',
      text: `select t.name, o.tenant_id
               from unnest($1::text[]) as t (name)
              cross join lateral tenants_in(t.name::regclass) as o (tenant_id)
              where not exists (select from log l where l.tenant_id = o.tenant_id)`,
    },
    [TABLES_OF_LOGS],
  )
  return rows
}

/** A stored delta, read as far as it can be. */
export interface CheckedRow extends StoredDelta {
  /** False where a time or an amount has a form that nothing here writes; the row then holds stand-ins for them. */
  readonly is_readable: boolean
}

/** A stretch of the ledger by log index, gaps or not, without the joins that could hide a row. Primary key. */
export async function selectRows(db: Db, tenantNo: number, from: number, to: number): Promise<CheckedRow[]> {
  const { rows } = await db.query<CheckedRow>(
    {
      name: 'fsck_select_rows',
      text: `select d.log_index, d.tenant_id, d.customer_no, d.seq, d.record_nonce, d.items_root, d.nodes,
                    d.reason, d.reference_id, d.reference_hash::text, d.metadata, d.key_digest,
                    d.adjusts_record_id, d.adjusts_reference_id, null::bytea as previous_root, r.is_readable,
                    case when r.is_readable then d.created_at else '1970-01-01' end as created_at,
                    case when r.is_readable then d.amount else 1 end as amount,
                    case when r.is_readable then d.balance else 1 end as balance,
                    coalesce((select c.customer_id from customer c
                               where c.tenant_id = $1 and c.customer_no = d.customer_no), '') as customer_id
               from delta d
              cross join lateral (
                select d.created_at = date_trunc('milliseconds', d.created_at)
                       and d.created_at >= '1970-01-01' and d.created_at < '10000-01-01'
                       and d.amount < 'Infinity' and d.amount > '-Infinity' and scale(trim_scale(d.amount)) <= 12
                       and d.balance < 'Infinity' and d.balance > '-Infinity' and scale(trim_scale(d.balance)) <= 12
                       as is_readable
              ) r
              where d.tenant_id = $1 and d.log_index >= $2 and d.log_index < $3
              order by d.log_index`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface CheckedNote {
  readonly size: number
  /** Of the note before it; 0 for the first. */
  readonly previous_size: number
  readonly root: Buffer
  readonly note: string
}

/** Signed heads with sizes in (from, to], smallest first. Primary key. */
export async function selectNotes(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<CheckedNote[]> {
  const { rows } = await db.query<CheckedNote>(
    {
      name: 'fsck_select_notes',
      text: `select n.size, n.root, n.note,
                    coalesce((select max(p.size) from log_note p
                               where p.tenant_id = $1 and p.size < n.size), 0) as previous_size
               from log_note n
              where n.tenant_id = $1 and n.size > $2 and n.size <= $3
              order by n.size`,
    },
    [tenantNo, from, to],
  )
  return rows
}

/** The roots and texts of the signed heads of these sizes; sizes without one are left out. Primary key. */
export async function selectNotesAt(
  db: Db,
  tenantNo: number,
  sizes: readonly number[],
): Promise<Omit<CheckedNote, 'previous_size'>[]> {
  const { rows } = await db.query<CheckedNote>(
    {
      name: 'fsck_select_notes_at',
      text: 'select size, root, note from log_note where tenant_id = $1 and size = any($2::bigint[])',
    },
    [tenantNo, sizes],
  )
  return rows
}

export interface CheckedTile {
  readonly level: number
  readonly index: number
  readonly root: Buffer
  readonly hashes: Buffer
}

/** The tiles with these places; those that are missing are left out. Primary key. */
export async function selectTilesAt(
  db: Db,
  tenantNo: number,
  places: readonly { readonly level: number; readonly index: number }[],
): Promise<CheckedTile[]> {
  const { rows } = await db.query<CheckedTile>(
    {
      name: 'fsck_select_tiles_at',
      text: `select t.level, t.tile_index as index, t.root, t.hashes
               from unnest($2::smallint[], $3::bigint[]) as w (level, tile_index)
               join log_tile t on t.tenant_id = $1 and t.level = w.level and t.tile_index = w.tile_index`,
    },
    [tenantNo, places.map(({ level }) => level), places.map(({ index }) => index)],
  )
  return rows
}

/** Anchorings with sizes in (from, to] that are none: of no signed head, or at an anchor that no plane has. */
export async function selectFalseAnchorings(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<{ readonly size: number; readonly level: string }[]> {
  const { rows } = await db.query<{ size: number; level: string }>(
    {
      name: 'fsck_select_false_anchorings',
      text: `select a.size, a.level from log_anchor a
              where a.tenant_id = $1 and a.size > $2 and a.size <= $3
                and (a.level <> 'file'
                     or not exists (select from log_note n where n.tenant_id = $1 and n.size = a.size))`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface CheckedRequest {
  readonly kind: KeptKind
  readonly first_index: number
  readonly row_count: number
  readonly request_hash: Buffer
  readonly unwritten: string
  readonly has_its_key: boolean
  /** Of its deltas, those that are void. */
  readonly void_count: number
  /** Of a fact. */
  readonly content: string | null
  readonly metadata: string | null
}

/** Kept requests of deltas and facts that begin in [from, to). Reads the index on first_index; primary keys. */
export async function selectRequests(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<CheckedRequest[]> {
  const { rows } = await db.query<CheckedRequest>(
    {
      name: 'fsck_select_requests',
      text: `select b.kind, b.first_index, b.row_count, b.request_hash, b.unwritten, f.content, f.metadata,
                    coalesce(b.key_digest = case b.kind when 'fact' then f.key_digest else d.key_digest end,
                             v.log_index is not null and b.kind <> 'fact') as has_its_key,
                    (select count(*) from void w where w.tenant_id = $1 and w.log_index >= b.first_index
                        and w.log_index < b.first_index + b.row_count) as void_count
               from batch_request b
               left join delta d on d.tenant_id = $1 and d.log_index = b.first_index
               left join fact f on f.tenant_id = $1 and f.log_index = b.first_index
               left join void v on v.tenant_id = $1 and v.log_index = b.first_index
              where b.tenant_id = $1 and b.first_index >= $2 and b.first_index < $3
              order by b.first_index`,
    },
    [tenantNo, from, to],
  )
  return rows
}

/** Log indexes in [from, to) of facts that carry a key of which no request is kept. Primary keys. */
export async function selectFactsWithoutRequest(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<number[]> {
  const { rows } = await db.query<{ log_index: number }>(
    {
      name: 'fsck_select_facts_without_request',
      text: `select f.log_index from fact f
              where f.tenant_id = $1 and f.log_index >= $2 and f.log_index < $3 and f.key_digest is not null
                and not exists (select from batch_request b where b.tenant_id = $1 and b.key_digest = f.key_digest)`,
    },
    [tenantNo, from, to],
  )
  return rows.map((row) => row.log_index)
}

/**
 * The first entry in [from, to), deltas apart, with a time or an amount of a form that nothing here writes. Primary keys.
 */
export async function selectUnreadable(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<number | undefined> {
  const { rows } = await db.query<{ log_index: number | null }>(
    {
      name: 'fsck_select_unreadable',
      text: `select min(e.log_index) as log_index
               from (
                 select log_index, array[created_at] as times, '{}'::numeric[] as amounts
                   from fact where tenant_id = $1 and log_index >= $2 and log_index < $3
                 union all
                 select log_index, array[created_at, voided_at], array[amount]
                   from void where tenant_id = $1 and log_index >= $2 and log_index < $3
                 union all
                 select log_index, array[created_at, cut_at, start_at, end_at],
                        array[starting_balance, net_change, ending_balance]
                   from checkpoint where tenant_id = $1 and log_index >= $2 and log_index < $3
               ) e
              where exists (select from unnest(e.times) as t
                             where t <> date_trunc('milliseconds', t) or t < '0001-01-01' or t >= '10000-01-01')
                 or exists (select from unnest(e.amounts) as a
                             where not (a < 'Infinity' and a > '-Infinity' and scale(trim_scale(a)) <= 12))`,
    },
    [tenantNo, from, to],
  )
  return rows[0]?.log_index ?? undefined
}

export interface CheckedCustomer {
  readonly customer_no: number
  readonly is_there: boolean
  /** Of its first delta; null where it has none. */
  readonly first_index: number | null
  readonly is_first_index: boolean
  /** Log index of its last verified delta; null where nothing of it is verified. */
  readonly last_index: number | null
  readonly last_seq: number | null
  /** True where the verified end is exactly that delta's. */
  readonly is_verified_end: boolean
}

/**
 * Customers and verified ends after `customerNo`, in order, each held against the deltas that they are made of: the rows
 * themselves are derived again elsewhere. Where the first delta of a customer is void, the void stands for it. Compared in SQL, so that no digit is lost. Unique (tenant, customer, seq).
 */
export async function selectCustomers(
  db: Db,
  tenantNo: number,
  customerNo: number,
  verifiedSize: number,
  limit: number,
): Promise<CheckedCustomer[]> {
  const { rows } = await db.query<CheckedCustomer>(
    {
      name: 'fsck_select_customers',
      text: `select w.customer_no, c.customer_no is not null as is_there, f.log_index as first_index,
                    c.first_index is not distinct from f.log_index
                      or exists (select from void o where o.tenant_id = $1 and o.log_index = c.first_index
                                    and o.log_index < coalesce(f.log_index, o.log_index + 1)) as is_first_index,
                    e.log_index as last_index, e.seq as last_seq,
                    (v.seq, v.log_index, v.items_root, v.balance)
                      is not distinct from (e.seq, e.log_index, e.items_root, e.balance) as is_verified_end
               from (select customer_no from customer where tenant_id = $1 and customer_no > $2::bigint
                      union
                     select customer_no from customer_verified where tenant_id = $1 and customer_no > $2::bigint
                      order by customer_no limit $4) w
               left join customer c on c.tenant_id = $1 and c.customer_no = w.customer_no
               left join customer_verified v on v.tenant_id = $1 and v.customer_no = w.customer_no
               left join delta f on f.tenant_id = $1 and f.customer_no = w.customer_no and f.seq = 1
               left join lateral (
                 select d.seq, d.log_index, d.items_root, d.balance from delta d
                  where d.tenant_id = $1 and d.customer_no = w.customer_no and d.log_index < $3
                  order by d.seq desc limit 1
               ) e on true
              order by w.customer_no`,
    },
    [tenantNo, customerNo, verifiedSize, limit],
  )
  return rows
}

export interface CheckedHeads {
  readonly has_tenant: boolean
  /** Its first head may not have reached the anchor yet. */
  readonly is_provisioning: boolean
  readonly has_key: boolean
  readonly log_size: number | null
  readonly delta_count: number | null
  readonly customer_count: number | null
  /** True where it is the time of the last entry or cut, or there is none. */
  readonly is_last_time: boolean
  readonly tree_size: number | null
  readonly tree_root: Buffer | null
  readonly peaks: Buffer | null
  readonly verified_size: number | null
  readonly is_verified_anchored: boolean
  /** What the rows say: one past the last log index, the last customer number. */
  readonly end_index: number
  /** Entries that an allowance counts. */
  readonly counted: number
  readonly last_customer: number
  readonly largest_note: number
  readonly largest_anchoring: number
  readonly last_batch: number
  readonly first_failed_index: number | null
  readonly blocked_code: string | null
}

/** The heads of a log beside the ends of the tables that they speak of. Primary keys, backwards; unique indexes. */
export async function selectHeads(db: Db, tenantNo: number): Promise<CheckedHeads> {
  const { rows } = await db.query<CheckedHeads>(
    {
      name: 'fsck_select_heads',
      text: `select n.id is not null as has_tenant, coalesce(n.status = 'provisioning', false) as is_provisioning,
                     k.tenant_id is not null as has_key,
                    h.size as log_size, h.delta_count, h.customer_count,
                    coalesce(h.last_created_at = e.last_time, true) as is_last_time,
                    t.size as tree_size, t.root as tree_root, t.peaks, v.size as verified_size,
                    exists (select from log_anchor a where a.tenant_id = w.tenant_id and a.level = 'file'
                               and a.size = v.size) as is_verified_anchored,
                    e.end_index, counted_deltas(w.tenant_id, 0, e.end_index) as counted,
                    coalesce((select max(customer_no) from customer c where c.tenant_id = w.tenant_id), 0) as last_customer,
                    coalesce((select max(size) from log_note o where o.tenant_id = w.tenant_id), -1) as largest_note,
                    coalesce((select max(size) from log_anchor a where a.tenant_id = w.tenant_id), -1) as largest_anchoring,
                    coalesce((select max(first_index) from batch_request b where b.tenant_id = w.tenant_id), -1) as last_batch,
                    s.first_failed_index, s.blocked_code
               from (select $1::int as tenant_id) w
               left join tenant n on n.id = w.tenant_id
               left join log_key k on k.tenant_id = w.tenant_id
               left join log_head h on h.tenant_id = w.tenant_id
               left join tree_head t on t.tenant_id = w.tenant_id
               left join verified_head v on v.tenant_id = w.tenant_id
               left join verify_state s on s.tenant_id = w.tenant_id
              cross join lateral (
                select coalesce(max(l.log_index) + 1, 0) as end_index, max(l.created_at) as last_time
                  from ((select log_index, created_at from delta where tenant_id = w.tenant_id
                          order by log_index desc limit 1)
                        union all
                        (select log_index, created_at from checkpoint where tenant_id = w.tenant_id
                          order by log_index desc limit 1)
                        union all
                        (select log_index, created_at from fact where tenant_id = w.tenant_id
                          order by log_index desc limit 1)
                        union all
                        (select log_index, created_at from void where tenant_id = w.tenant_id
                          order by log_index desc limit 1)
                        union all
                        select null, max(cut_at) from checkpoint_cut where tenant_id = w.tenant_id) l) e`,
    },
    [tenantNo],
  )
  const [row] = rows
  if (row === undefined) throw new Error('one row of heads for each log')
  return row
}

/** The last tile of each level. Primary key. */
export async function selectLastTiles(
  db: Db,
  tenantNo: number,
): Promise<{ readonly level: number; readonly index: number }[]> {
  const { rows } = await db.query<{ level: number; index: number }>(
    {
      name: 'fsck_select_last_tiles',
      text: `select l.level, m.tile_index as index
               from generate_series(0, 7) as l (level)
              cross join lateral (select tile_index from log_tile
                                   where tenant_id = $1 and level = l.level order by tile_index desc limit 1) m`,
    },
    [tenantNo],
  )
  return rows
}

export interface CheckedCut extends StoredCut {
  /** False where only its parts or its check are there. */
  readonly is_there: boolean
  readonly is_in_log: boolean
  readonly has_check: boolean
  readonly checked_root: Buffer | null
  readonly check_text: string | null
  /** Of its entry, else the end of what is verified: nothing rests on it. */
  readonly log_index: number
}

/** Cuts of checkpoints of all customers, with what became of them, and those of which only that is left. Primary keys. */
export async function selectCuts(db: Db, tenantNo: number): Promise<CheckedCut[]> {
  const { rows } = await db.query<CheckedCut>(
    {
      name: 'fsck_select_cuts',
      text: `select u.cut_size, u.cut_at, u.start_at, u.end_at, w.nonce, u.period, u.closed, u.mode, u.fingerprints,
                    u.key_digest, u.nonce is not null as is_there, k.nonce is not null as is_in_log,
                    c.nonce is not null as has_check, c.root as checked_root, c.discrepancies::text as check_text,
                    coalesce(k.log_index, (select v.size from verified_head v where v.tenant_id = $1), 0) as log_index
               from (select nonce from checkpoint_cut where tenant_id = $1
                     union
                     select nonce from checkpoint_part where tenant_id = $1
                     union
                     select nonce from checkpoint_check where tenant_id = $1) w
               left join checkpoint_cut u on u.tenant_id = $1 and u.nonce = w.nonce
               left join checkpoint k on k.tenant_id = $1 and k.nonce = w.nonce
               left join checkpoint_check c on c.tenant_id = $1 and c.nonce = w.nonce
              order by u.cut_size, w.nonce`,
    },
    [tenantNo],
  )
  return rows
}

/** Cuts and parts with a time or an amount of a form that nothing here writes. Primary keys. */
export async function selectUnreadableCuts(
  db: Db,
  tenantNo: number,
): Promise<{ readonly name: string; readonly row: string; readonly log_index: number }[]> {
  const { rows } = await db.query<{ name: string; row: string; log_index: number }>(
    {
      name: 'fsck_select_unreadable_cuts',
      text: `select e.name, e.row, coalesce((select v.size from verified_head v where v.tenant_id = $1), 0) as log_index
               from (
                 select 'checkpoint_cut' as name, 'nonce ' || encode(nonce, 'hex') as row,
                        array[cut_at, start_at, end_at] as times, '{}'::numeric[] as amounts
                   from checkpoint_cut where tenant_id = $1
                 union all
                 select 'checkpoint_part', 'customer_no ' || customer_no || ' of ' || encode(nonce, 'hex'), '{}',
                        array[starting_balance, net_change, ending_balance] from checkpoint_part where tenant_id = $1
               ) e
              where exists (select from unnest(e.times) as t
                             where t <> date_trunc('milliseconds', t) or t < '0001-01-01' or t >= '10000-01-01')
                 or exists (select from unnest(e.amounts) as a
                             where not (a < 'Infinity' and a > '-Infinity' and scale(trim_scale(a)) <= 12))`,
    },
    [tenantNo],
  )
  return rows
}

/** Keys of checkpoints without a kept request, and kept requests of checkpoints that are not there. Unique indexes. */
export async function selectKeptCheckpoints(
  db: Db,
  tenantNo: number,
): Promise<{ readonly row: string; readonly text: string; readonly log_index: number }[]> {
  const { rows } = await db.query<{ row: string; text: string; log_index: number }>(
    {
      name: 'fsck_select_kept_checkpoints',
      text: `select 'key_digest ' || encode(coalesce(b.key_digest, k.key_digest), 'hex') as row,
                    case when b.key_digest is null then 'the row is missing' else 'there is no such checkpoint' end as text,
                    coalesce((select v.size from verified_head v where v.tenant_id = $1), 0) as log_index
               from (select key_digest from batch_request
                      where tenant_id = $1 and kind = 'checkpoint' and row_count = 1 and unwritten = '[]') b
               full join (select key_digest from checkpoint where tenant_id = $1 and key_digest is not null
                          union
                          select key_digest from checkpoint_cut where tenant_id = $1 and key_digest is not null) k
                 on k.key_digest = b.key_digest
              where b.key_digest is null or k.key_digest is null`,
    },
    [tenantNo],
  )
  return rows
}

/**
 * Keys whose verified sum is not that of the verified writes of their first account. The rows themselves are derived again
 * elsewhere. Compared in SQL, so that no digit is lost. Reads the index on writes.
 */
export async function selectFalseBuckets(
  db: Db,
  tenantNo: number,
): Promise<{ readonly key: string; readonly log_index: number }[]> {
  const { rows } = await db.query<{ key: string; log_index: number }>(
    {
      name: 'fsck_select_false_buckets',
      text: `with w as (
               select d.log_index, d.customer_no, d.reference_id as key, d.amount from delta d
                where d.tenant_id = $1 and d.reason = 'write' and d.reference_hash is not null
                  and d.log_index < coalesce((select v.size from verified_head v where v.tenant_id = $1), 0)
             ), owner as (
               select distinct on (key) key, customer_no from w order by key, log_index
             ), expected as (
               select w.key collate "C" as key, w.customer_no, sum(w.amount) as bits, count(*) as write_count,
                      max(w.log_index) as last_index
                 from w join owner o on o.key = w.key and o.customer_no = w.customer_no
                group by w.key, w.customer_no
             )
             select coalesce(e.key, b.key) as key, coalesce(e.last_index, 0) as log_index
               from expected e
               full join (select * from bucket_verified where tenant_id = $1) b on b.key = e.key
              where (b.customer_no, b.bits, b.write_count, b.last_index)
                    is distinct from (e.customer_no, e.bits, e.write_count, e.last_index)`,
    },
    [tenantNo],
  )
  return rows
}
