import { setImmediate } from 'node:timers/promises'
import { amountOfNumeric } from '@pacspace/api/amount'
import { VERIFY_RECORDS_MAX } from '@pacspace/api/definition/verify'
import { equalBytes } from '@pacspace/proofs/bytes'
import { compactRange, packNodes, rangeRoot } from '@pacspace/proofs/compact-range'
import { verifyConsistency } from '@pacspace/proofs/merkle-proof'
import {
  assembleProof,
  type NodeId,
  nodeFromRow,
  nodeRow,
  planConsistency,
  planNodes,
  rangeNodes,
} from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { advance, newCustomerEnd, type VerifiedEnd } from '../anchors/front-door.ts'
import {
  deltaOfRow,
  referenceHash,
  type StoredDelta,
  selectCustomerDeltas,
  selectDeltasAt,
} from '../ledger/front-door.ts'
import type { RootPlace } from './verify-root.sql.ts'

/** Rows computed before others have their turn: some 5 ms. */
const ROWS_AT_A_STRETCH = 100

/** A customer's ledger up to a delta, derived again from the rows. */
export interface RecomputedCustomer {
  /** The first records, as far as they may be shown, in sequence. */
  readonly rows: readonly StoredDelta[]
  /** The last record; undefined where it is missing. */
  readonly last: StoredDelta | undefined
  /** The root that the rows lead to; undefined where they lead to none. */
  readonly root: Uint8Array | undefined
  /** What does not fit, each naming a record. Columns are named and no values: the reader may not be the owner. */
  readonly discrepancies: readonly string[]
}

/**
 * Derives a customer's ledger again, from the content of its rows up to the root after delta `place.seq`. The first 1,000
 * records each; of a longer one the last record as well, and that the tree of the first 1,000 is a prefix of its tree, from
 * the nodes that stand in the rows between: O(1,000 + log n) reads however long it is.
 */
export async function recomputeCustomer(db: Db, place: RootPlace): Promise<RecomputedCustomer> {
  const { tenant_id: tenantNo, customer_no: customerNo, seq } = place
  const shown = Math.min(seq, VERIFY_RECORDS_MAX)
  const rows = await selectCustomerDeltas(db, tenantNo, customerNo, 1, shown)
  const { end, discrepancies } = await walk(rows, customerNo, shown)
  if (seq === shown || discrepancies.length > 0) {
    return { rows, last: rows.at(-1), root: end && rangeRoot(end.range), discrepancies }
  }
  const root = end && rangeRoot(end.range)
  return { rows, ...(await recomputeRest(db, place, shown, root)) }
}

/** Every row from the first on, until one does not fit. */
async function walk(rows: readonly StoredDelta[], customerNo: number, count: number) {
  let end: VerifiedEnd = newCustomerEnd(customerNo, rows[0]?.customer_id ?? '')
  let before: StoredDelta | undefined
  for (const row of rows) {
    const found = tryAdvance(row, end)
    const wrong = found === undefined ? ['its content'] : differences(row, before, found)
    const sequenceNumber = end.sequenceNumber + 1
    if (wrong.length > 0) {
      // Where only the last one does not fit, its content still tells the root that it should have.
      const isLast = sequenceNumber === count
      return { end: isLast ? found?.end : undefined, discrepancies: [wrongRecord(sequenceNumber, wrong)] }
    }
    if (sequenceNumber % ROWS_AT_A_STRETCH === 0) await setImmediate()
    if (found !== undefined) end = found.end
    before = row
  }
  const missing = end.sequenceNumber < count ? [`record ${end.sequenceNumber + 1} is missing`] : []
  return { end: missing.length > 0 ? undefined : end, discrepancies: missing }
}

/** Undefined for a row that nothing can be computed from: no amount, no canonical metadata, no customer. */
function tryAdvance(row: StoredDelta, end: VerifiedEnd): ReturnType<typeof advance> | undefined {
  try {
    return advance(row, end)
  } catch {
    // Pure computation over one row: whatever it throws is about what the row holds.
    return undefined
  }
}

