import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'
import type { NumberedEntry, PlacedEntry } from './audit.sql.ts'

/** Any number; it names this lock among those of the database. */
const LOCK = 6_962

/** Waits until nobody else grows the log, and keeps others out until the transaction ends. */
export async function lockLog(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCK])
}

/** Whether entries wait to be taken in. Index: primary key of a table that is nearly always empty. */
export async function hasPending(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ waits: boolean }>('select exists (select 1 from audit_pending) as waits')
  return rows[0]?.waits ?? false
}

/** The oldest entries that the log lacks, in the order of their numbers. Call under `lockLog`. */
export async function listPending(tx: Tx, limit: number): Promise<NumberedEntry[]> {
  const { rows } = await tx.query<NumberedEntry>(
    `select e.no, e.id, e.tenant_id as "tenantId", e.actor_kind as "actorKind", e.actor_id as "actorId", e.action,
            e.target, e.environment, e.details, e.address, e.request_id as "requestId", e.created_at as "createdAt"
     from audit_pending p
     join audit_entry e on e.no = p.entry_no
     order by p.entry_no
     limit $1`,
    [limit],
  )
  return rows
}

/** Notes that the log has these entries. Call under `lockLog`. */
export async function deletePending(tx: Tx, entryNos: readonly number[]): Promise<void> {
  await tx.query('delete from audit_pending where entry_no = any($1::bigint[])', [entryNos])
}

export interface LeafRow {
  readonly logIndex: number
  readonly entryNo: number
  /** 32 bytes. */
  readonly leaf: Uint8Array
  /** Interior nodes that it completes, from level 1 upwards. */
  readonly nodes: Uint8Array
}

/** Appends leaves. The primary key refuses a second leaf at a place. Call under `lockLog`. */
export async function insertLeaves(tx: Tx, leaves: readonly LeafRow[]): Promise<void> {
  await tx.query(
    `insert into audit_leaf (log_index, entry_no, leaf, nodes)
     select * from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])`,
    [
      leaves.map(({ logIndex }) => logIndex),
      leaves.map(({ entryNo }) => entryNo),
      leaves.map(({ leaf }) => leaf),
      leaves.map(({ nodes }) => nodes),
    ],
  )
}

/** Leaves by their places, those that exist, in no order. Index: primary key. */
export async function listLeavesAt(
  db: Db,
  logIndexes: readonly number[],
): Promise<Pick<LeafRow, 'logIndex' | 'leaf' | 'nodes'>[]> {
  const { rows } = await db.query<LeafRow>(
    'select log_index as "logIndex", leaf, nodes from audit_leaf where log_index = any($1::bigint[])',
    [logIndexes],
  )
  return rows
}

export interface SignedHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly note: string
}

/** Keeps a signed head. The primary key refuses a second root for a size. */
export async function insertNote(tx: Tx, head: SignedHead, signedAt: Timestamp): Promise<void> {
  await tx.query('insert into audit_note (size, root, note, signed_at) values ($1, $2, $3, $4)', [
    head.size,
    head.root,
    head.note,
    signedAt,
  ])
}

/** The newest signed head; undefined for an empty log. Index: primary key, from its end. */
export async function findHead(db: Db): Promise<SignedHead | undefined> {
  const { rows } = await db.query<SignedHead>(
    'select size, root, note from audit_note order by size desc limit 1',
  )
  return rows[0]
}

/** The root that was signed for a size; undefined where none was. Primary key. */
export async function findRootAt(db: Db, size: number): Promise<Uint8Array | undefined> {
  const { rows } = await db.query<{ root: Uint8Array }>('select root from audit_note where size = $1', [size])
  return rows[0]?.root
}

/** Entries with their leaves from a place in the log on, in the log's order. Index: primary key of audit_leaf. */
export async function listPlacedEntries(
  db: Db,
  from: number,
  limit: number,
): Promise<(PlacedEntry & LeafRow)[]> {
  const { rows } = await db.query<PlacedEntry & LeafRow>(
    `select e.no, e.id, e.tenant_id as "tenantId", e.actor_kind as "actorKind", e.actor_id as "actorId", e.action,
            e.target, e.environment, e.details, e.address, e.request_id as "requestId", e.created_at as "createdAt",
            l.log_index as "logIndex", l.entry_no as "entryNo", l.leaf, l.nodes
     from audit_leaf l
     join audit_entry e on e.no = l.entry_no
     where l.log_index >= $1
     order by l.log_index
     limit $2`,
    [from, limit],
  )
  return rows
}

/** Signed heads of sizes above `after`, smallest first. Index: primary key. */
export async function listHeads(db: Db, after: number, limit: number): Promise<SignedHead[]> {
  const { rows } = await db.query<SignedHead>(
    'select size, root, note from audit_note where size > $1 order by size limit $2',
    [after, limit],
  )
  return rows
}

/** Entries that are neither in the log nor waiting for it: somebody took them out. A full scan, for the check. */
export async function countStrayEntries(db: Db): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from audit_entry e
     where not exists (select 1 from audit_leaf l where l.entry_no = e.no)
       and not exists (select 1 from audit_pending p where p.entry_no = e.no)`,
  )
  return rows[0]?.n ?? 0
}
