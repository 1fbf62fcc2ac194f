import { type AmountResult, parseBalance, parseDelta } from '@pacspace/api/amount'
import { METADATA_BYTES_MAX, METADATA_DEPTH_MAX } from '@pacspace/api/field'
import { parseTimestamp } from '@pacspace/api/timestamp'
import type { Ajv } from 'ajv'
import type { DataValidateFunction, DataValidationCxt } from 'ajv/dist/types/index.js'
import { isCleanText, NumberLiteral, UNCLEAN_TEXT } from './exact-json.ts'

/** Teaches a validator the `x-…` keywords of `packages/api/src/field.ts`. Gives the same validator. */
export function addFieldKeywords(ajv: Ajv): Ajv {
  ajv.addKeyword({
    keyword: 'x-amount',
    modifying: true,
    schemaType: 'string',
    errors: true,
    compile: (kind: string) => amountKeyword(kind === 'delta' ? parseDelta : parseBalance),
  })
  ajv.addKeyword({ keyword: 'x-instant', modifying: true, errors: true, compile: () => replaceInstant })
  ajv.addKeyword({ keyword: 'x-text', errors: true, compile: () => checkText })
  ajv.addKeyword({ keyword: 'x-metadata', errors: true, compile: () => checkMetadata })
  // For readers of the schema: `x-secret` for logs, `x-each` for documentation of items that a handler validates itself.
  ajv.addKeyword('x-secret').addKeyword('x-each')
  return ajv
}

/** A JSON number, the literal of one, or a decimal string → the exact amount. */
function amountKeyword(parse: (literal: string) => AmountResult): DataValidateFunction {
  const replaceAmount: DataValidateFunction = (data: unknown, context?: DataValidationCxt) => {
    const literal = literalOf(data)
    if (literal === undefined) return fail(replaceAmount, 'must be a number or a decimal string')
    const result = parse(literal)
    return result.ok ? replace(context, result.amount) : fail(replaceAmount, result.text)
  }
  return replaceAmount
}

function literalOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data
  // A double that came through `parseExactJson` has the very decimal of its literal, and String() writes that.
  if (typeof data === 'number') return String(data)
  return data instanceof NumberLiteral ? data.literal : undefined
}

const replaceInstant: DataValidateFunction = (data: unknown, context?: DataValidationCxt) => {
  const timestamp = typeof data === 'string' ? parseTimestamp(data) : undefined
  return timestamp === undefined
    ? fail(replaceInstant, 'must be an ISO 8601 date or date-time')
    : replace(context, timestamp)
}

const checkText: DataValidateFunction = (data: unknown) =>
  typeof data !== 'string' || isCleanText(data) || fail(checkText, UNCLEAN_TEXT)

/**
 * Metadata is hashed as canonical JSON (RFC 8785), so it may hold only what that can say: doubles, integers only as far as
 * doubles are exact. JSON.stringify has the length of the canonical form: they differ in the order of members alone.
 */
const checkMetadata: DataValidateFunction = (data: unknown) => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return true // `type: object` says so
  if (data instanceof NumberLiteral) return fail(checkMetadata, 'must be an object')
  const members = data as Record<string, unknown> // an object, see above
  const settling: Settling = { bytesMax: 2 }
  const refusal = settleMembers(members, 1, settling)
  if (refusal !== undefined) return fail(checkMetadata, refusal)
  if (settling.bytesMax <= METADATA_BYTES_MAX) return true
  const bytes = Buffer.byteLength(JSON.stringify(data))
  return (
    bytes <= METADATA_BYTES_MAX || fail(checkMetadata, `must be at most ${METADATA_BYTES_MAX} bytes of JSON`)
  )
}

interface Settling {
  /** The canonical form is certainly no longer than this; usually enough to know that it is short. */
  bytesMax: number
}

/** A UTF-16 code unit takes at most 6 bytes of JSON (`\u0001`); a number at most 24, a word 5; quotes and separators 4. */
const BYTES_PER_CODE_UNIT_MAX = 6
const BYTES_PER_VALUE_MAX = 28

/** Turns long literals into doubles, in place. Gives what is wrong, if anything. */
function settleMembers(
  parent: Record<string, unknown>,
  depth: number,
  settling: Settling,
): string | undefined {
  if (depth > METADATA_DEPTH_MAX) return `must be nested at most ${METADATA_DEPTH_MAX} levels deep`
  for (const name in parent) {
    let member = parent[name]
    settling.bytesMax += BYTES_PER_VALUE_MAX + BYTES_PER_CODE_UNIT_MAX * name.length
    if (member instanceof NumberLiteral) {
      member = Number(member.literal)
      parent[name] = member
    }
    if (typeof member === 'number') {
      if (!Number.isFinite(member)) return 'must hold finite numbers only'
      if (Number.isInteger(member) && !Number.isSafeInteger(member)) {
        return 'must hold no integer beyond ±9007199254740991; send it as a string'
      }
    } else if (typeof member === 'string') {
      settling.bytesMax += BYTES_PER_CODE_UNIT_MAX * member.length
      if (!isCleanText(member)) return 'must hold well-formed Unicode without NUL'
    } else if (typeof member === 'object' && member !== null) {
      // an array is its elements by index
      const refusal = settleMembers(member as Record<string, unknown>, depth + 1, settling)
      if (refusal !== undefined) return refusal
    }
  }
  return undefined
}

function replace(context: DataValidationCxt | undefined, value: unknown): boolean {
  if (context?.parentData !== undefined) context.parentData[context.parentDataProperty] = value
  return true
}

function fail(keyword: DataValidateFunction, message: string): false {
  keyword.errors = [{ message }]
  return false
}
