import { timestampOf } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { type CompactRange, compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { type Db, transaction } from '@pacspace/service/postgres'
import { type StoredDelta, selectDeltasFrom, selectOtherEntries } from '../ledger/front-door.ts'
import { hashesIn } from '../proofs/front-door.ts'
import type { AnchoredHead } from './anchor-journal.ts'
import {
  claimTree,
  deleteFailure,
  type FoundFailure,
  insertNote,
  insertTiles,
  type LogFacts,
  selectLogFacts,
  selectNoteAt,
  selectVerifiedPlaces,
  type TreeHead,
  updateTree,
  upsertFailure,
} from './anchors.sql.ts'
import type { WorkerContext } from './context.ts'
import { growTree } from './grow-tree.ts'
import { judgeEntries } from './judge-entries.ts'
import { openLogKey, signHead } from './log-key.ts'
import {
  type Discrepancy,
  type JudgedEntry,
  MISSING,
  newCustomerEnd,
  type Recomputed,
  recompute,
  type VerifiedEnd,
} from './recompute.ts'
import { readEndInTree, readVerifiedEnd, VerifiedDataDamaged } from './verified-end.ts'

/** Rows that one integration takes at most: bounds memory and the time that a claim is held. */
export const INTEGRATED_ROWS_MAX = 4_000

/** What an integration found to do. */
export type Integrated = 'busy' | 'nothing' | 'grown' | 'failed' | 'blocked'

/**
 * Recomputes the tenant's next committed rows, grows its tree by them and signs the new head: steps 3 and 4 of the life
 * of a delta (design.md §4). One transaction under the claim of the tree: if the process dies anywhere in it, nothing
 * stands, and the next worker starts over from the same rows and, Ed25519 being deterministic, signs the same note.
 * Nothing is signed that was not recomputed, nor while the anchor holds something else; a log with nothing to integrate
 * is held against its anchor all the same.
 */
export async function integrate(context: WorkerContext, tenantNo: number): Promise<Integrated> {
  const result = await transaction(context.db, (tx) => integrateUnderClaim(context, tx, tenantNo)).catch(
    (error) => {
      if (error instanceof AnchorNotMet) return keepNotMet(context, tenantNo, error)
      throw error
    },
  )
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
    readonly after: TreeHead
    readonly ends: ReadonlyMap<number, VerifiedEnd>
  }
}

/**
 * The rows below an anchored head do not lead to it. Thrown, so that nothing of what was grown on the way stands: none of
 * it is proved.
 */
class AnchorNotMet extends Error {
  readonly failure: FoundFailure

  constructor(failure: FoundFailure) {
    super(failure.discrepancies.join('; '))
    this.name = 'AnchorNotMet'
    this.failure = failure
  }
}

async function integrateUnderClaim(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
): Promise<IntegratedTree> {
  const tree = await claimTree(tx, tenantNo)
  if (tree === undefined) return { result: 'busy' }
  const log = await selectLogFacts(tx, tenantNo)
  const anchored = await context.fileAnchor.peek(log.log_id)
  const blocked = await whyBlocked(tx, tenantNo, tree, log, anchored)
  if (blocked !== undefined) {
    await keepFailure(context, tx, tenantNo, log, behindAnchor(blocked))
    return { result: 'blocked' }
  }
  // Old data is damaged: nothing is signed on top of it. The scrubber sees when it is repaired.
  if (log.found_by === 'scrub') return { result: 'failed' }
  if (anchored !== undefined && anchored.size > tree.size) {
    return meetAnchor(context, tx, tenantNo, tree, log, anchored)
  }
  if (log.blocked_code !== null) await deleteFailure(tx, tenantNo, 'recompute')
  if (tree.size >= log.log_size) return { result: 'nothing' }
  return integrateRows(context, tx, tenantNo, tree, log)
}

/** The usual case: as many rows as one integration takes. Those before a damaged one are signed, it and later ones not. */
async function integrateRows(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  log: LogFacts,
): Promise<IntegratedTree> {
  const end = Math.min(log.log_size, tree.size + INTEGRATED_ROWS_MAX)
  const { after, ends, discrepancy } = await growBy(context, tx, tenantNo, tree, end)
  if (discrepancy !== null) await keepFailure(context, tx, tenantNo, log, damageAt(discrepancy))
  else if (log.first_failed_index !== null) await deleteFailure(tx, tenantNo, 'recompute')
  if (after.size === tree.size) return { result: 'failed' }
  await updateTree(tx, tenantNo, after)
  await sign(context, tx, tenantNo, log, after)
  return { result: discrepancy === null ? 'grown' : 'failed', remember: { before: tree, after, ends } }
}

