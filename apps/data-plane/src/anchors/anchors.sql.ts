import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Every log of the plane. */
export async function selectLogs(db: Db): Promise<number[]> {
  const { rows } = await db.query<{ tenant_id: number }>({
    name: 'select_logs',
    text: 'select tenant_id from log order by tenant_id',
  })
  return rows.map((row) => row.tenant_id)
}

export interface Unintegrated {
  readonly tenant_id: number
  /** Committed rows that its tree does not hold yet. */
  readonly waiting_rows: number
  readonly log_size: number
}

/** Tenants whose log has entries that are not in the tree yet, oldest need first, and those that are blocked. */
export async function selectUnintegrated(db: Db, limit: number): Promise<Unintegrated[]> {
  const { rows } = await db.query<Unintegrated>(
    {
      name: 'select_unintegrated',
      text: `select t.tenant_id, h.size - t.size as waiting_rows, h.size as log_size
               from tree_head t
               join log_head h on h.tenant_id = t.tenant_id
               left join verify_state s on s.tenant_id = t.tenant_id
              where t.size < h.size or s.blocked_code is not null
              order by h.last_created_at
              limit $1`,
    },
    [limit],
  )
  return rows
}

/** Tenants with a signed head that is not verified yet. */
export async function selectUnconfirmed(db: Db, limit: number): Promise<number[]> {
  const { rows } = await db.query<{ tenant_id: number }>(
    {
      name: 'select_unconfirmed',
      text: `select v.tenant_id
               from verified_head v
               join tree_head t on t.tenant_id = v.tenant_id
              where v.size < t.size
              limit $1`,
    },
    [limit],
  )
  return rows.map((row) => row.tenant_id)
}

export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
  readonly peaks: Uint8Array
}

/** Claims the tree of a tenant until the transaction ends; undefined while another worker has it. Locks `tree_head`. */
export async function claimTree(db: Db, tenantNo: number): Promise<TreeHead | undefined> {
  const { rows } = await db.query<TreeHead>(
    {
      name: 'claim_tree',
      text: 'select size, root, peaks from tree_head where tenant_id = $1 for update skip locked',
    },
    [tenantNo],
  )
  return rows[0]
}

/** Claims the confirmation of a tenant until the transaction ends; undefined while another worker has it. */
export async function claimVerified(db: Db, tenantNo: number): Promise<number | undefined> {
  const { rows } = await db.query<{ size: number }>(
    {
      name: 'claim_verified',
      text: 'select size from verified_head where tenant_id = $1 for update skip locked',
    },
    [tenantNo],
  )
  return rows[0]?.size
}

export interface LogFacts {
  readonly tenant_public_id: string
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
  readonly sealed_key: Buffer
  readonly log_size: number
  readonly last_created_at: Timestamp
  readonly first_failed_index: number | null
  readonly blocked_code: string | null
  /** Who found what is wrong; null where nothing is. */
  readonly found_by: FoundBy | null
}

/** What the worker must know of a log. Read after the claim, so that `log_size` is not older than the claimed tree. */
export async function selectLogFacts(db: Db, tenantNo: number): Promise<LogFacts> {
  const { rows } = await db.query<LogFacts>(
    {
      name: 'select_log_facts',
      text: `select n.public_id as tenant_public_id, l.log_id, l.origin, l.public_key, k.sealed_key,
                    h.size as log_size, h.last_created_at, s.first_failed_index, s.blocked_code, s.found_by
               from log l
               join tenant n on n.id = l.tenant_id
               join log_key k on k.tenant_id = l.tenant_id
               join log_head h on h.tenant_id = l.tenant_id
               left join verify_state s on s.tenant_id = l.tenant_id
              where l.tenant_id = $1`,
    },
    [tenantNo],
  )
  const [row] = rows
  if (row === undefined) throw new Error(`tenant ${tenantNo} has no log`)
  return row
}

export interface NewTile {
  readonly level: number
  readonly index: number
  readonly root: Uint8Array
  /** 256 hashes, packed. */
  readonly hashes: Uint8Array
}

/** Keeps tiles that became full. A tile that is there already is an error: a claim is exclusive. */
export async function insertTiles(db: Db, tenantNo: number, tiles: readonly NewTile[]): Promise<void> {
  await db.query(
    {
      name: 'insert_tiles',
      text: `insert into log_tile (tenant_id, level, tile_index, root, hashes)
             select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[], $5::bytea[])`,
    },
    [
      tenantNo,
      tiles.map((tile) => tile.level),
      tiles.map((tile) => tile.index),
      tiles.map((tile) => tile.root),
      tiles.map((tile) => tile.hashes),
    ],
  )
}

/** Moves the tree's head. Must run under `claimTree`. */
export async function updateTree(db: Db, tenantNo: number, head: TreeHead): Promise<void> {
  await db.query(
    {
      name: 'update_tree',
      text: 'update tree_head set size = $2, root = $3, peaks = $4 where tenant_id = $1',
    },
    [tenantNo, head.size, head.root, head.peaks],
  )
}

