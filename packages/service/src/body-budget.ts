import { Problem } from '@pacspace/api/problem'

/**
 * How many bytes of request bodies a process holds at once, from their first byte to the answer: what a flood of large
 * batches would otherwise fill its memory with. Bodies that do not fit are refused at once; the callers come again.
 */
export class BodyBudget {
  readonly #bytesMax: number
  #held = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Raises SERVICE_UNAVAILABLE where these do not fit; then none of them are held. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#bytesMax) {
      throw new Problem('SERVICE_UNAVAILABLE', {
        retryAfterSeconds: 1,
        internal: `bodies of ${this.#held} bytes are in progress`,
      })
    }
    this.#held += bytes
  }

  give(bytes: number): void {
    this.#held -= bytes
  }
}