/**
 * The anchor is ahead of the tree though not of the log: an older copy of the database was restored, and grew again or
 * lost only what the worker had written. The tree grows to the anchored size at once and nothing in between is signed:
 * the lost heads may have had those sizes, and only the anchored root can tell whether the rows are the same.
 */
async function meetAnchor(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  log: LogFacts,
  anchored: AnchoredHead,
): Promise<IntegratedTree> {
  let after = tree
  const ends = new Map<number, VerifiedEnd>()
  while (after.size < anchored.size) {
    const end = Math.min(anchored.size, after.size + INTEGRATED_ROWS_MAX)
    const grown = await growBy(context, tx, tenantNo, after, end)
    if (grown.discrepancy !== null) throw new AnchorNotMet(damageAt(grown.discrepancy))
    after = grown.after
    for (const [customerNo, customerEnd] of grown.ends) ends.set(customerNo, customerEnd)
  }
  if (!equalBytes(after.root, anchored.root)) {
    throw new AnchorNotMet(behindAnchor(`the root of size ${anchored.size} is not the anchored one`))
  }
  await updateTree(tx, tenantNo, after)
  await sign(context, tx, tenantNo, log, after)
  if (log.blocked_code !== null || log.first_failed_index !== null)
    await deleteFailure(tx, tenantNo, 'recompute')
  return { result: 'grown', remember: { before: tree, after, ends } }
}

/** A separate transaction: the one that met the contradiction is rolled back. A rival's finding meanwhile is as good. */
async function keepNotMet(
  context: WorkerContext,
  tenantNo: number,
  { failure }: AnchorNotMet,
): Promise<IntegratedTree> {
  return transaction(context.db, async (tx) => {
    if ((await claimTree(tx, tenantNo)) === undefined) return { result: 'busy' }
    await keepFailure(context, tx, tenantNo, await selectLogFacts(tx, tenantNo), failure)
    return { result: failure.blockedCode === null ? 'failed' : 'blocked' }
  })
}

interface Growth {
  readonly after: TreeHead
  readonly ends: ReadonlyMap<number, VerifiedEnd>
  readonly discrepancy: Discrepancy | null
}

/** Recomputes the rows from the tree's size up to `end`, and keeps the tiles they fill. The head is the caller's to move. */
async function growBy(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  end: number,
): Promise<Growth> {
  const rows = await selectDeltasFrom(tx, tenantNo, tree.size, end)
  const { leaves, ends, discrepancy } = await recomputeRows(context, tx, tenantNo, tree, rows, end)
  await context.atStep('recomputed')
  if (leaves.length === 0) return { after: tree, ends, discrepancy }
  const { range, root, tiles } = await growTree(tx, tenantNo, rangeOf(tree), leaves)
  if (tiles.length > 0) await insertTiles(tx, tenantNo, tiles)
  return { after: { size: range.size, root, peaks: Buffer.concat(range.peaks) }, ends, discrepancy }
}

/** Where the stretch holds as many deltas as indexes, and that is nearly always, nothing else can be in it. */
async function readOthers(
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  end: number,
  deltaCount: number,
): Promise<ReadonlyMap<number, JudgedEntry>> {
  if (deltaCount === end - tree.size) return new Map()
  return judgeEntries(tx, tenantNo, tree, await selectOtherEntries(tx, tenantNo, tree.size, end))
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
  let others: ReadonlyMap<number, JudgedEntry>
  try {
    others = await readOthers(tx, tenantNo, tree, end, rows.length)
    before = await endsBefore(context, tx, tenantNo, tree, rows, others)
  } catch (error) {
    if (!(error instanceof VerifiedDataDamaged)) throw error
    return failedAt(error.logIndex, error.message)
  }
  const recomputed = recompute(rows, tree.size, (row) => endBefore(before, row), null, others)
  if (recomputed.discrepancy === null && recomputed.leaves.length < end - tree.size) {
    const logIndex = tree.size + recomputed.leaves.length
    return { ...recomputed, discrepancy: { logIndex, texts: [MISSING] } }
  }
  return recomputed
}

