/** Where time comes from. Domain code takes it as a value, so that a run can be simulated (design invariant 11). */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. May jump when the host's clock is set. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
