/**
 * What a ledger must answer, as plainly as it can be said: one list of deltas in memory, read from end to end. Shares no
 * code with the data plane; hashes nothing. Requests are taken in the order of the log.
 */

/** One change as a client sends it. */
export interface ModelRequest {
  readonly customerId: string
  /** Decimal text. */
  readonly delta: string
  readonly reason: string
  readonly referenceId?: string
  readonly metadata?: unknown
  readonly adjusts?: { readonly recordId: string } | { readonly referenceId: string }
}

/** One HTTP request: indivisible. */
export interface ModelUnit {
  readonly route: 'emit' | 'batch'
  /** Idempotency-Key. */
  readonly key?: string
  readonly items: readonly ModelRequest[]
}

/** A committed change. */
export interface ModelDelta {
  /** Position in the log, from 0. */
  readonly index: number
  /** Position in the customer's ledger, from 1. */
  readonly sequence: number
  readonly request: ModelRequest
  /** 10⁻¹² units. */
  readonly amount: bigint
  readonly balance: bigint
  /** Index of the delta that it corrects. */
  readonly adjusts: number | null
}

export type ModelItem =
  | { readonly kind: 'written' | 'replay'; readonly index: number }
  | { readonly kind: 'void'; readonly index: number }
  | { readonly kind: 'refused'; readonly code: string }

export type ModelOutcome =
  | { readonly kind: 'done'; readonly replayed: boolean; readonly items: readonly ModelItem[] }
  | { readonly kind: 'refused'; readonly code: string }

interface Kept {
  readonly unit: ModelUnit
  readonly outcome: Extract<ModelOutcome, { kind: 'done' }>
}

/** See the file. */
export class LedgerModel {
  /** Void ones among them. */
  readonly deltas: ModelDelta[] = []
  readonly #void = new Set<number>()
  readonly #kept = new Map<string, Kept>()
  readonly #indexOf = new Map<string, number>()
  /** Deltas that may be written at most; null for any number. */
  readonly #cap: number | null

  constructor(cap: number | null = null) {
    this.#cap = cap
  }

  /** Tells the model how the ledger named a delta. */
  learnRecordId(recordId: string, index: number): void {
    this.#indexOf.set(recordId, index)
  }

  /** The position of a delta by the ledger's name for it; null for a name that was never given. */
  indexOf(recordId: string): number | null {
    return this.#indexOf.get(recordId) ?? null
  }

  /** A customer's deltas in order. */
  of(customerId: string): ModelDelta[] {
    return this.#counted().filter(({ request }) => request.customerId === customerId)
  }

  /** Whether a customer ever had a delta. */
  hasBegun(customerId: string): boolean {
    return this.deltas.some(({ request }) => request.customerId === customerId)
  }

  /** Makes a delta void, with all later ones of its customer: they count for nothing, and hold no key or reference. */
  makeVoid(index: number): void {
    const customerId = this.deltas[index]?.request.customerId
    for (const delta of this.deltas.slice(index))
      if (delta.request.customerId === customerId) this.#void.add(delta.index)
    for (const [key, { unit, outcome }] of this.#kept) {
      const items = outcome.items.map(
        (item): ModelItem =>
          item.kind === 'written' && this.#void.has(item.index) ? { kind: 'void', index: item.index } : item,
      )
      if (unit.route === 'emit' && items.some(({ kind }) => kind === 'void')) this.#kept.delete(key)
      else this.#kept.set(key, { unit, outcome: { ...outcome, items } })
    }
  }

  #counted(): ModelDelta[] {
    return this.deltas.filter(({ index }) => !this.#void.has(index))
  }

  /** What would become of a request now. Changes nothing. */
  decide(unit: ModelUnit): ModelOutcome {
    return this.#plan(unit).outcome
  }

  /** Takes a request. */
  apply(unit: ModelUnit): ModelOutcome {
    const { outcome, written } = this.#plan(unit)
    this.deltas.push(...written)
    if (outcome.kind === 'done' && !outcome.replayed && unit.key !== undefined && written.length > 0) {
      this.#kept.set(unit.key, { unit, outcome })
    }
    return outcome
  }

