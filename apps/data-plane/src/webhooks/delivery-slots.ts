/** Attempts that one worker makes at once. */
const SLOTS = 512
/** Of these, at most so many to endpoints that do not answer as they should: they may not crowd the others out. */
const FAILING_SLOTS = 128

/** During a burst of emits, attempts begin this many at a time, so far apart: what they cost is taken from answers. */
const BURST_STARTS = 24
const BURST_WINDOW_MS = 250

export interface DeliverySlotsOptions {
  /** Whether emits want the processors for themselves. Default: never. */
  readonly isBurst?: () => boolean
  /** Monotonic milliseconds. Default: the process's own. */
  readonly nowMs?: () => number
}

/** The places for attempts that all endpoints of a worker share. */
export class DeliverySlots {
  readonly #isBurst: () => boolean
  readonly #nowMs: () => number
  #taken = 0
  #takenByFailing = 0
  #windowEndMs = Number.NEGATIVE_INFINITY
  #startsInWindow = 0
  #window = 0
  /** In which window each taker last got a place. */
  readonly #served = new WeakMap<() => void, number>()
  readonly #waiting = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined

  constructor({ isBurst = () => false, nowMs = () => performance.now() }: DeliverySlotsOptions = {}) {
    this.#isBurst = isBurst
    this.#nowMs = nowMs
  }

  /**
   * Takes a place, or gives undefined and calls `onFree` once when one may be free. What it gives frees the place. During a
   * burst whoever has waited longest for one comes first: `onFree` is the same function for the same taker.
   */
  take(isFailing: boolean, onFree: () => void): (() => void) | undefined {
    const isFull = this.#taken >= SLOTS || (isFailing && this.#takenByFailing >= FAILING_SLOTS)
    if (this.#beginsWindow() && this.#mustGiveWay(onFree)) {
      this.#waiting.add(onFree)
      this.#wakeAll()
      return undefined
    }
    if (isFull || !this.#mayStart()) {
      this.#waiting.add(onFree)
      return undefined
    }
    this.#served.set(onFree, this.#window)
    this.#taken++
    if (isFailing) this.#takenByFailing++
    return () => {
      this.#taken--
      if (isFailing) this.#takenByFailing--
      this.#wakeAll()
    }
  }

  #beginsWindow(): boolean {
    const nowMs = this.#nowMs()
    if (nowMs < this.#windowEndMs) return false
    this.#windowEndMs = nowMs + BURST_WINDOW_MS
    this.#startsInWindow = 0
    this.#window++
    return true
  }

  #mayStart(): boolean {
    if (this.#startsInWindow >= BURST_STARTS && this.#isBurst()) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#wakeAll()
      }, this.#windowEndMs - this.#nowMs())
      return false
    }
    this.#startsInWindow++
    return true
  }

  #mustGiveWay(onFree: () => void): boolean {
    const own = this.#servedIn(onFree)
    return this.#isBurst() && [...this.#waiting].some((waiting) => this.#servedIn(waiting) < own)
  }

  #servedIn(onFree: () => void): number {
    return this.#served.get(onFree) ?? 0
  }

  #wakeAll(): void {
    const waiting = [...this.#waiting]
    if (this.#isBurst()) waiting.sort((a, b) => this.#servedIn(a) - this.#servedIn(b))
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }
}
