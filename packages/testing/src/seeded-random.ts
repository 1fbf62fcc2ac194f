import { randomInt } from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'

/** The variable that replays a run: `PACSPACE_TEST_SEED=1234 npm test …`. */
const SEED_VARIABLE = 'PACSPACE_TEST_SEED'

/** The seed of this run: from the environment, else fresh. Print it beside what it made, so that a failure can be replayed. */
export function testSeed(): number {
  return isSeedGiven() ? Number(process.env[SEED_VARIABLE]) : randomInt(2 ** 32)
}

/** Whether the environment asks for one seed. */
export function isSeedGiven(): boolean {
  return (process.env[SEED_VARIABLE] ?? '') !== ''
}

/** Randomness that a seed determines; not for secrets. */
export interface SeededRandom {
  readonly seed: number
  /** 0 ≤ x < 1. */
  next(): number
  /** Whole number, 0 ≤ x < `end`. */
  integer(end: number): number
  pick<T>(items: readonly T[]): T
  readonly bytes: RandomBytes
}

/** mulberry32: 32 bits of state, good enough to choose test cases. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const integer = (end: number) => Math.floor(next() * end)
  return {
    seed,
    next,
    integer,
    pick(items) {
      const item = items[integer(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    bytes: (length) => Uint8Array.from({ length }, () => integer(256)),
  }
}
