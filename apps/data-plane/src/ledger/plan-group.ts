import { type Amount, addAmounts, formatAmount } from '@pacspace/api/amount'
import { type ProblemCode, problems } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { append, packNodes, rangeRoot } from '@pacspace/proofs/compact-range'
import type { LockedLog, NewCustomer } from './append.sql.ts'
import {
  type AppendUnit,
  type ItemOutcome,
  isRefused,
  type Refusal,
  type RefusedItem,
  type UnitOutcome,
} from './append-unit.ts'
import { type CustomerEnd, NO_END } from './customer-end.ts'
import { type Delta, type DeltaRequest, leafOf } from './delta.ts'
import { type GroupFacts, keyOf, referenceKey, type StoredBatch } from './group-facts.ts'
import { RECORD_NONCE_BYTES } from './record-id.ts'

/** A row to insert: the delta, and the interior nodes it completes (null where none). */
export interface PlannedRow {
  readonly delta: Delta
  readonly nonce: Uint8Array
  readonly nodes: Uint8Array | null
}

export interface PlannedBatch {
  readonly kind: 'batch' | 'writes'
  readonly firstIndex: number
  readonly rowCount: number
  readonly keyDigest: Uint8Array
  readonly requestHash: Uint8Array
  /** Positions in the request of the items that were not written, with what was said of them. */
  readonly unwritten: readonly (RefusedItem & { readonly index: number })[]
}

export interface GroupPlan {
  readonly rows: readonly PlannedRow[]
  readonly newCustomers: readonly NewCustomer[]
  readonly batches: readonly PlannedBatch[]
  /** Where the ledgers of the touched customers end after the commit. */
  readonly ends: ReadonlyMap<string, CustomerEnd>
}

/** The reason of a write; its reference is its key (product.md §3 "Advanced API"). */
export const WRITE_REASON = 'write'

/**
 * Decides, in order, what each unit of a group writes: idempotency key → replay or conflict; plan; equal delta under its
 * reference → replay; correction; allowance → then time, sequence, hashes, root and balance (design.md §4.2). Pure: works
 * on the rows read under the log's lock and on an overlay of what this same group writes; nothing happens on the way.
 */
export class GroupPlanner {
  readonly #log: LockedLog
  readonly #facts: GroupFacts
  readonly #createdAt: Timestamp
  readonly #nonces: Uint8Array
  readonly #rows: PlannedRow[] = []
  readonly #newCustomers: NewCustomer[] = []
  readonly #batches: PlannedBatch[] = []
  readonly #ends = new Map<string, CustomerEnd>()
  readonly #keys = new Map<string, { unit: AppendUnit; outcome: UnitOutcome }>()
  readonly #byReference = new Map<string, Delta[]>()
  /** Keys of deltas of reason `write` that this group writes, with their first customers. */
  readonly #writtenKeys = new Map<string, string>()

  /** `nonces`: at least 10 random bytes for each item of the group. */
  constructor(log: LockedLog, facts: GroupFacts, createdAt: Timestamp, nonces: Uint8Array) {
    this.#log = log
    this.#facts = facts
    this.#createdAt = createdAt
    this.#nonces = nonces
  }

  /** What the units planned so far come to. Grows with the next one. */
  readonly plan: GroupPlan = {
    rows: this.#rows,
    newCustomers: this.#newCustomers,
    batches: this.#batches,
    ends: this.#ends,
  }

  /** What becomes of a unit. It may be told only after the commit. */
  planUnit(unit: AppendUnit): UnitOutcome {
    const seen = unit.keyDigest === null ? undefined : this.#earlierAnswer(unit, keyOf(unit.keyDigest))
    if (seen !== undefined) return seen
    if (!this.#log.writes_allowed) return { kind: 'refused', refusal: refusalOf('PLAN_UPGRADE_REQUIRED') }
    if (unit.kind === 'writes') {
      const refusal = this.#refusalOfWrites(unit)
      if (refusal !== undefined) return { kind: 'refused', refusal }
    }
    const firstRow = this.#rows.length
    // A batch's key stands on the first row that it writes; an emit has one row only.
    const items = unit.items.map((item) =>
      this.#planItem(
        item,
        unit.keyDigest === null && unit.kind !== 'writes',
        this.#rows.length === firstRow ? unit.keyDigest : null,
      ),
    )
    const outcome = wholeRefusal(unit, items) ?? { kind: 'done' as const, items, replayed: false }
    this.#keepKey(unit, outcome, firstRow)
    return outcome
  }

