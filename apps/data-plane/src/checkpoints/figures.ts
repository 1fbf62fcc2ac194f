import { addAmounts, amountOfNumeric, formatAmount, subtractAmounts, ZERO } from '@pacspace/api/amount'
import { rootOf } from '@pacspace/proofs/merkle'
import { recordRootOf, type StoredCut } from '../ledger/front-door.ts'
import type { FigureRow } from './figures.sql.ts'
import type { NewCut, NewFigures } from './insert-checkpoint.sql.ts'

/** The figures of one customer in a checkpoint, with the root of its record (product.md §5.5). */
export function figuresOf(cut: NewCut, row: FigureRow): NewFigures {
  const before = amountOfNumeric(row.balance_before)
  const after = amountOfNumeric(row.balance_after)
  const isEmpty = row.to_pos < row.from_pos
  const figures = {
    customerNo: row.customer_no,
    fromSeq: isEmpty ? null : row.from_pos,
    toSeq: isEmpty ? null : row.to_pos,
    deltasCount: row.to_pos - row.from_pos + 1,
    startingBalance: formatAmount(before),
    netChange: formatAmount(subtractAmounts(after, before)),
    endingBalance: formatAmount(after),
    itemsRoot: row.items_root ?? ZERO_ROOT,
  }
  const stored = {
    from_seq: figures.fromSeq,
    to_seq: figures.toSeq,
    deltas_count: figures.deltasCount,
    starting_balance: figures.startingBalance,
    net_change: figures.netChange,
    ending_balance: figures.endingBalance,
    items_root: Buffer.from(figures.itemsRoot),
  }
  return { ...figures, proofRoot: recordRootOf(storedCut(cut), row.customer_id, stored) }
}

/** The root of a ledger before its first delta, as `previousProofHash` writes it. */
const ZERO_ROOT: Uint8Array = new Uint8Array(32)

/** A cut as its row reads. */
export function storedCut(cut: NewCut): StoredCut {
  return {
    cut_size: cut.cutSize,
    cut_at: cut.cutAt,
    start_at: cut.startAt,
    end_at: cut.endAt,
    nonce: Buffer.from(cut.nonce),
    period: cut.period,
    closed: cut.closed,
    mode: cut.mode,
    fingerprints: cut.fingerprints,
    key_digest: cut.keyDigest === null ? null : Buffer.from(cut.keyDigest),
  }
}

/** The same the other way round. */
export function newCutOf(cut: StoredCut): NewCut {
  return {
    cutSize: cut.cut_size,
    cutAt: cut.cut_at,
    startAt: cut.start_at,
    endAt: cut.end_at,
    period: cut.period,
    closed: cut.closed,
    nonce: cut.nonce,
    mode: cut.mode,
    fingerprints: cut.fingerprints,
    keyDigest: cut.key_digest,
  }
}

/** One customer's part of a checkpoint of all, as stored. */
export interface PartRow {
  readonly deltas_count: number
  readonly starting_balance: string
  readonly net_change: string
  readonly ending_balance: string
  readonly proof_root: Uint8Array
}

/** The figures of all customers: sums, and the RFC 6962 root over the records, which come in byte order of customerId. */
export function totalOf(parts: readonly PartRow[]): NewFigures {
  const sum = (column: 'starting_balance' | 'net_change' | 'ending_balance') =>
    formatAmount(parts.reduce((total, part) => addAmounts(total, amountOfNumeric(part[column])), ZERO))
  return {
    customerNo: null,
    fromSeq: null,
    toSeq: null,
    deltasCount: parts.reduce((count, part) => count + part.deltas_count, 0),
    startingBalance: sum('starting_balance'),
    netChange: sum('net_change'),
    endingBalance: sum('ending_balance'),
    itemsRoot: null,
    proofRoot: rootOf(parts.map((part) => part.proof_root)),
  }
}
