import type { Amount } from '@pacspace/api/amount'
import type { RecordId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'

/** A delta of the ledger, as far as a comparison needs it. */
export interface LedgerDelta {
  readonly sequenceNumber: number
  readonly recordId: RecordId
  readonly referenceId: string | null
  readonly amount: Amount
  readonly createdAt: Timestamp
}

/** A delta as one side has it in its books, named by exactly one of the two. */
export interface StatedDelta {
  readonly referenceId?: string
  readonly recordId?: string
  readonly delta: Amount
}

/** One thing in which a list differs from the ledger; `ledger` for `extra` and `stated` for `missing` are null. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'changed' | 'duplicate'
  /** For a duplicate: the delta that it repeats, if the ledger has it. */
  readonly ledger: LedgerDelta | null
  readonly stated: StatedDelta | null
}

export interface Matched {
  /** Sequence numbers of the ledger's deltas that the list has, whatever their amounts there. */
  readonly claimed: ReadonlySet<number>
  /** All but the missing ones, which are those that nothing claimed. */
  readonly differences: readonly Difference[]
}

/**
 * Holds a list against the ledger's deltas of the same names, `candidates` in order of their sequence numbers. A recordId
 * names one delta. A reference may name several, so the amounts decide first, and only what has no equal is paired with
 * what is left under its reference, in order, as changed. What is still over was listed too often (`duplicate`) or is
 * unknown here (`extra`). Every item claims at most one delta and every delta is claimed at most once, so the amounts of
 * all differences, stated less ledger's, sum up to the difference of the sums.
 */
export function matchDeltas(list: readonly StatedDelta[], candidates: readonly LedgerDelta[]): Matched {
  const claimed = new Set<number>()
  const changed: Difference[] = []
  const claim = (ledger: LedgerDelta, stated: StatedDelta) => {
    claimed.add(ledger.sequenceNumber)
    if (ledger.amount !== stated.delta) changed.push({ kind: 'changed', ledger, stated })
  }
  const byRecordId = new Map<string, LedgerDelta>(candidates.map((delta) => [delta.recordId, delta]))
  const over = list.filter((stated) => {
    const ledger = stated.recordId === undefined ? undefined : byRecordId.get(stated.recordId)
    if (ledger === undefined || claimed.has(ledger.sequenceNumber)) return true
    claim(ledger, stated)
    return false
  })
  const isFree = (ledger: LedgerDelta) => !claimed.has(ledger.sequenceNumber)
  const unequal = claimFirst(over, candidates.filter(isFree), nameAndAmount, claim)
  const unnamed = claimFirst(unequal, candidates.filter(isFree), nameAlone, claim)
  return { claimed, differences: [...changed, ...judgeRest(unnamed, list, candidates, byRecordId)] }
}

/** Gives each item the first delta of its key that is still free, in order; returns the items that found none. */
function claimFirst(
  list: readonly StatedDelta[],
  free: readonly LedgerDelta[],
  keyOf: (referenceId: string, amount: Amount) => string,
  claim: (ledger: LedgerDelta, stated: StatedDelta) => void,
): StatedDelta[] {
  const queues = new Map<string, { readonly deltas: LedgerDelta[]; next: number }>()
  for (const delta of free) {
    if (delta.referenceId === null) continue
    const key = keyOf(delta.referenceId, delta.amount)
    const queue = queues.get(key)
    if (queue === undefined) queues.set(key, { deltas: [delta], next: 0 })
    else queue.deltas.push(delta)
  }
  return list.filter((stated) => {
    const queue =
      stated.referenceId === undefined ? undefined : queues.get(keyOf(stated.referenceId, stated.delta))
    const ledger = queue?.deltas[queue.next]
    if (queue === undefined || ledger === undefined) return true
    queue.next++
    claim(ledger, stated)
    return false
  })
}

/** Tells what was listed too often from what the ledger does not know. */
function judgeRest(
  rest: readonly StatedDelta[],
  list: readonly StatedDelta[],
  candidates: readonly LedgerDelta[],
  byRecordId: ReadonlyMap<string, LedgerDelta>,
): Difference[] {
  const known = new Map<string, LedgerDelta>()
  for (const delta of candidates) {
    if (delta.referenceId === null) continue
    const key = nameAndAmount(delta.referenceId, delta.amount)
    if (!known.has(key)) known.set(key, delta)
  }
  const firstListed = new Map<string, StatedDelta>()
  for (const stated of list)
    if (!firstListed.has(statedKey(stated))) firstListed.set(statedKey(stated), stated)
  return rest.map((stated) => {
    const ledger =
      stated.recordId === undefined ? known.get(statedKey(stated)) : byRecordId.get(stated.recordId)
    const isRepeated = ledger !== undefined || firstListed.get(statedKey(stated)) !== stated
    return { kind: isRepeated ? 'duplicate' : 'extra', ledger: ledger ?? null, stated }
  })
}

/** A recordId alone names a delta; a reference does with its amount. */
function statedKey({ referenceId, recordId, delta }: StatedDelta): string {
  return recordId === undefined ? nameAndAmount(referenceId ?? '', delta) : `\0${recordId}`
}

/** No reference holds NUL. */
function nameAndAmount(referenceId: string, amount: Amount): string {
  return `${referenceId}\0${amount}`
}

function nameAlone(referenceId: string): string {
  return referenceId
}