  /** Why none of these writes is written, if so: all of them are, or none. A key is its first account's. */
  #refusalOfWrites(unit: AppendUnit): Refusal | undefined {
    const owners = new Map<string, string>()
    for (const item of unit.items) {
      if (isRefused(item) || item.referenceId === null)
        throw new Error('writes are validated before they come here')
      const key = item.referenceId
      const owner = this.#writtenKeys.get(key) ?? this.#facts.keyOwners.get(key) ?? owners.get(key)
      if (owner !== undefined && owner !== item.customerId) return refusalOf('WRITE_KEY_TAKEN')
      owners.set(key, item.customerId)
    }
    const { lifetime_cap: cap, delta_count: count } = this.#log
    if (cap !== null && count + this.#rows.length + unit.items.length > cap)
      return refusalOf('INSUFFICIENT_CREDITS')
    return undefined
  }

  /** The first answer to this key, a conflict, or undefined where the key is new. A key, where given, alone decides. */
  #earlierAnswer(unit: AppendUnit, key: string): UnitOutcome | undefined {
    const twin = this.#keys.get(key)
    if (twin !== undefined) {
      if (!sameRequest(twin.unit, unit))
        return { kind: 'refused', refusal: refusalOf('IDEMPOTENCY_CONFLICT') }
      return twin.outcome.kind === 'done' ? { ...twin.outcome, replayed: true } : twin.outcome
    }
    const batch = this.#facts.batchByKey.get(key)
    if (batch !== undefined) return replayOfBatch(batch, unit)
    const delta = this.#facts.deltaByKey.get(key)
    return delta === undefined ? undefined : replayOfEmit(delta, unit)
  }

  #planItem(
    item: DeltaRequest | RefusedItem,
    referenceDecides: boolean,
    keyDigest: Uint8Array | null,
  ): ItemOutcome {
    if (isRefused(item)) return { kind: 'refused', ...item }
    if (referenceDecides && item.referenceId !== null) {
      const equal = this.#equalDelta(item, item.referenceId)
      if (equal !== undefined) return { kind: 'replay', delta: equal }
    }
    const adjusted = item.adjusts === null ? null : this.#adjustedDelta(item, item.adjusts)
    if (adjusted !== null && 'code' in adjusted) return refuseItem(item, adjusted)
    const cap = this.#log.lifetime_cap
    if (cap !== null && this.#log.delta_count + this.#rows.length >= cap) {
      return refuseItem(item, refusalOf('INSUFFICIENT_CREDITS'))
    }
    return { kind: 'written', delta: this.#write(item, adjusted, keyDigest) }
  }

  /** An existing delta of this customer under this reference that equals the request in every field. */
  #equalDelta(request: DeltaRequest, referenceId: string): Delta | undefined {
    const candidates = this.#underReference(request.customerId, referenceId)
    return candidates.find((candidate) => candidate.contentHash === request.contentHash)
  }

  #adjustedDelta(request: DeltaRequest, adjusts: NonNullable<DeltaRequest['adjusts']>): Delta | Refusal {
    const found =
      'recordId' in adjusts
        ? [this.#facts.deltaByRecordId.get(adjusts.recordId)].filter((delta) => delta !== undefined)
        : this.#underReference(request.customerId, adjusts.referenceId)
    const own = found.filter((delta) => delta.customerId === request.customerId)
    if (own.length > 1) return refusalOf('ADJUSTED_DELTA_AMBIGUOUS')
    return own[0] ?? refusalOf('ADJUSTED_DELTA_NOT_FOUND')
  }

  #underReference(customerId: string, referenceId: string): readonly Delta[] {
    const key = referenceKey(customerId, referenceId)
    const written = this.#byReference.get(key)
    const stored = this.#facts.deltasByReference.get(key) ?? []
    return written === undefined ? stored : [...stored, ...written]
  }

  #write(request: DeltaRequest, adjusted: Delta | null, keyDigest: Uint8Array | null): Delta {
    const end = this.#endOf(request.customerId)
    const nonceAt = this.#rows.length * RECORD_NONCE_BYTES
    const nonce = this.#nonces.subarray(nonceAt, nonceAt + RECORD_NONCE_BYTES)
    const balance: Amount = addAmounts(end.balance, request.delta)
    const leaf = leafOf(request, {
      logIndex: this.#log.size + this.#rows.length,
      nonce,
      customerNo: end.customerNo,
      sequenceNumber: end.sequenceNumber + 1,
      balance,
      createdAt: this.#createdAt,
      previousRoot: end.root,
      adjustsRecordId: adjusted?.recordId ?? null,
      keyDigest,
    })
    const { range, completedNodes } = append(end.range, leaf.itemHash)
    const itemsRoot = rangeRoot(range)
    const delta: Delta = { ...leaf, itemsRoot }
    const nodes = completedNodes.length === 0 ? null : packNodes(completedNodes)
    this.#rows.push({ delta, nonce, nodes })
    this.#ends.set(request.customerId, {
      customerNo: end.customerNo,
      sequenceNumber: delta.sequenceNumber,
      balance,
      range,
      root: itemsRoot,
    })
    if (request.referenceId !== null) this.#rememberReference(delta, request.referenceId)
    if (request.reason === WRITE_REASON && request.referenceId !== null)
      this.#rememberKey(delta, request.referenceId)
    return delta
  }

  #endOf(customerId: string): CustomerEnd {
    const known = this.#ends.get(customerId) ?? this.#facts.ends.get(customerId)
    if (known !== undefined) return known
    const customerNo = this.#log.customer_count + this.#newCustomers.length + 1
    this.#newCustomers.push({ customerNo, customerId, firstIndex: this.#log.size + this.#rows.length })
    return { ...NO_END, customerNo }
  }

  #rememberReference(delta: Delta, referenceId: string): void {
    const key = referenceKey(delta.customerId, referenceId)
    const known = this.#byReference.get(key)
    if (known === undefined) this.#byReference.set(key, [delta])
    else known.push(delta)
  }

  #rememberKey(delta: Delta, key: string): void {
    const isKnown = this.#facts.keyOwners.has(key) || this.#writtenKeys.has(key)
    if (!isKnown) this.#writtenKeys.set(key, delta.customerId)
  }

  /** Only a unit that wrote something keeps its key: after a refusal the key may be used again. */
  #keepKey(unit: AppendUnit, outcome: UnitOutcome, firstRow: number): void {
    const rowCount = this.#rows.length - firstRow
    if (unit.keyDigest === null || outcome.kind !== 'done' || rowCount === 0) return
    this.#keys.set(keyOf(unit.keyDigest), { unit, outcome })
    if (unit.kind === 'emit') return
    if (unit.requestHash === null) throw new Error('a batch with a key carries the hash of its request')
    const unwritten: PlannedBatch['unwritten'][number][] = []
    for (const [index, item] of outcome.items.entries()) {
      if (item.kind === 'refused') {
        unwritten.push({ index, refusal: item.refusal, customerId: item.customerId, delta: item.delta })
      }
    }
    const firstIndex = this.#log.size + firstRow
    this.#batches.push({
      kind: unit.kind,
      firstIndex,
      rowCount,
      keyDigest: unit.keyDigest,
      requestHash: unit.requestHash,
      unwritten,
    })
  }
}

