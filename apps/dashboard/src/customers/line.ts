import type { LinePoint } from '../ui/LineChart.tsx'

const DAY_MS = 24 * 60 * 60 * 1_000

/** The first instant of the day (UTC) so many days ago. */
export function startOfDaysAgo(days: number, nowMs: number): string {
  return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS - days * DAY_MS).toISOString()
}

interface History {
  readonly startingBalance: string
  readonly deltas: readonly { readonly createdAt: string; readonly balance: string }[]
}

/**
 * A history, newest first, as the points of a line, oldest first. `startDate`: where the line is to begin, with the
 * balance that was there; undefined: at the first delta.
 */
export function lineOf({ startingBalance, deltas }: History, startDate: string | undefined): LinePoint[] {
  const points = deltas.toReversed().map(({ createdAt, balance }) => ({ time: createdAt, amount: balance }))
  return startDate === undefined || points.length === 0
    ? points
    : [{ time: startDate, amount: startingBalance }, ...points]
}