/** Keeps a signed head. The primary key refuses a second root for a size. */
export async function insertNote(
  db: Db,
  tenantNo: number,
  note: {
    readonly size: number
    readonly root: Uint8Array
    readonly note: string
    readonly signedAt: Timestamp
  },
): Promise<void> {
  await db.query(
    {
      name: 'insert_note',
      text: 'insert into log_note (tenant_id, size, root, note, signed_at) values ($1, $2, $3, $4, $5)',
    },
    [tenantNo, note.size, note.root, note.note, note.signedAt],
  )
}

export interface NoteRow {
  readonly size: number
  readonly root: Buffer
  readonly note: string
}

/** The newest signed head. Primary key, backwards. */
export async function selectNewestNote(db: Db, tenantNo: number): Promise<NoteRow | undefined> {
  const { rows } = await db.query<NoteRow>(
    {
      name: 'select_newest_note',
      text: 'select size, root, note from log_note where tenant_id = $1 order by size desc limit 1',
    },
    [tenantNo],
  )
  return rows[0]
}

/** The signed head of exactly this size. */
export async function selectNoteAt(db: Db, tenantNo: number, size: number): Promise<NoteRow | undefined> {
  const { rows } = await db.query<NoteRow>(
    {
      name: 'select_note_at',
      text: 'select size, root, note from log_note where tenant_id = $1 and size = $2',
    },
    [tenantNo, size],
  )
  return rows[0]
}

/** Notes that a head is at an anchor. Saying so again changes nothing: a crash may lie between the anchor and here. */
export async function insertAnchored(
  db: Db,
  tenantNo: number,
  anchored: { readonly size: number; readonly level: 'file'; readonly anchoredAt: Timestamp },
): Promise<void> {
  await db.query(
    {
      name: 'insert_anchored',
      text: `insert into log_anchor (tenant_id, size, level, anchored_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, level, size) do nothing`,
    },
    [tenantNo, anchored.size, anchored.level, anchored.anchoredAt],
  )
}

/** Moves the verified end of every customer with a delta in [from, to) to its last one there. Must run under `claimVerified`. */
export async function advanceCustomers(db: Db, tenantNo: number, from: number, to: number): Promise<void> {
  await db.query(
    {
      name: 'advance_customers',
      text: `insert into customer_verified (tenant_id, customer_no, seq, log_index, items_root, balance)
             select distinct on (customer_no) $1, customer_no, seq, log_index, items_root, balance
               from delta
              where tenant_id = $1 and log_index >= $2 and log_index < $3
              order by customer_no, seq desc
             on conflict (tenant_id, customer_no) do update
                set seq = excluded.seq, log_index = excluded.log_index,
                    items_root = excluded.items_root, balance = excluded.balance`,
    },
    [tenantNo, from, to],
  )
}

/**
 * Keeps the sums of credits at every 256th delta that is newly verified, [from, to) of the log; a receipt adds up no more
 * than what follows them. A sum that the one before is missing for violates not null. Must run under `claimVerified`.
 */
export async function insertTotals(db: Db, tenantNo: number, from: number, to: number): Promise<void> {
  await db.query(
    {
      name: 'insert_totals',
      text: `insert into customer_total (tenant_id, customer_no, seq, credits)
             select $1, mark.customer_no, mark.seq,
                    case when mark.first_seq = 256 then 0 else
                      (select t.credits from customer_total t
                        where t.tenant_id = $1 and t.customer_no = mark.customer_no and t.seq = mark.first_seq - 256)
                    end
                    + sum(block.credits) over (partition by mark.customer_no order by mark.seq)
               from (select customer_no, seq, min(seq) over (partition by customer_no) as first_seq
                       from delta
                      where tenant_id = $1 and log_index >= $2 and log_index < $3 and seq % 256 = 0) mark
              cross join lateral (
                select sum(greatest(d.amount, 0)) as credits
                  from delta d
                 where d.tenant_id = $1 and d.customer_no = mark.customer_no
                   and d.seq > mark.seq - 256 and d.seq <= mark.seq
              ) block`,
    },
    [tenantNo, from, to],
  )
}

/**
 * Adds the writes in [from, to) to the verified sums of their keys. A key is its first account's; what others wrote under it
 * by other routes is no write of it. Must run under `claimVerified`.
 */
export async function advanceBuckets(db: Db, tenantNo: number, from: number, to: number): Promise<void> {
  await db.query(
    {
      name: 'advance_buckets',
      text: `with w as (
               select log_index, customer_no, reference_id as key, amount from delta
                where tenant_id = $1 and log_index >= $2 and log_index < $3 and reason = 'write'
                  and reference_hash is not null
             ), owner as (
               select k.key, coalesce(b.customer_no, k.customer_no) as customer_no
                 from (select distinct on (key) key, customer_no from w order by key, log_index) k
                 left join bucket_verified b on b.tenant_id = $1 and b.key = k.key
             )
             insert into bucket_verified as b (tenant_id, key, customer_no, bits, write_count, last_index)
             select $1, w.key, w.customer_no, sum(w.amount), count(*), max(w.log_index)
               from w join owner o on o.key = w.key and o.customer_no = w.customer_no
              group by w.key, w.customer_no
             on conflict (tenant_id, key) do update
                set bits = b.bits + excluded.bits, write_count = b.write_count + excluded.write_count,
                    last_index = excluded.last_index`,
    },
    [tenantNo, from, to],
  )
}

