const name = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** The month (`YYYY-MM`, UTC) that an instant lies in. */
export function monthOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 7)
}

/** So many finished months before that of an instant, newest first. */
export function finishedMonths(epochMs: number, count: number): string[] {
  const now = new Date(epochMs)
  return Array.from({ length: count }, (_, i) =>
    monthOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1 - i, 1)),
  )
}

/** `October 2026`. */
export function monthName(month: string): string {
  return name.format(new Date(`${month}-01T00:00:00Z`))
}
