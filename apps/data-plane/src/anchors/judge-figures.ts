import { amountOfNumeric, formatAmount, subtractAmounts, ZERO } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import { recordRootOf, type StoredCut, type StoredDelta, type StoredFigures } from '../ledger/front-door.ts'
import { selectFirstSeqAt } from './checkpoints.sql.ts'
import { type ProvedTree, placeKey, readProvedRows } from './proved-rows.ts'

/** The figures of one customer in a checkpoint, as stored. */
export interface ClaimedFigures extends StoredFigures {
  readonly customer_no: number
  readonly customer_id: string
  readonly proof_root: Uint8Array
}

/**
 * What is wrong with the figures of customers in a checkpoint, by customer number; sound ones are left out. They are held
 * against the rows at both ends of the scope and beside them, which are proved (`readProvedRows`): no delta that belongs
 * there is missing, none that does not is counted, and balances, root and record follow from them. Throws
 * VerifiedDataDamaged for rows that are not what was verified.
 */
export async function judgeFigures(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  cut: StoredCut,
  claims: readonly ClaimedFigures[],
): Promise<Map<number, readonly string[]>> {
  const spans = new Map<number, Span>()
  for (const claim of claims) spans.set(claim.customer_no, await spanOf(db, tenantNo, cut, claim))
  const places = [...spans].flatMap(([customerNo, { from, to }]) =>
    [from - 1, from, to, to + 1].map((seq) => ({ customerNo, seq })),
  )
  const rows = await readProvedRows(db, tenantNo, tree, places)
  const wrong = new Map<number, readonly string[]>()
  for (const claim of claims) {
    const texts = differences(cut, claim, spans.get(claim.customer_no) ?? { from: 1, to: 0 }, rows)
    if (texts.length > 0) wrong.set(claim.customer_no, texts)
  }
  return wrong
}

/** Sequence numbers, both ends included; `to` one before `from` where nothing is in scope. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Where the claim says that its scope lies. Of an empty one it says nothing: where its start would stand is looked up. */
async function spanOf(db: Db, tenantNo: number, cut: StoredCut, claim: ClaimedFigures): Promise<Span> {
  if (claim.from_seq !== null && claim.to_seq !== null) return { from: claim.from_seq, to: claim.to_seq }
  const from = await selectFirstSeqAt(db, tenantNo, claim.customer_no, cut.start_at, cut.cut_size)
  return { from, to: from - 1 }
}

function differences(
  cut: StoredCut,
  claim: ClaimedFigures,
  { from, to }: Span,
  rows: ReadonlyMap<string, StoredDelta>,
): string[] {
  const rowAt = (seq: number) => rows.get(placeKey({ customerNo: claim.customer_no, seq }))
  const texts = placementTexts(cut, { from, to }, rowAt)
  const expect = (column: string, stored: unknown, expected: unknown) => {
    if (stored !== expected) texts.push(`${column}: stored ${String(stored)}, expected ${String(expected)}`)
  }
  const balanceAt = (seq: number) => (seq < 1 ? ZERO : amountOfNumeric(rowAt(seq)?.balance ?? '0'))
  const [before, after] = [balanceAt(from - 1), balanceAt(to)]
  const isEmpty = to < from
  expect('from_seq', claim.from_seq, isEmpty ? null : from)
  expect('to_seq', claim.to_seq, isEmpty ? null : to)
  expect('deltas_count', claim.deltas_count, to - from + 1)
  const decimal = (numeric: string) => formatAmount(amountOfNumeric(numeric))
  expect('starting_balance', decimal(claim.starting_balance), formatAmount(before))
  expect('ending_balance', decimal(claim.ending_balance), formatAmount(after))
  expect('net_change', decimal(claim.net_change), formatAmount(subtractAmounts(after, before)))
  const root = to < 1 ? new Uint8Array(32) : (rowAt(to)?.items_root ?? new Uint8Array())
  expect('items_root', claim.items_root && toHex(claim.items_root), toHex(root))
  if (!equalBytes(recordRootOf(cut, claim.customer_id, claim), claim.proof_root))
    texts.push('proof_root: not that of its record')
  return texts
}

/** Whether exactly the deltas of the span are in the scope: by the rows at its ends and beside them. */
function placementTexts(
  cut: StoredCut,
  { from, to }: Span,
  rowAt: (seq: number) => StoredDelta | undefined,
): string[] {
  const texts: string[] = []
  const isIn = (row: StoredDelta) =>
    row.log_index < cut.cut_size &&
    (cut.start_at === null || row.created_at >= cut.start_at) &&
    (cut.end_at === null || row.created_at < cut.end_at)
  if (from < 1 || to < from - 1) return [`from_seq: ${from} to ${to} is no stretch`]
  for (const seq of new Set(to < from ? [] : [from, to])) {
    const row = rowAt(seq)
    if (row === undefined) texts.push(`from_seq, to_seq: there is no delta ${seq}`)
    else if (!isIn(row)) texts.push(`from_seq, to_seq: delta ${seq} is not in scope`)
  }
  const before = rowAt(from - 1)
  if (from > 1 && before === undefined) texts.push(`from_seq: there is no delta ${from - 1}`)
  for (const row of [before, rowAt(to + 1)]) {
    if (row !== undefined && isIn(row)) texts.push(`from_seq, to_seq: delta ${row.seq} is in scope too`)
  }
  // Behind an empty scope comes what is later, not what was before it.
  if (before !== undefined && before.log_index >= cut.cut_size) texts.push('from_seq: past the cut')
  return texts
}