  #plan(unit: ModelUnit): { outcome: ModelOutcome; written: ModelDelta[] } {
    const kept = unit.key === undefined ? undefined : this.#kept.get(unit.key)
    if (kept !== undefined) {
      const isSame = textOf(kept.unit) === textOf(unit)
      const outcome: ModelOutcome = isSame
        ? { ...kept.outcome, replayed: true }
        : { kind: 'refused', code: 'IDEMPOTENCY_CONFLICT' }
      return { outcome, written: [] }
    }
    const written: ModelDelta[] = []
    const items = unit.items.map((request) => this.#planItem(unit, request, written))
    const refusals = items.flatMap((item) => (item.kind === 'refused' ? [item.code] : []))
    if (refusals.length === items.length) {
      const code =
        unit.route === 'emit' ? refusals[0] : refusals.find((refusal) => refusal === 'INSUFFICIENT_CREDITS')
      if (code !== undefined) return { outcome: { kind: 'refused', code }, written: [] }
    }
    return { outcome: { kind: 'done', replayed: false, items }, written }
  }

  #planItem(unit: ModelUnit, request: ModelRequest, written: ModelDelta[]): ModelItem {
    const all = [...this.#counted(), ...written]
    const index = this.deltas.length + written.length
    const under = (referenceId: string) =>
      all.filter(
        (delta) =>
          delta.request.customerId === request.customerId && delta.request.referenceId === referenceId,
      )
    if (unit.key === undefined && request.referenceId !== undefined) {
      const equal = under(request.referenceId).find(
        (delta) => contentOf(delta.request) === contentOf(request),
      )
      if (equal !== undefined) return { kind: 'replay', index: equal.index }
    }
    let adjusts: number | null = null
    if (request.adjusts !== undefined) {
      const found =
        'recordId' in request.adjusts
          ? this.#named(request.adjusts.recordId, all)
          : under(request.adjusts.referenceId)
      const own = found.filter((delta) => delta.request.customerId === request.customerId)
      if (own.length > 1) return { kind: 'refused', code: 'ADJUSTED_DELTA_AMBIGUOUS' }
      const [target] = own
      if (target === undefined) return { kind: 'refused', code: 'ADJUSTED_DELTA_NOT_FOUND' }
      adjusts = target.index
    }
    if (this.#cap !== null && all.length >= this.#cap)
      return { kind: 'refused', code: 'INSUFFICIENT_CREDITS' }
    const before = all.filter((delta) => delta.request.customerId === request.customerId)
    const amount = unitsOf(request.delta)
    written.push({
      index,
      sequence: before.length + 1,
      request,
      amount,
      balance: (before.at(-1)?.balance ?? 0n) + amount,
      adjusts,
    })
    return { kind: 'written', index }
  }

  /** A delta of this very group has no name that anybody could know yet. */
  #named(recordId: string, all: readonly ModelDelta[]): ModelDelta[] {
    const index = this.#indexOf.get(recordId)
    return all.filter((delta) => delta.index === index)
  }
}

const UNIT_DIGITS = 12

/** A decimal text in units of 10⁻¹². */
export function unitsOf(decimal: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  if (whole === '' || fraction.length > UNIT_DIGITS) throw new Error(`no decimal: ${decimal}`)
  const units = BigInt(whole + fraction.padEnd(UNIT_DIGITS, '0'))
  return sign === '-' ? -units : units
}

/** The canonical decimal text of units of 10⁻¹². */
export function decimalOf(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(UNIT_DIGITS + 1, '0')
  const fraction = digits.slice(-UNIT_DIGITS).replace(/0+$/, '')
  const text =
    fraction === '' ? digits.slice(0, -UNIT_DIGITS) : `${digits.slice(0, -UNIT_DIGITS)}.${fraction}`
  return units < 0n ? `-${text}` : text
}

/** What makes two requests the same: every field, whatever the order of members and the spelling of numbers. */
function contentOf(request: ModelRequest): string {
  const { customerId, reason, referenceId = null, adjusts = null, metadata = null } = request
  return sortedJson([customerId, unitsOf(request.delta).toString(), reason, referenceId, adjusts, metadata])
}

function textOf(unit: ModelUnit): string {
  return JSON.stringify([unit.route, unit.items.map(contentOf)])
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`)
  return `{${members.join()}}`
}
