import type { Timestamp } from '@pacspace/api/timestamp'

/**
 * The times of voids in their places: of the entry that stood there where that fits between its neighbours, which it does
 * unless the time itself was damaged; else the next entry's, so that times never go back in the log. `times`: of the
 * entries at and beside the places, as far as there are some. Pure.
 */
export function placeTimes(
  places: readonly number[],
  times: ReadonlyMap<number, Timestamp>,
  lastCreatedAt: Timestamp,
): readonly Timestamp[] {
  const placed = new Map(times)
  return places.map((at) => {
    const before = placed.get(at - 1)
    const after = placed.get(at + 1) ?? lastCreatedAt
    const own = times.get(at)
    const fits = own !== undefined && own <= after && (before === undefined || own >= before)
    const time = fits ? own : before !== undefined && before > after ? before : after
    placed.set(at, time)
    return time
  })
}
