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

/** What a request may send: an ISO 8601 date (00:00Z) or date-time (no zone = UTC), years 0001–9999. Undefined for anything else. */
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

/**
 * First instant of a month, and of the month after it. After 9999-12 there is none that a timestamp can write: its end is
 * its last millisecond. Built as text, since Date.UTC takes the years 0–99 for 1900–1999.
 */
export function periodBounds(period: Period): { readonly start: Timestamp; readonly end: Timestamp } {
  const months = Number(period.slice(0, 4)) * 12 + Number(period.slice(5, 7)) // months from 0000-01 to the next one
  const next = `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`
  const end = next === '10000-01' ? '9999-12-31T23:59:59.999Z' : `${next}-01T00:00:00.000Z`
  return { start: `${period}-01T00:00:00.000Z` as Timestamp, end: end as Timestamp } // both have the form of one
}

/** True for `YYYY-MM` with a month of 01–12. */
export function isPeriod(text: string): text is Period {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text)
}

/** The years 0001–9999: four digits on the wire, and there is no year 0 in PostgreSQL. */
const EPOCH_MS_MIN = Date.parse('0001-01-01T00:00:00.000Z')
const EPOCH_MS_MAX = Date.parse('9999-12-31T23:59:59.999Z')

/** Date.parse accepts 2026-02-30 as 2 March; a day that does not exist is refused here. */
function checked(date: string, iso: string): Timestamp | undefined {
  const dayMs = Date.parse(`${date}T00:00:00.000Z`)
  const epochMs = Date.parse(iso)
  if (Number.isNaN(dayMs) || !(epochMs >= EPOCH_MS_MIN && epochMs <= EPOCH_MS_MAX)) return undefined
  return new Date(dayMs).toISOString().startsWith(date) ? timestampOf(epochMs) : undefined
}
