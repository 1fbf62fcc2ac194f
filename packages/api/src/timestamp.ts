/**
 * An instant as the wire writes it: ISO 8601 UTC with milliseconds, `2026-01-15T12:00:05.000Z` (product.md §2 "Time").
 * Fixed width, so that timestamps of the years 0000–9999 compare as text.
 */
export type Timestamp = string & { readonly __brand: 'Timestamp' }

/** A month `YYYY-MM`, UTC. */
export type Period = string & { readonly __brand: 'Period' }

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/i

/** The timestamp of an epoch time. `epochMs`: milliseconds since 1970-01-01T00:00Z. */
export function timestampOf(epochMs: number): Timestamp {
  return new Date(epochMs).toISOString() as Timestamp
}

/** Milliseconds since 1970-01-01T00:00Z. */
export function epochMsOf(timestamp: Timestamp): number {
  return Date.parse(timestamp)
}

/** What a request may send: an ISO 8601 date (00:00Z) or date-time (no zone = UTC). Undefined for anything else. */
export function parseTimestamp(text: string): Timestamp | undefined {
  if (DATE.test(text)) return checked(text, `${text}T00:00:00.000Z`)
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const [, date = '', time = '', zone = 'Z'] = match
  const colonZone = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  return checked(date, `${date}T${time}${colonZone}`)
}

/** The month a timestamp lies in. */
export function periodOf(timestamp: Timestamp): Period {
  return timestamp.slice(0, 7) as Period
}

/** First instant of a month, and of the month after it. */
export function periodBounds(period: Period): { readonly start: Timestamp; readonly end: Timestamp } {
  const year = Number(period.slice(0, 4))
  const month = Number(period.slice(5, 7))
  return { start: timestampOf(Date.UTC(year, month - 1, 1)), end: timestampOf(Date.UTC(year, month, 1)) }
}

/** True for `YYYY-MM` with a month of 01–12. */
export function isPeriod(text: string): text is Period {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text)
}

/** Date.parse accepts 2026-02-30 as 2 March; a day that does not exist is refused here. */
function checked(date: string, iso: string): Timestamp | undefined {
  const dayMs = Date.parse(`${date}T00:00:00.000Z`)
  const epochMs = Date.parse(iso)
  if (Number.isNaN(dayMs) || Number.isNaN(epochMs)) return undefined
  return new Date(dayMs).toISOString().startsWith(date) ? timestampOf(epochMs) : undefined
}
