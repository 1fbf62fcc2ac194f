/**
 * Canonical JSON: RFC 8785 (JCS). One value has one text, so it has one hash.
 *
 * Of the RFC's rules, ECMAScript's own JSON.stringify gives the escapes (§3.2.2.2) and the numbers (§3.2.2.3); this
 * file adds the order of members (§3.2.3, UTF-16 code units) and refuses what has no canonical form.
 */
import { parseJson } from './parse-json.ts'
import { ProofError } from './proof-error.ts'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [member: string]: JsonValue
}

/** Levels of objects and arrays allowed inside each other. Stops hostile nesting long before the stack ends. */
export const JSON_DEPTH_MAX = 64

/** Texts that JSON writes as they are: printable ASCII but for quote and backslash. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/

/**
 * The RFC 8785 text of a JSON value.
 *
 * Takes `unknown`, because what must be hashed often comes from a parser; throws `NOT_JSON` for what JSON cannot
 * express (undefined, NaN, ±Infinity, bigint, functions, class instances, holes in arrays), `ILL_FORMED_STRING` for
 * a lone surrogate in any string or member name, `TOO_DEEP` beyond `depthMax` levels.
 * Absent members must be left out by the caller: a member whose value is undefined is refused, not dropped.
 */
export function canonicalJson(value: unknown, depthMax: number = JSON_DEPTH_MAX): string {
  switch (typeof value) {
    case 'string':
      return quoteJson(value)
    case 'number':
      return canonicalNumber(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depthMax <= 0) throw new ProofError('TOO_DEEP', 'JSON is nested too deep')
      return Array.isArray(value) ? canonicalArray(value, depthMax - 1) : canonicalObject(value, depthMax - 1)
    default:
      throw new ProofError('NOT_JSON', `JSON has no ${typeof value}`)
  }
}

/** The RFC 8785 text of a JSON string, quotes included. Throws `ILL_FORMED_STRING` for a lone surrogate. */
export function quoteJson(text: string): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new ProofError('ILL_FORMED_STRING', 'a string holds a lone surrogate')
  return JSON.stringify(text)
}

/**
 * The value of a JSON text that must already be canonical; throws `NOT_CANONICAL` (or `MALFORMED` if it is no JSON)
 * otherwise. Attacker-controlled input: one comparison refuses doubled members, other spellings of a number or an
 * escape, white space and wrong order, each of which would let two verifiers read two things.
 */
export function parseCanonicalJson(text: string, depthMax: number = JSON_DEPTH_MAX): unknown {
  const value = parseJson(text, depthMax)
  if (canonicalJson(value, depthMax) !== text) throw new ProofError('NOT_CANONICAL', 'JSON is not canonical')
  return value
}

/** ECMAScript's Number::toString is what RFC 8785 §3.2.2.3 demands; −0 is written 0. */
function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new ProofError('NOT_JSON', `JSON has no ${value}`)
  return String(value)
}

function canonicalArray(items: readonly unknown[], depthMax: number): string {
  let text = ''
  // Not map(): it skips holes, which must be refused like the undefined they read as.
  for (let i = 0; i < items.length; i++) text += `${i === 0 ? '' : ','}${canonicalJson(items[i], depthMax)}`
  return `[${text}]`
}

function canonicalObject(object: object, depthMax: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ProofError('NOT_JSON', 'only plain objects have a JSON form')
  }
  let text = ''
  // sort() without a comparison orders by UTF-16 code units, as RFC 8785 §3.2.3 demands.
  for (const name of Object.keys(object).sort()) {
    text += `${text === '' ? '' : ','}${quoteJson(name)}:${canonicalJson(Reflect.get(object, name), depthMax)}`
  }
  return `{${text}}`
}
