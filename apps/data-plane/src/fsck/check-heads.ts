import { equalBytes } from '@pacspace/proofs/bytes'
import { compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import type { Db } from '@pacspace/service/postgres'
import type { AnchoredHead } from '../anchors/front-door.ts'
import { hashesIn } from '../proofs/front-door.ts'
import type { Finding } from './finding.ts'
import {
  type CheckedHeads,
  type CheckedLog,
  selectHeads,
  selectLastTiles,
  selectNotesAt,
} from './fsck.sql.ts'
import { noteTexts } from './row-walk.ts'

/** What the anchor's newest head is read as; an Error where its journal is damaged. */
export type NewestHead = AnchoredHead | undefined | Error

/**
 * Holds the heads of a log, all at one moment, against each other, against the ends of the tables that they speak of, and
 * against the anchor. `before` and `after`: the anchor's newest head as read before and after the snapshot: the database
 * must know the one and may not be ahead of the other.
 */
export async function checkHeads(
  db: Db,
  log: CheckedLog,
  before: NewestHead,
  readAfter: () => Promise<NewestHead>,
): Promise<Finding[]> {
  const heads = await selectHeads(db, log.tenant_id)
  const missing = missingHeads(heads)
  if (missing.length > 0) return missing
  const lastTiles = await selectLastTiles(db, log.tenant_id)
  return [
    ...checkLogHead(heads),
    ...(await checkTree(db, log, heads, lastTiles)),
    ...checkState(heads),
    ...(heads.is_provisioning ? [] : checkVerified(heads)),
    ...(heads.is_provisioning ? [] : await checkAnchor(db, log, heads, before, await readAfter())),
  ]
}

/** Nothing that is verified rests on these: only what comes next. */
function at(table: string, text: string, { verified_size }: CheckedHeads): Finding {
  return { table, row: 'head', text, logIndex: verified_size ?? 0 }
}

function missingHeads(heads: CheckedHeads): Finding[] {
  const missing = (isMissing: boolean, table: string) =>
    isMissing ? [{ table, row: 'head', text: 'the row is missing', logIndex: 0 }] : []
  return [
    ...missing(!heads.has_tenant, 'tenant'),
    ...missing(!heads.has_key, 'log_key'),
    ...missing(heads.log_size === null, 'log_head'),
    ...missing(heads.tree_size === null, 'tree_head'),
    ...missing(heads.verified_size === null, 'verified_head'),
  ]
}

function checkLogHead(heads: CheckedHeads): Finding[] {
  const findings: Finding[] = []
  const expect = (column: string, stored: number | null, expected: number) => {
    if (stored !== expected)
      findings.push(at('log_head', `${column}: stored ${stored}, expected ${expected}`, heads))
  }
  expect('size', heads.log_size, heads.end_index)
  expect('delta_count', heads.delta_count, heads.counted)
  expect('customer_count', heads.customer_count, heads.last_customer)
  if (!heads.is_last_time) findings.push(at('log_head', 'last_created_at: not that of the last row', heads))
  if (heads.last_batch >= heads.end_index) {
    const row = `first_index ${heads.last_batch}`
    const text = 'first_index: past the end of the log'
    findings.push({ table: 'batch_request', row, text, logIndex: heads.verified_size ?? 0 })
  }
  return findings
}

async function checkTree(
  db: Db,
  log: CheckedLog,
  heads: CheckedHeads,
  lastTiles: readonly { readonly level: number; readonly index: number }[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  const size = heads.tree_size ?? 0
  const root = heads.tree_root ?? new Uint8Array()
  if (size > heads.end_index) findings.push(at('tree_head', 'size: past the end of the log', heads))
  const [note] = await selectNotesAt(db, log.tenant_id, [size])
  if (note === undefined) findings.push(at('tree_head', 'size: no head of this size was signed', heads))
  else {
    if (!equalBytes(note.root, root))
      findings.push(at('tree_head', 'root: not the one that was signed', heads))
    findings.push(...(await noteTexts(log, note)).map((text) => at('log_note', text, heads)))
  }
  if (!isRangeOf(size, heads.peaks ?? new Uint8Array(), root)) {
    findings.push(at('tree_head', 'peaks: do not lead to the root', heads))
  }
  if (heads.largest_note > size) {
    const row = `size ${heads.largest_note}`
    findings.push({ table: 'log_note', row, text: 'size: past the tree', logIndex: heads.verified_size ?? 0 })
  }
  for (const { level, index } of lastTiles) {
    if ((index + 1) * 256 ** (level + 1) <= size) continue
    const row = `${level}/${index}`
    const text = 'tile_index: past the tree'
    findings.push({ table: 'log_tile', row, text, logIndex: heads.verified_size ?? 0 })
  }
  return findings
}

function isRangeOf(size: number, packed: Uint8Array, root: Uint8Array): boolean {
  if (size === 0) return packed.length === 0
  try {
    return packed.length % 32 === 0 && equalBytes(rangeRoot(compactRange(size, hashesIn(packed))), root)
  } catch {
    // Wrong number of peaks for the size.
    return false
  }
}

/** What was found wrong and is not resolved. */
function checkState({ first_failed_index, blocked_code, verified_size }: CheckedHeads): Finding[] {
  const found = (text: string) => ({ table: 'verify_state', row: 'head', text, logIndex: verified_size ?? 0 })
  return [
    ...(first_failed_index === null ? [] : [found(`a failure at log index ${first_failed_index} is open`)]),
    ...(blocked_code === null ? [] : [found(`the log is blocked: ${blocked_code}`)]),
  ]
}

function checkVerified(heads: CheckedHeads): Finding[] {
  const verified = heads.verified_size ?? 0
  const isBelowTree = verified <= (heads.tree_size ?? 0)
  const findings: Finding[] = []
  // What is truly verified ends at the largest anchoring, or before a head that is too small.
  const logIndex = Math.max(0, Math.min(verified, heads.largest_anchoring))
  const found = (table: string, text: string) => findings.push({ table, row: 'head', text, logIndex })
  if (!isBelowTree) found('verified_head', 'size: past the tree')
  if (!heads.is_verified_anchored)
    found('log_anchor', `size ${verified} is called verified, but not anchored`)
  if (heads.largest_anchoring > verified)
    found('verified_head', `size: stored ${verified}, expected ${heads.largest_anchoring}`)
  return findings
}

async function checkAnchor(
  db: Db,
  log: CheckedLog,
  heads: CheckedHeads,
  before: NewestHead,
  after: NewestHead,
): Promise<Finding[]> {
  const found = (text: string): Finding => ({ table: 'anchor', row: 'journal', text, logIndex: 0 })
  if (before instanceof Error) return [found(before.message)]
  if (after instanceof Error) return [found(after.message)]
  if (after === undefined) return [found('holds nothing of this log')]
  const findings: Finding[] = []
  const verified = heads.verified_size ?? 0
  if (after.size < verified) findings.push(found(`ends at size ${after.size}, but ${verified} is verified`))
  const [note] = before === undefined ? [] : await selectNotesAt(db, log.tenant_id, [before.size])
  if (before !== undefined && (note === undefined || !equalBytes(note.root, before.root))) {
    findings.push(found(`holds a head of size ${before.size} that the database does not have`))
  }
  return findings
}
