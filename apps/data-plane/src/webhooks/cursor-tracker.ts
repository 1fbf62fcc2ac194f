/** Which entries of a log are done while their events are sent side by side and end in any order. */
export class CursorTracker {
  /** Events not done yet, by entry. */
  readonly #open = new Map<number, number>()
  #scanned = 0

  /** Begins at an entry: everything before it is done. */
  start(nextIndex: number): void {
    this.#scanned = nextIndex
  }

  /** Entries below it were looked at. */
  get scanned(): number {
    return this.#scanned
  }

  /** The first entry that is not done. O(open entries), which a window bounds. */
  get next(): number {
    let next = this.#scanned
    for (const logIndex of this.#open.keys()) if (logIndex < next) next = logIndex
    return next
  }

  /** Entries up to `to` were looked at; `logIndexes`: the entry of each event that is to be sent. */
  scan(to: number, logIndexes: readonly number[]): void {
    this.#scanned = to
    for (const logIndex of logIndexes) this.#open.set(logIndex, (this.#open.get(logIndex) ?? 0) + 1)
  }

  /** These events are done. Gives what takes it back, should that not be kept. */
  finish(logIndexes: readonly number[]): () => void {
    for (const logIndex of logIndexes) {
      const left = (this.#open.get(logIndex) ?? 0) - 1
      if (left > 0) this.#open.set(logIndex, left)
      else this.#open.delete(logIndex)
    }
    return () => this.scan(this.#scanned, logIndexes)
  }
}
