const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Where a month ends if it goes on as it did: deltas, rounded. Undefined for a month that is over or has hardly begun, when
 * it would be a guess. `period`: `YYYY-MM`.
 */
export function projectedDeltas(consumed: number, period: string, nowMs: number): number | undefined {
  const startMs = Date.parse(`${period}-01T00:00:00Z`)
  const start = new Date(startMs)
  const endMs = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1)
  const elapsedMs = nowMs - startMs
  if (nowMs >= endMs || elapsedMs < DAY_MS) return undefined
  return Math.round((consumed * (endMs - startMs)) / elapsedMs)
}

/** How much of what is included is used, in whole percent; a start is never 0. Undefined by contract. */
export function usedPercent(consumed: number, included: number | null): number | undefined {
  if (included === null || included === 0) return undefined
  const percent = Math.floor((consumed * 100) / included)
  return consumed > 0 ? Math.max(1, percent) : percent
}
