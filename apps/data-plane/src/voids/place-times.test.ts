import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Timestamp } from '@pacspace/api/timestamp'
import { placeTimes } from './place-times.ts'

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z` as Timestamp // a right one
const last = 50

/** `entries`: minutes of what stands there; the places are those that become void. */
const placed = (places: readonly number[], entries: Readonly<Record<number, number>>) => {
  const times = new Map(Object.entries(entries).map(([index, minute]) => [Number(index), at(minute)]))
  return placeTimes(places, times, at(last)).map((time) => Number(time.slice(14, 16)))
}

for (const [name, places, entries, expected] of [
  ['its own, where that fits', [2], { 1: 10, 2: 11, 3: 12 }, [11]],
  ['of the one before, where the row is gone: whatever the next one says', [2], { 1: 10, 3: 59 }, [10]],
  ['of the one before, where its own is too late', [2], { 1: 10, 2: 59, 3: 12 }, [10]],
  ['of the one before, where its own is too early', [2], { 1: 10, 2: 3, 3: 12 }, [10]],
  ['of the one before, where its own is later than the log', [2], { 1: 10, 2: 58, 3: 59 }, [10]],
  ['of the one before, where the next one is damaged', [2], { 1: 10, 3: 3 }, [10]],
  ['of the next one at the beginning of the log', [0], { 1: 10 }, [10]],
  ['of the log, where nothing else stands', [0], {}, [last]],
  ['in order, whatever void ones say', [2, 3, 4], { 1: 10, 2: 30, 3: 5, 4: 20, 5: 21 }, [10, 10, 20]],
] as const) {
  it(`the time of a void is ${name}`, () => assert.deepEqual(placed(places, entries), expected))
}

it('is none, where those beside a later place contradict each other: a void cannot be repaired', () => {
  assert.throws(() => placed([2, 5], { 1: 10, 2: 11, 3: 12, 4: 40, 5: 14, 6: 15 }), {
    code: 'OTHER_DAMAGE',
  })
  assert.throws(() => placed([2], { 1: 59, 3: 12 }), { code: 'OTHER_DAMAGE' })
})
