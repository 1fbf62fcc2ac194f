import pg from 'pg'

/**
 * How column values arrive in JavaScript: `int8` as number (counts and positions; refused beyond 2⁵³−1), `numeric` as
 * text (amounts are exact, never floats), `timestamptz` as ISO 8601 UTC text with milliseconds, `bytea` as Buffer,
 * `date` as its text. Connections run with TimeZone=UTC and DateStyle=ISO.
 */
const oid = {
  int8: 20,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  int8Array: 1016,
  numericArray: 1231,
  timestamptzArray: 1185,
  dateArray: 1182,
} as const

type Parser = (text: string) => unknown

// text[], which the library's list of type names lacks: elements as they are, NULL as null.
const textArrayOid: number = 1009
const textArray = pg.types.getTypeParser(textArrayOid) as (text: string) => (string | null)[] // see above

const parsers = new Map<number, Parser>([
  [oid.int8, parseInt8],
  [oid.date, (text) => text],
  [oid.timestamp, (text) => text],
  [oid.timestamptz, parseTimestamptz],
  [oid.int8Array, (text) => textArray(text).map((item) => (item === null ? null : parseInt8(item)))],
  [
    oid.timestamptzArray,
    (text) => textArray(text).map((item) => (item === null ? null : parseTimestamptz(item))),
  ],
  [oid.dateArray, textArray],
  // The library's default makes floats of them.
  [oid.numericArray, textArray],
])

/** The parser of a column type, for pg's `types` setting. Binary results are not used. */
export function parserOf(typeId: number, format?: string): Parser {
  return (format === 'binary' ? undefined : parsers.get(typeId)) ?? (pg.types.getTypeParser(typeId) as Parser)
}

function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint beyond 2^53-1: ${text}`)
  return value
}

/** `2026-01-15 12:00:05.123456+00` → `2026-01-15T12:00:05.123Z`. Microseconds are cut, as in every answer. */
function parseTimestamptz(text: string): string {
  if (!text.endsWith('+00') || text.charCodeAt(10) !== 32) throw new RangeError(`no UTC timestamp: ${text}`)
  const fraction = text.length > 22 ? text.slice(20, -3) : ''
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}