/** Moves the verified head. Must run under `claimVerified`. */
export async function updateVerified(db: Db, tenantNo: number, size: number): Promise<void> {
  await db.query(
    { name: 'update_verified', text: 'update verified_head set size = $2 where tenant_id = $1' },
    [tenantNo, size],
  )
}

/** The last sequence number of a customer below a log index. A binary search over unique (tenant, customer, seq). */
export async function selectSeqBelow(
  db: Db,
  tenantNo: number,
  customerNo: number,
  logIndex: number,
): Promise<number | undefined> {
  const { rows } = await db.query<{ seq: number }>(
    {
      name: 'select_seq_below',
      text: `select last_seq_below($1, $2, coalesce(
                      (select d.seq from delta d where d.tenant_id = $1 and d.customer_no = $2
                        order by d.seq desc limit 1), 0), $3) as seq`,
    },
    [tenantNo, customerNo, logIndex],
  )
  return rows[0]?.seq || undefined
}

/** Where the verified ledgers of some customers end; those without a verified delta are left out. Primary key. */
export async function selectVerifiedPlaces(
  db: Db,
  tenantNo: number,
  customerNos: readonly number[],
): Promise<ReadonlyMap<number, { readonly seq: number; readonly log_index: number }>> {
  const { rows } = await db.query<{ customer_no: number; seq: number; log_index: number }>(
    {
      name: 'select_verified_places',
      text: `select customer_no, seq, log_index from customer_verified
              where tenant_id = $1 and customer_no = any($2::int[])`,
    },
    [tenantNo, customerNos],
  )
  return new Map(rows.map((row) => [row.customer_no, row]))
}

/** The recomputation of new rows, or the scrubber, which walks old ones. Each takes back only what it said itself. */
export type FoundBy = 'recompute' | 'scrub'

export interface FoundFailure {
  readonly firstFailedIndex: number | null
  readonly blockedCode: 'LOG_BEHIND_ANCHOR' | null
  readonly discrepancies: readonly string[]
}

/** Keeps what verification found wrong, in place of what was found before. Must run under `claimTree` or `lockFailure`. */
export async function upsertFailure(
  db: Db,
  tenantNo: number,
  failure: FoundFailure,
  foundBy: FoundBy,
  foundAt: Timestamp,
): Promise<void> {
  await db.query(
    {
      name: 'upsert_failure',
      text: `insert into verify_state (tenant_id, first_failed_index, blocked_code, discrepancies, found_by, found_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id) do update
                set first_failed_index = excluded.first_failed_index, blocked_code = excluded.blocked_code,
                    discrepancies = excluded.discrepancies, found_by = excluded.found_by, found_at = excluded.found_at`,
    },
    [
      tenantNo,
      failure.firstFailedIndex,
      failure.blockedCode,
      JSON.stringify(failure.discrepancies),
      foundBy,
      foundAt,
    ],
  )
}

/** Forgets a failure that is repaired, if it is one of `foundBy`'s. */
export async function deleteFailure(db: Db, tenantNo: number, foundBy: FoundBy): Promise<void> {
  await db.query(
    { name: 'delete_failure', text: 'delete from verify_state where tenant_id = $1 and found_by = $2' },
    [tenantNo, foundBy],
  )
}

export interface KnownFailure {
  readonly first_failed_index: number | null
  readonly blocked_code: string | null
  readonly discrepancies: readonly string[]
  readonly found_by: FoundBy
  readonly found_at: Timestamp
}

/** Waits for the claim of a tenant's tree, holds it until the transaction ends, and reads what is known to be wrong. */
export async function lockFailure(db: Db, tenantNo: number): Promise<KnownFailure | undefined> {
  await db.query({ name: 'lock_tree', text: 'select size from tree_head where tenant_id = $1 for update' }, [
    tenantNo,
  ])
  // A statement of its own: it must see what the one that held the lock has committed.
  const { rows } = await db.query<KnownFailure>(
    {
      name: 'select_failure',
      text: `select first_failed_index, blocked_code, discrepancies, found_by, found_at
               from verify_state where tenant_id = $1`,
    },
    [tenantNo],
  )
  return rows[0]
}

/** Tells the api processes that something was verified, or found damaged. A hint; who waits polls as well. */
export async function notifyLogVerified(db: Db): Promise<void> {
  await db.query(`notify ${LOG_VERIFIED}`)
}

/** The channel of `notifyLogVerified`. */
export const LOG_VERIFIED = 'log_verified'
