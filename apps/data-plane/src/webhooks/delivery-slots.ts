/** Attempts that one worker makes at once. */
const SLOTS = 512
/** Of these, at most so many to endpoints that do not answer as they should: they may not crowd the others out. */
const FAILING_SLOTS = 128

/** The places for attempts that all endpoints of a worker share. */
export class DeliverySlots {
  #taken = 0
  #takenByFailing = 0
  readonly #waiting = new Set<() => void>()

  /** Takes a place, or gives undefined and calls `onFree` once when one may be free. What it gives frees the place. */
  take(isFailing: boolean, onFree: () => void): (() => void) | undefined {
    if (this.#taken >= SLOTS || (isFailing && this.#takenByFailing >= FAILING_SLOTS)) {
      this.#waiting.add(onFree)
      return undefined
    }
    this.#taken++
    if (isFailing) this.#takenByFailing++
    return () => {
      this.#taken--
      if (isFailing) this.#takenByFailing--
      const waiting = [...this.#waiting]
      this.#waiting.clear()
      for (const wake of waiting) wake()
    }
  }
}
