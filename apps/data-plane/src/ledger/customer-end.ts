import { type Amount, ZERO } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import {
  append,
  type CompactRange,
  compactRange,
  EMPTY_RANGE,
  rangeRoot,
} from '@pacspace/proofs/compact-range'
import { nodeFromRow, nodeRow, rangeNodes } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { type StoredEnd, selectCustomerEnds, selectDeltasAt } from './append.sql.ts'
import { type Delta, deltaOfRow, type StoredDelta } from './delta.ts'

/** Where a customer's ledger ends: all that the next delta builds on. */
export interface CustomerEnd {
  readonly customerNo: number
  readonly sequenceNumber: number
  readonly balance: Amount
  /** Of `sequenceNumber` leaves. */
  readonly range: CompactRange
  /** Root of the range; null before the first delta. */
  readonly root: Uint8Array | null
}

/** Where a ledger without deltas ends. */
export const NO_END: Omit<CustomerEnd, 'customerNo'> = {
  sequenceNumber: 0,
  balance: ZERO,
  range: EMPTY_RANGE,
  root: null,
}

/** A stored row that contradicts its own hashes: somebody changed the database. Appending on top of it would hide it. */
export class LedgerDamaged extends Error {
  readonly logIndex: number

  constructor(logIndex: number, what: string) {
    super(`stored delta at log index ${logIndex}: ${what}`)
    this.name = 'LedgerDamaged'
    this.logIndex = logIndex
  }
}

/**
 * The ends of the named customers, read from their rows; new customers are absent. Nothing read is believed: the last
 * leaf is recomputed from its row's content (balance included) and appended to the range before it, and the result must
 * be the root that the row holds. Nor may what was verified be missing behind it: a row in its place would be a second
 * history. O(log n) rows a customer. Throws LedgerDamaged.
 */
export async function readCustomerEnds(
  db: Db,
  tenantNo: number,
  customerIds: readonly string[],
): Promise<Map<string, CustomerEnd>> {
  const ends = new Map<string, CustomerEnd>()
  const lastRows: StoredDelta[] = []
  for (const row of await selectCustomerEnds(db, tenantNo, customerIds)) {
    refuseMissing(row)
    if (row.log_index === null) ends.set(row.known_id, { ...NO_END, customerNo: row.known_no })
    else lastRows.push(row)
  }
  const before = await readRanges(
    db,
    tenantNo,
    lastRows.map((row) => ({ customerNo: row.customer_no, size: row.seq - 1 })),
  )
  for (const row of lastRows) {
    const range = before.get(row.customer_no)
    if (range === undefined) throw new LedgerDamaged(row.log_index, 'nodes of its tree are missing')
    ends.set(row.customer_id, endAfter(row, range))
  }
  return ends
}

function refuseMissing(row: StoredEnd): void {
  const verifiedSeq = row.verified_seq ?? 0
  const isWhole = row.log_index === null ? row.begins_anew && verifiedSeq === 0 : row.seq >= verifiedSeq
  if (!isWhole)
    throw new LedgerDamaged(
      row.log_index ?? row.first_index,
      'deltas of its customer are missing from there on',
    )
}

function endAfter(row: StoredDelta, before: CompactRange): CustomerEnd {
  const delta: Delta = deltaOfRow(row)
  if (before.size > 0 && (row.previous_root === null || !equalBytes(rangeRoot(before), row.previous_root))) {
    throw new LedgerDamaged(row.log_index, 'the nodes before it do not lead to the root before it')
  }
  const { range } = append(before, delta.itemHash)
  if (!equalBytes(rangeRoot(range), row.items_root)) {
    throw new LedgerDamaged(row.log_index, 'its content does not lead to its root')
  }
  return {
    customerNo: row.customer_no,
    sequenceNumber: row.seq,
    balance: delta.balance,
    range,
    root: row.items_root,
  }
}

/** The compact ranges [0, size) of customers' trees, from the rows that completed their nodes. Missing rows: no entry. */
export async function readRanges(
  db: Db,
  tenantNo: number,
  wanted: readonly { readonly customerNo: number; readonly size: number }[],
): Promise<Map<number, CompactRange>> {
  const customerNos: number[] = []
  const seqs: number[] = []
  for (const { customerNo, size } of wanted) {
    for (const node of rangeNodes(size)) {
      customerNos.push(customerNo)
      seqs.push(nodeRow(node))
    }
  }
  const rows = seqs.length === 0 ? [] : await selectDeltasAt(db, tenantNo, customerNos, seqs)
  const rowAt = new Map(rows.map((row) => [`${row.customer_no}/${row.seq}`, row]))
  const ranges = new Map<number, CompactRange>()
  for (const { customerNo, size } of wanted) {
    const peaks: Uint8Array[] = []
    const nodes = rangeNodes(size)
    for (const node of nodes) {
      const row = rowAt.get(`${customerNo}/${nodeRow(node)}`)
      if (row === undefined) break
      const leaf = node.level === 0 ? deltaOfRow(row).itemHash : row.items_root
      if (node.level > 0 && (row.nodes?.length ?? 0) < 32 * node.level) break
      peaks.push(nodeFromRow(node, leaf, row.nodes ?? new Uint8Array()))
    }
    if (peaks.length === nodes.length) ranges.set(customerNo, compactRange(size, peaks))
  }
  return ranges
}