/** An emit is refused with its item; a batch only when the allowance has room for none of it, bad items apart. */
function wholeRefusal(unit: AppendUnit, items: readonly ItemOutcome[]): UnitOutcome | undefined {
  const refusals = items.flatMap((item) => (item.kind === 'refused' ? [item.refusal] : []))
  if (refusals.length < items.length) return undefined
  const refusal =
    unit.kind === 'emit' ? refusals[0] : refusals.find(({ code }) => code === 'INSUFFICIENT_CREDITS')
  return refusal && { kind: 'refused', refusal }
}

function replayOfBatch(stored: StoredBatch, unit: AppendUnit): UnitOutcome {
  if (
    unit.kind !== stored.kind ||
    unit.requestHash === null ||
    !equalBytes(stored.requestHash, unit.requestHash)
  ) {
    return { kind: 'refused', refusal: refusalOf('IDEMPOTENCY_CONFLICT') }
  }
  const unwritten = new Map(stored.unwritten.map((item) => [item.index, item]))
  const written = stored.written.values()
  const items = unit.items.map((_, index): ItemOutcome => {
    const refused = unwritten.get(index)
    if (refused !== undefined) return { kind: 'refused', ...refused }
    const next = written.next()
    if (next.done)
      throw new Error(`batch at log index ${stored.firstIndex} has fewer rows than its request has items`)
    return 'voidOf' in next.value ? { kind: 'void', ...next.value } : { kind: 'written', delta: next.value }
  })
  return { kind: 'done', items, replayed: true }
}

function replayOfEmit(delta: Delta, unit: AppendUnit): UnitOutcome {
  const [item] = unit.items
  if (
    unit.kind !== 'emit' ||
    item === undefined ||
    isRefused(item) ||
    delta.contentHash !== item.contentHash
  ) {
    return { kind: 'refused', refusal: refusalOf('IDEMPOTENCY_CONFLICT') }
  }
  return { kind: 'done', items: [{ kind: 'written', delta }], replayed: true }
}

function sameRequest(a: AppendUnit, b: AppendUnit): boolean {
  if (a.kind !== b.kind) return false
  if (a.requestHash !== null && b.requestHash !== null) return equalBytes(a.requestHash, b.requestHash)
  const [first] = a.items
  const [second] = b.items
  if (first === undefined || second === undefined || isRefused(first) || isRefused(second)) return false
  return first.contentHash === second.contentHash
}

function refuseItem(item: DeltaRequest, refusal: Refusal): ItemOutcome {
  return { kind: 'refused', refusal, customerId: item.customerId, delta: formatAmount(item.delta) }
}

function refusalOf(code: ProblemCode): Refusal {
  return { code, message: problems[code].message }
}
