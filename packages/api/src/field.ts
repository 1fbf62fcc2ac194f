import type { TSchema } from 'typebox'
import type { Amount } from './amount.ts'
import type { Id } from './id.ts'
import { Type } from './schema.ts'
import type { Period, Timestamp } from './timestamp.ts'

/**
 * Schemas of single fields (product.md §2). The `x-…` keywords are read by the service's validator, which replaces the
 * received literal by the parsed value, and by the OpenAPI emitter, which writes plain JSON Schema for them.
 */

/** A non-zero change: received as JSON number or decimal string, exact. */
export const DeltaAmount = Type.Unsafe<Amount>({ 'x-amount': 'delta' })

/** A balance or total: zero allowed. In answers a JSON number with all its digits, or a string with `X-Amount-Format: string`. */
export const BalanceAmount = Type.Unsafe<Amount>({ 'x-amount': 'balance' })

/** An ISO 8601 date or date-time in requests; UTC with milliseconds in answers. */
export const Instant = Type.Unsafe<Timestamp>({ type: 'string', 'x-instant': true })

/** A month `YYYY-MM`, UTC. */
export const PeriodText = Type.Unsafe<Period>({ type: 'string', pattern: '^(?!0000)\\d{4}-(0[1-9]|1[0-2])$' })

/** An id with its prefix. Only the prefix and a sane form are checked, so that an unknown id is a 404. */
export function IdOf<Prefix extends string>(prefix: Prefix) {
  return Type.Unsafe<Id<Prefix>>({ type: 'string', pattern: `^${prefix}_[0-9A-Za-z]{1,64}$` })
}

/** The tenant's own name for a customer. The negative look-ahead refuses `.`, `..` and `summary`, which are path words. */
export const CustomerId = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^(?!\\.{1,2}$|summary$)[A-Za-z0-9_.:-]+$',
  description: 'Your own name for the customer: letters, digits and _ - . : (1–128 characters)',
})

/** Text that is well-formed Unicode without NUL. Length counts UTF-16 code units. */
export function Text(options: { minLength?: number; maxLength: number; description?: string }) {
  return Type.Unsafe<string>({ type: 'string', 'x-text': true, ...options })
}

export const Reason = Text({ minLength: 1, maxLength: 500, description: 'Why the balance changes' })
export const ReferenceId = Text({
  minLength: 1,
  maxLength: 255,
  description: 'Your id of the underlying thing',
})

/** Largest `metadata` in bytes of canonical JSON, and its deepest nesting. */
export const METADATA_BYTES_MAX = 16 * 1024
export const METADATA_DEPTH_MAX = 16

/** A JSON object of the caller's; kept as sent (canonical JSON is what is hashed). */
export const Metadata = Type.Unsafe<Record<string, unknown>>({ type: 'object', 'x-metadata': true })

/** A body that is taken as the bytes that came, neither parsed nor validated: somebody signed exactly these. */
export const RawBody = Type.Unsafe<Uint8Array>({ type: 'object', 'x-raw': true })

/** True for `RawBody`. */
export function isRawBody(schema: object): boolean {
  return 'x-raw' in schema
}

/** A hash on the wire: `0x` and 64 lower-case hex digits. */
export const Hash = Type.Unsafe<`0x${string}`>({ type: 'string', pattern: '^0x[0-9a-f]{64}$' })

export const AnchorId = Type.Unsafe<`a_${number}`>({ type: 'string', pattern: '^a_(0|[1-9][0-9]{0,15})$' })

/** `schema`, or null where there is nothing to say. */
export function Nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

/** A whole number of a query string or body, with bounds and a default. */
export function Whole(options: { minimum: number; maximum: number; default?: number }) {
  return Type.Integer(options)
}

/** An object that refuses unknown fields by name. */
export function Strict<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false })
}
