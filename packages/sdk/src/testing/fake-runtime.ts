import type { Runtime } from '../internal/runtime.ts'

/**
 * Test support: surroundings in which no test waits. Delays between attempts pass at once and are written down; the
 * watch over an attempt runs out only when the test says so.
 */
export class FakeRuntime implements Runtime {
  /** Milliseconds waited between attempts, in order. */
  readonly delaysMs: number[] = []
  readonly #timeoutMs: number
  readonly #watches = new Set<() => void>()
  #nowMs = Date.parse('2026-01-15T12:00:00Z')
  #keys = 0

  /** `timeoutMs`: how long an attempt may take, so that its watch is told from a delay. */
  constructor(timeoutMs = 30_000) {
    this.#timeoutMs = timeoutMs
  }

  now(): number {
    return this.#nowMs
  }

  /** The largest value there is, so that jitter shows its upper bound. */
  random(): number {
    return 1 - 2 ** -53
  }

  newIdempotencyKey(): string {
    this.#keys += 1
    return `key-${this.#keys}`
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (delayMs !== this.#timeoutMs) {
      this.delaysMs.push(Math.round(delayMs))
      this.#nowMs += delayMs
      return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      this.#watches.add(resolve)
      signal?.addEventListener('abort', () => {
        this.#watches.delete(resolve)
        reject(signal.reason)
      })
    })
  }

  /** Watches that still run: none, once every call has ended. */
  get watches(): number {
    return this.#watches.size
  }

  /** The time of every running attempt is over. */
  runOutOfTime(): void {
    for (const resolve of this.#watches) resolve()
    this.#watches.clear()
  }
}
