import { timestampOf } from '@pacspace/api/timestamp'
import { append, type CompactRange, compactRange, packNodes, rangeRoot } from '@pacspace/proofs/compact-range'
import { rangeNodes } from '@pacspace/proofs/tree-nodes'
import { type Tx, transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import {
  deletePending,
  findHead,
  hasPending,
  insertLeaves,
  insertNote,
  type LeafRow,
  listPending,
  lockLog,
  type SignedHead,
} from './audit-log.sql.ts'
import { readNodes } from './audit-nodes.ts'
import { leafOf } from './audit-record.ts'

/** Entries that one round takes in: bounds memory and the time that the lock is held. */
const ENTRIES_MAX = 1_000

type GrowContext = Pick<ControlPlaneContext, 'db' | 'clock' | 'auditSigner'>

/**
 * Background step, every second and before a proof is given: takes the entries that wait into the tree, read back from
 * their rows, and signs the new head. One transaction a round, under the log's lock: if the process dies anywhere in it,
 * nothing stands, and the next round starts over. Gives the newest head; undefined for an empty log.
 */
export async function growAuditLog(context: GrowContext): Promise<SignedHead | undefined> {
  while (await hasPending(context.db)) await transaction(context.db, (tx) => growOnce(tx, context))
  return await findHead(context.db)
}

async function growOnce(tx: Tx, { clock, auditSigner }: GrowContext): Promise<void> {
  await lockLog(tx)
  const entries = await listPending(tx, ENTRIES_MAX)
  if (entries.length === 0) return // another process was faster
  const head = await findHead(tx)
  let range = await rangeOf(tx, head)
  const leaves: LeafRow[] = []
  for (const entry of entries) {
    const leaf = leafOf(entry)
    const appended = append(range, leaf)
    leaves.push({ logIndex: range.size, entryNo: entry.no, leaf, nodes: packNodes(appended.completedNodes) })
    range = appended.range
  }
  await insertLeaves(tx, leaves)
  await deletePending(
    tx,
    entries.map(({ no }) => no),
  )
  const grown = { size: range.size, root: rangeRoot(range) }
  await insertNote(tx, { ...grown, note: auditSigner.sign(grown) }, timestampOf(clock.now()))
}

/** The tree as it was signed last. Throws when its rows do not lead to the signed root: nothing is signed on top of damage. */
async function rangeOf(tx: Tx, head: SignedHead | undefined): Promise<CompactRange> {
  const size = head?.size ?? 0
  const nodes = rangeNodes(size)
  const hashOf = await readNodes(tx, nodes)
  const range = compactRange(size, nodes.map(hashOf))
  if (head !== undefined && !Buffer.from(head.root).equals(rangeRoot(range))) {
    throw new Error(`the activity log's rows do not lead to its signed head of size ${size}`)
  }
  return range
}
