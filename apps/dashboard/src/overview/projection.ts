const DAY_MS = 24 * 60 * 60 * 1_000
/** The pace is that of so many days before now, or of the month where it is younger. */
const PACE_DAYS = 7

interface Day {
  readonly date: string
  readonly consumedDeltas: number
}

export interface Projection {
  /** Deltas a day, lately. */
  readonly pace: number
  /** Deltas of the whole month, at that pace. */
  readonly atMonthEnd: number
}

/**
 * Where a month will end if it goes on as lately. `days`: of the month, the first one first; `period`: the month, in which
 * `nowMs` lies. Pure.
 */
export function projectionOf(days: readonly Day[], period: string, nowMs: number): Projection {
  const start = Date.parse(`${period}-01T00:00:00Z`)
  const [year = 0, month = 0] = period.split('-').map(Number)
  const end = Date.UTC(year, month, 1) // months of Date count from 0: this is the next one
  const consumed = days.reduce((sum, day) => sum + day.consumedDeltas, 0)
  const since = Math.max(start, Math.floor(nowMs / DAY_MS) * DAY_MS - (PACE_DAYS - 1) * DAY_MS)
  const lately = days
    .filter((day) => Date.parse(`${day.date}T00:00:00Z`) >= since)
    .reduce((sum, day) => sum + day.consumedDeltas, 0)
  // A first hour of a month says little about a day: less than one counts as a whole one.
  const pace = lately / Math.max(1, (nowMs - since) / DAY_MS)
  return { pace, atMonthEnd: Math.round(consumed + (pace * Math.max(0, end - nowMs)) / DAY_MS) }
}

/** The day on which an allowance for life is used up at a pace; undefined where it lasts more than a year. */
export function dayUsedUp(remaining: number, pace: number, nowMs: number): string | undefined {
  const days = remaining / pace
  return days > 365 ? undefined : new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10)
}
