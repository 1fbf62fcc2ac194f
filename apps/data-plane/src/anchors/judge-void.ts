import { amountOfNumeric, subtractAmounts, ZERO } from '@pacspace/api/amount'
import {
  checkpointIdOf,
  type KeptRow,
  parseRecordId,
  readKept,
  type StoredVoid,
} from '../ledger/front-door.ts'

/** A void as far as its own row tells. */
export interface JudgedVoid {
  /** What is wrong with it. */
  readonly texts: readonly string[]
  /** The row that it took away, whose place must not have held a sound one; null where none stood there. */
  readonly kept: KeptRow | null
}

/**
 * Judges a void by its row alone: it stands in the place of the very entry that it names, and says of it what the kept row
 * says. Whether that row could have stood there is the log's to tell (`recompute`, `judgeEntries`). Pure; the same for the
 * command that makes a void, the worker before it signs, fsck and the scrubber. Throws for a text that keeps no row.
 */
export function judgeVoid(row: StoredVoid): JudgedVoid {
  const kept = row.kept === null ? null : readKept(row.kept)
  const texts: string[] = []
  const expect = (column: string, stored: unknown, expected: unknown) => {
    if (stored !== expected) texts.push(`${column}: stored ${String(stored)}, expected ${String(expected)}`)
  }
  if (row.voided_at < row.created_at)
    texts.push(`voided_at: stored ${row.voided_at}, expected ≥ ${row.created_at}`)
  if (kept?.kind === 'checkpoint') expect('record_id', row.record_id, checkpointIdOf(kept.row))
  else if (parseRecordId(row.record_id)?.logIndex !== row.log_index)
    texts.push(`record_id: names no delta at log index ${row.log_index}`)
  if (kept === null) return { texts, kept }
  expect('kept', kept.row.log_index, row.log_index)
  if (kept.row.customer_id !== null) expect('customer_id', row.customer_id, kept.row.customer_id)
  const added = addedBy(kept)
  if (added !== undefined) {
    const expected = subtractAmounts(ZERO, added)
    if (amountOfNumeric(row.amount) !== expected)
      texts.push(`amount: stored ${row.amount}, not what the kept row added, taken back`)
  }
  return { texts, kept }
}

/** What a row says that it added; undefined where it says nothing that could be taken back. */
export function addedBy(kept: KeptRow) {
  if (kept.kind === 'checkpoint') return ZERO
  try {
    const added = amountOfNumeric(kept.row.amount)
    return added === ZERO ? undefined : added
  } catch {
    return undefined // NaN, or more digits than an amount has: damaged itself
  }
}