function differences(
  row: StoredDelta,
  before: StoredDelta | undefined,
  { end, nodes }: ReturnType<typeof advance>,
): string[] {
  const packed = nodes.length === 0 ? new Uint8Array() : packNodes(nodes)
  const holds: Readonly<Record<string, boolean>> = {
    sequence: row.seq === end.sequenceNumber,
    balance: amountOfNumeric(row.balance) === end.balance,
    'place in the log': before === undefined || row.log_index > before.log_index,
    time: before === undefined || row.created_at >= before.created_at,
    'root after it': equalBytes(row.items_root, rangeRoot(end.range)),
    // A correction is named by its recordId, whatever it was sent as.
    correction: row.adjusts_reference_id === null || row.adjusts_record_id !== null,
    'hash of its reference': row.reference_hash === referenceHashOf(row.reference_id),
    'nodes of its tree': equalBytes(row.nodes ?? new Uint8Array(), packed),
  }
  return Object.keys(holds).filter((name) => !holds[name])
}

function referenceHashOf(referenceId: string | null): string | null {
  return referenceId === null ? null : referenceHash(referenceId).toString()
}

function wrongRecord(sequenceNumber: number, wrong: readonly string[]): string {
  return `record ${sequenceNumber}: ${wrong.join(', ')} ${wrong.length === 1 ? 'does' : 'do'} not fit its content`
}

/** Of a ledger longer than what is shown: its last record, and that it goes on from the first `shown`. */
async function recomputeRest(
  db: Db,
  { tenant_id: tenantNo, customer_no: customerNo, seq }: RootPlace,
  shown: number,
  shownRoot: Uint8Array | undefined,
): Promise<Omit<RecomputedCustomer, 'rows'>> {
  const plan = planConsistency(shown, seq)
  const peaks = rangeNodes(seq - 1)
  const seqs = [...new Set([seq - 1, seq, ...[...planNodes(plan), ...peaks].map(nodeRow)])]
  const rows = await selectDeltasAt(
    db,
    tenantNo,
    seqs.map(() => customerNo),
    seqs,
  )
  const rowAt = new Map(rows.map((row) => [row.seq, row]))
  const last = rowAt.get(seq)
  const missing = seqs.find((wanted) => !rowAt.has(wanted))
  if (last === undefined || missing !== undefined) {
    return { last, root: undefined, discrepancies: [`record ${missing ?? seq} is missing`] }
  }
  try {
    const nodeOf = (node: NodeId) => storedNode(rowAt, node)
    const before: VerifiedEnd = {
      ...newCustomerEnd(customerNo, last.customer_id),
      sequenceNumber: seq - 1,
      balance: amountOfNumeric(rowAt.get(seq - 1)?.balance ?? 'missing'),
      range: compactRange(seq - 1, peaks.map(nodeOf)),
    }
    const found = advance(last, before)
    const root = rangeRoot(found.end.range)
    const wrong = differences(last, rowAt.get(seq - 1), found)
    if (wrong.length > 0) return { last, root, discrepancies: [wrongRecord(seq, wrong)] }
    const isPrefix =
      shownRoot !== undefined && verifyConsistency(shown, seq, assembleProof(plan, nodeOf), shownRoot, root)
    const rewritten = `the first ${shown} records are not those that record ${seq} goes on from`
    return { last, root, discrepancies: isPrefix ? [] : [rewritten] }
  } catch {
    // As in `tryAdvance`: the rows are read, and nothing can be computed from them.
    return { last, root: undefined, discrepancies: [wrongRecord(seq, ['the nodes of its tree'])] }
  }
}

/** A leaf is recomputed from its row; an interior node is kept in the row that completed it. */
function storedNode(rowAt: ReadonlyMap<number, StoredDelta>, node: NodeId): Uint8Array {
  const row = rowAt.get(nodeRow(node))
  if (row === undefined) throw new Error(`no record ${nodeRow(node)}`)
  const leaf = node.level === 0 ? deltaOfRow(row).itemHash : row.items_root
  return nodeFromRow(node, leaf, row.nodes ?? new Uint8Array())
}
