import type { Clock } from '@pacspace/service/clock'

/** A clock that stands still until a test moves it, forwards or back. */
export class FakeClock implements Clock {
  #nowMs: number

  /** `start`: ISO 8601; default 2026-01-15T12:00:00.000Z. */
  constructor(start = '2026-01-15T12:00:00.000Z') {
    this.#nowMs = Date.parse(start)
  }

  now(): number {
    return this.#nowMs
  }

  /** Moves by that many milliseconds; negative = back. */
  advance(ms: number): void {
    this.#nowMs += ms
  }

  /** Jumps to an instant, ISO 8601. */
  set(instant: string): void {
    this.#nowMs = Date.parse(instant)
  }
}
