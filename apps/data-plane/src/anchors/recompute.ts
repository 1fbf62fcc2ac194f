import { type Amount, addAmounts, amountOfNumeric, formatAmount, ZERO } from '@pacspace/api/amount'
import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { append, type CompactRange, EMPTY_RANGE, packNodes, rangeRoot } from '@pacspace/proofs/compact-range'
import { contentHash } from '@pacspace/proofs/content-hash'
import { toHex, ZERO_HASH } from '@pacspace/proofs/hex'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { itemHash, recordText, requestHash } from '@pacspace/proofs/record'
import { recordIdOf, referenceHash, type StoredDelta, sentAdjusts } from '../ledger/front-door.ts'

/** The verified end of a customer's ledger, as recomputation needs it. */
export interface VerifiedEnd {
  readonly customerNo: number
  readonly customerId: string
  readonly sequenceNumber: number
  readonly balance: Amount
  /** Of `sequenceNumber` leaves. */
  readonly range: CompactRange
}

/** Where stored data is not what it must be. */
export interface Discrepancy {
  readonly logIndex: number
  /** Each names a column or rule, what it holds and what it should. */
  readonly texts: readonly string[]
}

/** An entry that is no delta, looked at already: its leaf in the log's tree, its time, and what is wrong with it. */
export interface JudgedEntry {
  readonly leaf: Uint8Array
  readonly createdAt: Timestamp
  readonly texts: readonly string[]
  /** Of a void: the delta that it took away, which must not be one that could stand there. */
  readonly tookAway?: StoredDelta
}

export interface Recomputed {
  /** Leaf hashes of the log, one for each good entry, in order. */
  readonly leaves: readonly Uint8Array[]
  /** Ends of the customers that the good deltas touch. */
  readonly ends: ReadonlyMap<number, VerifiedEnd>
  /** Time of the last good entry. */
  readonly lastCreatedAt: Timestamp | null
  /** The first bad or missing entry; nothing at or after it is among `leaves`. */
  readonly discrepancy: Discrepancy | null
}

/** The end of a ledger before its first delta. */
export function newCustomerEnd(customerNo: number, customerId: string): VerifiedEnd {
  return { customerNo, customerId, sequenceNumber: 0, balance: ZERO, range: EMPTY_RANGE }
}

/**
 * Derives committed entries again from their content up (design.md §4.3): sequence, balance, contentHash, record, leaf,
 * tree, root, entry. Shares only `packages/proofs` with append, so that one's mistake is not the other's. Pure.
 * `rows`: the deltas from `firstIndex` on, in order. `others`: the entries between them, by log index; an index that is
 * neither's is missing. `endOf`: the verified end of a customer before these rows; sequence number 0 for a new one.
 */
export function recompute(
  rows: readonly StoredDelta[],
  firstIndex: number,
  endOf: (row: StoredDelta) => VerifiedEnd,
  lastCreatedAt: Timestamp | null,
  others: ReadonlyMap<number, JudgedEntry> = NO_OTHERS,
): Recomputed {
  const done: Done = { leaves: [], ends: new Map(), lastCreatedAt }
  const endIndex = firstIndex + rows.length + others.size
  let next = 0
  for (let logIndex = firstIndex; logIndex < endIndex; logIndex++) {
    const row = rows[next]
    const other = others.size === 0 ? undefined : others.get(logIndex)
    const texts =
      other === undefined ? addDelta(done, logIndex, row, endOf) : addOther(done, logIndex, row, other, endOf)
    if (texts.length > 0) return { ...done, discrepancy: { logIndex, texts } }
    if (other === undefined) next++
  }
  return { ...done, discrepancy: null }
}

const NO_OTHERS: ReadonlyMap<number, JudgedEntry> = new Map()

/** Said where no table holds an entry. */
export const MISSING = 'the row is missing'

/** Said of a void of an entry that could stand in its place. */
export const SOUND = 'kept: what it took away was sound'

/** What was recomputed so far. */
interface Done {
  readonly leaves: Uint8Array[]
  readonly ends: Map<number, VerifiedEnd>
  lastCreatedAt: Timestamp | null
}

/** Adds the delta at a log index, or says what is wrong with it and adds nothing. */
function addDelta(
  done: Done,
  logIndex: number,
  row: StoredDelta | undefined,
  endOf: (row: StoredDelta) => VerifiedEnd,
): readonly string[] {
  if (row === undefined || row.log_index > logIndex) return [MISSING]
  const before = done.ends.get(row.customer_no) ?? endOf(row)
  const { end, texts } = derive(row, logIndex, before, done.lastCreatedAt)
  if (end === undefined || texts.length > 0) return texts
  done.ends.set(row.customer_no, end)
  done.leaves.push(logLeaf(logEntry('delta', row.items_root)))
  done.lastCreatedAt = row.created_at
  return []
}

