import type { Timestamp } from '@pacspace/api/timestamp'
import { VoidRefused } from './void-order.ts'

/**
 * The times of voids in their places: of the entry that stood there where that fits between its neighbours, which it does
 * unless the time itself was damaged; else of the entry before, which is signed or void itself, so that whatever is repaired
 * behind it still fits. `times`: of the entries at and beside the places, as far as there are some, damaged or not. Pure.
 * Throws VoidRefused where the neighbours of a place contradict each other: a void in a wrong order could not be repaired.
 */
export function placeTimes(
  places: readonly number[],
  times: ReadonlyMap<number, Timestamp>,
  lastCreatedAt: Timestamp,
): readonly Timestamp[] {
  const placed = new Map(times)
  const nextTimes = timesBehind(places, times, lastCreatedAt)
  return places.map((at, index) => {
    const before = placed.get(at - 1)
    const after = nextTimes[index] ?? lastCreatedAt
    const own = times.get(at)
    const fits = own !== undefined && own <= after && own <= lastCreatedAt && !isBefore(own, before)
    const time = fits ? own : (before ?? after)
    // Of the first place the entry before it is signed: what stands behind is at fault, and may be repaired still.
    if (time > lastCreatedAt || (index > 0 && isBefore(after, before)))
      throw new VoidRefused(
        'OTHER_DAMAGE',
        `the times of the entries beside a_${at} are out of order: repair that first`,
      )
    placed.set(at, time)
    return time
  })
}

function isBefore(time: Timestamp, other: Timestamp | undefined): boolean {
  return other !== undefined && time < other
}

/** For each place the time of the next entry that does not become void. */
function timesBehind(
  places: readonly number[],
  times: ReadonlyMap<number, Timestamp>,
  lastCreatedAt: Timestamp,
): readonly Timestamp[] {
  const behind: Timestamp[] = []
  for (const [index, at] of [...places.entries()].reverse()) {
    const isRun = places[index + 1] === at + 1
    behind[index] = (isRun ? behind[index + 1] : times.get(at + 1)) ?? lastCreatedAt
  }
  return behind
}