function failedAt(logIndex: number, text: string): Recomputed {
  return { leaves: [], ends: new Map(), lastCreatedAt: null, discrepancy: { logIndex, texts: [text] } }
}

function endBefore(before: ReadonlyMap<number, VerifiedEnd>, row: StoredDelta): VerifiedEnd {
  return before.get(row.customer_no) ?? newCustomerEnd(row.customer_no, row.customer_id)
}

/**
 * The ends that the rows build on: remembered, or read back and proved. A row that claims to be the first has none, unless
 * something of its customer is verified. What a void took away claims nothing: the end of its customer is looked for,
 * whatever rows behind it say. Throws VerifiedDataDamaged.
 */
async function endsBefore(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  rows: readonly StoredDelta[],
  others: ReadonlyMap<number, JudgedEntry>,
): Promise<ReadonlyMap<number, VerifiedEnd>> {
  const ends = new Map<number, VerifiedEnd>()
  const seen = new Set<number>()
  const keep = (customerNo: number, end: VerifiedEnd | undefined) => {
    seen.add(customerNo)
    if (end !== undefined) ends.set(customerNo, end)
  }
  const recall = (customerNo: number) => context.memory.recall(tenantNo, tree, customerNo)
  for (const { tookAway } of others.values()) {
    const customerNo = tookAway?.customer_no
    if (customerNo === undefined || seen.has(customerNo)) continue
    keep(customerNo, recall(customerNo) ?? (await readEndInTree(tx, tenantNo, tree, customerNo)))
  }
  const first: StoredDelta[] = []
  for (const row of rows) {
    if (seen.has(row.customer_no)) continue
    const known = recall(row.customer_no)
    keep(row.customer_no, known)
    if (known === undefined) first.push(row)
  }
  for (const [customerNo, end] of await readEndsBefore(tx, tenantNo, tree, first)) ends.set(customerNo, end)
  return ends
}

/** Of what is verified, the last one counts, whatever a row claims to follow on: there is no second history beside it. */
async function readEndsBefore(
  tx: Db,
  tenantNo: number,
  tree: TreeHead,
  rows: readonly StoredDelta[],
): Promise<ReadonlyMap<number, VerifiedEnd>> {
  const ends = new Map<number, VerifiedEnd>()
  if (rows.length === 0) return ends
  const customerNos = rows.map((row) => row.customer_no)
  const verified = await selectVerifiedPlaces(tx, tenantNo, customerNos)
  for (const { customer_no: customerNo, seq } of rows) {
    const last = verified.get(customerNo)
    const before = Math.max(seq - 1, last?.seq ?? 0)
    if (before === 0) continue
    const end = await readVerifiedEnd(tx, tenantNo, tree, customerNo, before)
    if (end !== undefined) ends.set(customerNo, end)
    else if (before === last?.seq) throw new VerifiedDataDamaged(last.log_index, MISSING)
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

function behindAnchor(text: string): FoundFailure {
  return { firstFailedIndex: null, blockedCode: 'LOG_BEHIND_ANCHOR', discrepancies: [text] }
}

function damageAt({ logIndex, texts }: Discrepancy): FoundFailure {
  const discrepancies = texts.map((text) => `delta: log_index ${logIndex}: ${text}`)
  return { firstFailedIndex: logIndex, blockedCode: null, discrepancies }
}

/** Keeps what was found and raises the alarm, once. */
async function keepFailure(
  context: WorkerContext,
  tx: Db,
  tenantNo: number,
  log: LogFacts,
  failure: FoundFailure,
): Promise<void> {
  const { firstFailedIndex, blockedCode, discrepancies } = failure
  if (log.first_failed_index === firstFailedIndex && log.blocked_code === blockedCode) return
  context.log.error(
    { tenantId: log.tenant_public_id, code: blockedCode, logIndex: firstFailedIndex, discrepancies },
    blockedCode === null ? 'stored data is damaged' : 'the log is behind its anchor',
  )
  await upsertFailure(tx, tenantNo, failure, 'recompute', timestampOf(context.clock.now()))
}

function rangeOf(tree: TreeHead): CompactRange {
  const range = compactRange(tree.size, hashesIn(tree.peaks))
  if (tree.size > 0 && !equalBytes(rangeRoot(range), tree.root))
    throw new Error('tree_head contradicts itself')
  return range
}
