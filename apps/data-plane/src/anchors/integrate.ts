import { timestampOf } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { type CompactRange, compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { type Db, transaction } from '@pacspace/service/postgres'
import { type StoredDelta, selectDeltasFrom } from '../ledger/front-door.ts'
import { hashesIn } from '../proofs/front-door.ts'
import {
  claimTree,
  deleteFailure,
  insertNote,
  insertTiles,
  type LogFacts,
  selectLogFacts,
  selectNoteAt,
  type TreeHead,
  updateTree,
  upsertFailure,
} from './anchors.sql.ts'
import type { WorkerContext } from './context.ts'
import type { AnchoredHead } from './file-anchor.ts'
import { growTree } from './grow-tree.ts'
import { openLogKey, signHead } from './log-key.ts'
import {
  type Discrepancy,
  newCustomerEnd,
  type Recomputed,
  recompute,
  type VerifiedEnd,
} from './recompute.ts'
import { readVerifiedEnd, VerifiedDataDamaged } from './verified-end.ts'

/** Rows that one integration takes at most: bounds memory and the time that a claim is held. */
const ROWS_MAX = 4_000

/** What an integration found to do. */
export type Integrated = 'busy' | 'nothing' | 'grown' | 'failed' | 'blocked'

/**
 * Recomputes the tenant's next committed rows, grows its tree by them and signs the new head: steps 3 and 4 of the life
 * of a delta (design.md §4). One transaction under the claim of the tree: if the process dies anywhere in it, nothing
 * stands, and the next worker starts over from the same rows and, Ed25519 being deterministic, signs the same note.
 * Nothing is signed that was not recomputed, nor while the anchor holds something else.
 */
export async function integrate(context: WorkerContext, tenantNo: number): Promise<Integrated> {
  const result = await transaction(context.db, async (tx): Promise<IntegratedTree> => {
    const tree = await claimTree(tx, tenantNo)
    if (tree === undefined) return { result: 'busy' }
    const log = await selectLogFacts(tx, tenantNo)
    const anchored = await context.fileAnchor.newest(log.log_id)
    const blocked = await whyBlocked(tx, tenantNo, tree, log, anchored)
    if (blocked !== undefined) return keepBlocked(context, tx, tenantNo, log, blocked)
    if (tree.size >= log.log_size) return { result: 'nothing' }
    return integrateRows(context, tx, tenantNo, tree, log, anchored)
  })
  if (result.remember !== undefined) {
    const { before, after, ends } = result.remember
    context.memory.store(tenantNo, before, after, ends)
    await context.atStep('tree-committed')
  }
  return result.result
}

interface IntegratedTree {
  readonly result: Integrated
  /** What the worker may remember once the transaction stands. */
  readonly remember?: {
    readonly before: TreeHead
    readonly after: { readonly size: number; readonly root: Uint8Array }
    readonly ends: ReadonlyMap<number, VerifiedEnd>
  }
}

async function integrateRows(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  log: LogFacts,
  anchored: AnchoredHead | undefined,
): Promise<IntegratedTree> {
  // An anchor ahead of the tree is met exactly at its size, so that its root can be compared before anything is signed.
  const mustMeet = anchored !== undefined && anchored.size > tree.size ? anchored : undefined
  const end = Math.min(mustMeet?.size ?? log.log_size, tree.size + ROWS_MAX)
  const rows = await selectDeltasFrom(tx, tenantNo, tree.size, end)
  const recomputed = await recomputeRows(context, tx, tenantNo, tree, rows, end)
  await context.atStep('recomputed')
  const { leaves, ends, discrepancy } = recomputed
  const grown = await growTree(tx, tenantNo, rangeOf(tree), leaves)
  if (mustMeet?.size === grown.range.size && !equalBytes(grown.root, mustMeet.root)) {
    const text = `the root of size ${mustMeet.size} is not the anchored one`
    return keepBlocked(context, tx, tenantNo, log, text)
  }
  if (discrepancy !== null) await keepDiscrepancy(context, tx, tenantNo, log, discrepancy)
  else if (log.first_failed_index !== null) await deleteFailure(tx, tenantNo)
  if (leaves.length === 0) return { result: 'failed' }
  if (grown.tiles.length > 0) await insertTiles(tx, tenantNo, grown.tiles)
  const { size } = grown.range
  await updateTree(tx, tenantNo, { size, root: grown.root, peaks: Buffer.concat(grown.range.peaks) })
  await sign(context, tx, tenantNo, log, { size, root: grown.root })
  const after = { size, root: grown.root }
  return { result: discrepancy === null ? 'grown' : 'failed', remember: { before: tree, after, ends } }
}

async function recomputeRows(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  rows: readonly StoredDelta[],
  end: number,
): Promise<Recomputed> {
  let before: ReadonlyMap<number, VerifiedEnd>
  try {
    before = await endsBefore(context, tx, tenantNo, tree, rows)
  } catch (error) {
    if (!(error instanceof VerifiedDataDamaged)) throw error
    return failedAt(error.logIndex, error.message)
  }
  const recomputed = recompute(rows, tree.size, (row) => endBefore(before, row), null)
  if (recomputed.discrepancy === null && recomputed.leaves.length < end - tree.size) {
    const logIndex = tree.size + recomputed.leaves.length
    return { ...recomputed, discrepancy: { logIndex, texts: ['the row is missing'] } }
  }
  return recomputed
}

function failedAt(logIndex: number, text: string): Recomputed {
  return { leaves: [], ends: new Map(), lastCreatedAt: null, discrepancy: { logIndex, texts: [text] } }
}

function endBefore(before: ReadonlyMap<number, VerifiedEnd>, row: StoredDelta): VerifiedEnd {
  return before.get(row.customer_no) ?? newCustomerEnd(row.customer_no, row.customer_id)
}

/** The ends that the rows build on: remembered, or read back and proved. A row that claims to be the first has none. */
async function endsBefore(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  rows: readonly StoredDelta[],
): Promise<ReadonlyMap<number, VerifiedEnd>> {
  const ends = new Map<number, VerifiedEnd>()
  const seen = new Set<number>()
  for (const row of rows) {
    if (seen.has(row.customer_no)) continue
    seen.add(row.customer_no)
    const known = context.memory.recall(tenantNo, tree, row.customer_no)
    const end =
      known ??
      (row.seq > 1 ? await readVerifiedEnd(tx, tenantNo, tree, row.customer_no, row.seq - 1) : undefined)
    if (end !== undefined) ends.set(row.customer_no, end)
  }
  return ends
}

async function sign(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  log: LogFacts,
  head: { readonly size: number; readonly root: Uint8Array },
): Promise<void> {
  const key = openLogKey(
    log.origin,
    { publicKey: log.public_key, sealedKey: log.sealed_key },
    context.masterKey,
  )
  const note = signHead({ origin: log.origin, ...head }, log.public_key, key)
  await insertNote(tx, tenantNo, { ...head, note, signedAt: timestampOf(context.clock.now()) })
  await context.atStep('signed')
}

/**
 * Why nothing may be signed: the anchor knows a head that this database does not extend (a restore, a stale standby).
 * Undefined where all is well, or where only growing to the anchored size can tell.
 */
async function whyBlocked(
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  log: LogFacts,
  anchored: AnchoredHead | undefined,
): Promise<string | undefined> {
  if (anchored === undefined) return undefined
  if (anchored.size > log.log_size)
    return `the anchor holds ${anchored.size} entries, the database ${log.log_size}`
  if (anchored.size > tree.size) return undefined
  const note = await selectNoteAt(tx, tenantNo, anchored.size)
  if (note !== undefined && equalBytes(note.root, anchored.root)) return undefined
  return `the database has no signed head of size ${anchored.size} with the anchored root`
}

async function keepBlocked(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  log: LogFacts,
  text: string,
): Promise<IntegratedTree> {
  if (log.blocked_code === null) {
    context.log.error({ tenantId: log.tenant_public_id, code: 'LOG_BEHIND_ANCHOR' }, text)
    const failure = {
      firstFailedIndex: null,
      blockedCode: 'LOG_BEHIND_ANCHOR',
      discrepancies: [text],
    } as const
    await upsertFailure(tx, tenantNo, failure, timestampOf(context.clock.now()))
  }
  return { result: 'blocked' }
}

async function keepDiscrepancy(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  log: LogFacts,
  { logIndex, texts }: Discrepancy,
): Promise<void> {
  if (log.first_failed_index === logIndex) return
  context.log.error(
    { tenantId: log.tenant_public_id, logIndex, discrepancies: texts },
    'stored data is damaged',
  )
  const failure = { firstFailedIndex: logIndex, blockedCode: null, discrepancies: texts }
  await upsertFailure(tx, tenantNo, failure, timestampOf(context.clock.now()))
}

function rangeOf(tree: TreeHead): CompactRange {
  const range = compactRange(tree.size, hashesIn(tree.peaks))
  if (tree.size > 0 && !equalBytes(rangeRoot(range), tree.root))
    throw new Error('tree_head contradicts itself')
  return range
}