/** The same for an entry that is no delta. `row`: the next delta, which must not claim this log index. */
function addOther(
  done: Done,
  logIndex: number,
  row: StoredDelta | undefined,
  { leaf, createdAt, texts, tookAway }: JudgedEntry,
  endOf: (row: StoredDelta) => VerifiedEnd,
): readonly string[] {
  if (texts.length > 0) return texts
  if (row?.log_index === logIndex) return ['log_index: a delta has the same']
  if (tookAway !== undefined) {
    const before = done.ends.get(tookAway.customer_no) ?? endOf(tookAway)
    if (derive(tookAway, logIndex, before, done.lastCreatedAt).texts.length === 0) return [SOUND]
  }
  if (done.lastCreatedAt !== null && createdAt < done.lastCreatedAt)
    return [`created_at: stored ${createdAt}, expected ≥ ${done.lastCreatedAt}`]
  done.leaves.push(leaf)
  done.lastCreatedAt = createdAt
  return []
}

/** A value that no append could have written makes the derivation itself throw: a discrepancy like any other. */
function derive(
  row: StoredDelta,
  logIndex: number,
  before: VerifiedEnd,
  lastCreatedAt: Timestamp | null,
): { readonly end?: VerifiedEnd; readonly texts: readonly string[] } {
  try {
    const { end, nodes } = advance(row, before)
    return { end, texts: differences(row, logIndex, before, end, nodes, lastCreatedAt) }
  } catch (error) {
    return { texts: [`holds what no append writes: ${String(error)}`] }
  }
}

/** The end after a row, from the row's content and the end before it. */
export function advance(
  row: StoredDelta,
  before: VerifiedEnd,
): { readonly end: VerifiedEnd; readonly nodes: readonly Uint8Array[] } {
  const recordId = recordIdOf(row.log_index, row.record_nonce)
  const amount = amountOfNumeric(row.amount)
  const balance = addAmounts(before.balance, amount)
  const sequenceNumber = before.sequenceNumber + 1
  const delta = formatAmount(amount)
  const text = recordText({
    recordId,
    customerId: row.customer_id,
    sequenceNumber,
    delta,
    balance: formatAmount(balance),
    contentHash: contentHash({
      customerId: row.customer_id,
      delta,
      reason: row.reason,
      referenceId: row.reference_id,
      metadata: row.metadata,
      adjusts: sentAdjusts(row.adjusts_record_id, row.adjusts_reference_id),
    }),
    previousProofHash: before.sequenceNumber === 0 ? ZERO_HASH : toHex(rangeRoot(before.range)),
    createdAt: row.created_at,
    adjusts: row.adjusts_record_id,
    request: row.key_digest === null ? null : requestHash(recordId, row.key_digest),
  })
  const { range, completedNodes } = append(before.range, itemHash(text))
  const end = { customerNo: row.customer_no, customerId: row.customer_id, sequenceNumber, balance, range }
  return { end, nodes: completedNodes }
}

function differences(
  row: StoredDelta,
  logIndex: number,
  before: VerifiedEnd,
  end: VerifiedEnd,
  nodes: readonly Uint8Array[],
  lastCreatedAt: Timestamp | null,
): string[] {
  const texts: string[] = []
  const expect = (holds: boolean, what: string, stored: unknown, expected: unknown) => {
    if (!holds) texts.push(`${what}: stored ${String(stored)}, expected ${String(expected)}`)
  }
  expect(row.log_index === logIndex, 'log_index', row.log_index, logIndex)
  expect(row.customer_id === before.customerId, 'customer_id', row.customer_id, before.customerId)
  expect(row.seq === end.sequenceNumber, 'seq', row.seq, end.sequenceNumber)
  const balance = amountOfNumeric(row.balance)
  expect(balance === end.balance, 'balance', row.balance, formatAmount(end.balance))
  expect(
    lastCreatedAt === null || row.created_at >= lastCreatedAt,
    'created_at',
    row.created_at,
    `≥ ${lastCreatedAt}`,
  )
  const root = rangeRoot(end.range)
  expect(equalBytes(row.items_root, root), 'items_root', toHex(row.items_root), toHex(root))
  const packed = nodes.length === 0 ? new Uint8Array() : packNodes(nodes)
  expect(
    equalBytes(row.nodes ?? new Uint8Array(), packed),
    'nodes',
    row.nodes && toHex(row.nodes),
    toHex(packed),
  )
  const hash = row.reference_id === null ? null : referenceHash(row.reference_id).toString()
  expect(row.reference_hash === hash, 'reference_hash', row.reference_hash, hash)
  // Without a recordId beside it, no hash covers it.
  const named = row.adjusts_record_id === null ? null : row.adjusts_reference_id
  expect(row.adjusts_reference_id === named, 'adjusts_reference_id', row.adjusts_reference_id, named)
  return texts
}
