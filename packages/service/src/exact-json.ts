import { isUtf8 } from 'node:buffer'
import type { Problem } from '@pacspace/api/problem'
import { validationProblem } from '@pacspace/api/problem'

/**
 * A number of a request body whose literal says more than a double holds (`100000000.0000000001`, `1e400`). Only fields
 * of type amount understand it; every other schema refuses it, since it is neither a number nor has any members.
 */
export class NumberLiteral {
  readonly #literal: string

  constructor(literal: string) {
    this.#literal = literal
  }

  /** As it stood in the body: JSON number grammar. Attacker-controlled, any length. */
  get literal(): string {
    return this.#literal
  }

  /** Written again as it was read, so that two bodies that differ in such a number alone differ as text. */
  toJSON(): unknown {
    return JSON.rawJSON(this.#literal)
  }
}

declare global {
  // Part of ECMAScript 2026, not yet in TypeScript's library.
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
    rawJSON(text: string): unknown
  }
}

/** Nesting of arrays and objects. */
export const DEPTH_MAX = 64
/** Members of objects plus elements of arrays, in the whole body. */
export const VALUES_MAX = 100_000

/** Digits up to which every decimal literal survives a double: DBL_DIG of IEEE 754. */
const DOUBLE_DIGITS_SAFE = 15

/**
 * The value of a JSON text, attacker-controlled. Stricter than JSON.parse: valid UTF-8, no member named twice, no
 * `__proto__`, limits on nesting and size, strings well-formed and without NUL; and exact: see `NumberLiteral`.
 * Raises VALIDATION_ERROR.
 */
export function parseExactJson(bytes: Buffer): unknown {
  const facts = scan(bytes)
  if (facts.depthMax > DEPTH_MAX) throw refuse(`is nested deeper than ${DEPTH_MAX} levels`)
  if (facts.members + facts.commas > VALUES_MAX) throw refuse(`holds more than ${VALUES_MAX} values`)
  if (!facts.isAscii && !isUtf8(bytes)) throw refuse('is not valid UTF-8')
  const decoded = bytes.toString(facts.isAscii ? 'latin1' : 'utf8')
  const text = facts.hasEscapedNames ? plainNames(decoded) : decoded
  let value: unknown
  try {
    value = facts.hasLongNumbers ? JSON.parse(text, keepLongLiterals) : JSON.parse(text)
  } catch {
    throw refuse('is not valid JSON')
  }
  const walk: Walk = { members: 0, checkStrings: facts.hasUnicodeEscapes }
  inspect(value, walk, '')
  if (walk.members !== facts.members) throw refuse('names a member twice')
  return value
}

interface ScanFacts {
  depthMax: number
  /** Colons outside strings: in valid JSON, the number of members. */
  members: number
  commas: number
  isAscii: boolean
  /** A number literal that may not survive a double. */
  hasLongNumbers: boolean
  /** A `\u` escape: the only way to write a NUL or half a surrogate pair in valid UTF-8. */
  hasUnicodeEscapes: boolean
  /** A member's name that is written with an escape; see `plainNames`. */
  hasEscapedNames: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const LETTER_U = 0x75

/** One pass over the bytes. Right for valid JSON; for anything else JSON.parse says so afterwards. */
function scan(bytes: Buffer): ScanFacts {
  const facts: ScanFacts = {
    depthMax: 0,
    members: 0,
    commas: 0,
    isAscii: true,
    hasLongNumbers: false,
    hasUnicodeEscapes: false,
    hasEscapedNames: false,
  }
  const length = bytes.length
  let depth = 0
  let allBits = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number // i < length
    allBits |= byte
    if (byte === QUOTE) {
      let isEscaped = false
      for (i++; i < length; i++) {
        const inner = bytes[i] as number // i < length
        allBits |= inner
        if (inner === QUOTE) break
        if (inner === BACKSLASH) {
          isEscaped = true
          if (bytes[++i] === LETTER_U) facts.hasUnicodeEscapes = true
        }
      }
      if (isEscaped && isName(bytes, i + 1)) facts.hasEscapedNames = true
    } else if (byte === COLON) facts.members++
    else if (byte === COMMA) facts.commas++
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > facts.depthMax) facts.depthMax = depth
    } else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte >= 0x30 && byte <= 0x39) {
      const start = i
      let isExponential = false
      for (; i < length && isNumberByte(bytes[i] as number); i++) {
        if (((bytes[i] as number) | 0x20) === 0x65) isExponential = true
      }
      if (isExponential || i - start > DOUBLE_DIGITS_SAFE) facts.hasLongNumbers = true
      i--
    }
  }
  facts.isAscii = allBits < 0x80
  return facts
}

/** True when the string that ended before `at` is followed by a colon. */
function isName(bytes: Buffer, at: number): boolean {
  let next = at
  while (next < bytes.length && WHITE_SPACE.has(bytes[next] as number)) next++ // next < length
  return bytes[next] === COLON
}

const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/** A string, and the colon that makes it a name. */
const STRING_OR_NAME = /"(?:[^"\\]|\\.)*"([ \t\n\r]*:)?/gs

/**
 * The text with every member's name written without escapes. V8 since 12.8 can give a member another name than the text
 * says if the name is written with an escape: after `{"h":[],"\\":0}` was parsed anywhere in the process,
 * `{"h":1,"\"":2}` comes back as `{"h":1,"\\":2}` (nodejs/node issue 63785), so that one caller's body would change what
 * another's means. Names that cannot be written without an escape (quote, backslash, control characters) are refused.
 */
function plainNames(text: string): string {
  return text.replace(STRING_OR_NAME, (whole: string, colon: string | undefined) => {
    if (colon === undefined || !whole.includes('\\')) return whole
    const literal = whole.slice(0, -colon.length)
    const plain = JSON.stringify(parseName(literal))
    if (plain.includes('\\')) {
      throw refuse('names a member with a quote, a backslash, a control character or half a surrogate pair')
    }
    return plain + colon
  })
}

/** A string that stands alone is no name: V8 is right about its escapes. */
function parseName(literal: string): string {
  try {
    return String(JSON.parse(literal))
  } catch {
    throw refuse('is not valid JSON')
  }
}

/** Digits, and what may stand between them in a number: `.`, `e`, `E`, `+`, `-`. */
function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2e ||
    (byte | 0x20) === 0x65 ||
    byte === 0x2b ||
    byte === 0x2d
  )
}

function keepLongLiterals(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value
  return survivesDouble(context.source, value) ? value : new NumberLiteral(context.source)
}

/** True when the shortest decimal of the double is the very decimal of the literal, however each is written. */
function survivesDouble(source: string, value: number): boolean {
  return Number.isFinite(value) && significandAndExponent(source) === significandAndExponent(String(value))
}

const NUMBER = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/** A decimal literal in one normal form: its digits without leading or trailing zeros, and its exponent. */
function significandAndExponent(literal: string): string {
  const [, integer = '', fraction = '', exponent = '0'] = NUMBER.exec(literal) ?? []
  const digits = `${integer}${fraction}`.replace(/^0+/, '')
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--
  if (end === 0) return '0'
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`
}

interface Walk {
  members: number
  readonly checkStrings: boolean
}

/** Counts the members that arrived in the tree and refuses what may not be in it. Depth is bounded by `DEPTH_MAX`. */
function inspect(value: unknown, walk: Walk, path: string): void {
  if (typeof value === 'string') {
    if (walk.checkStrings && !isCleanText(value)) throw validationProblem(path, UNCLEAN_TEXT)
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof NumberLiteral) return
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) inspect(value[i], walk, path)
    return
  }
  for (const name in value) {
    walk.members++
    if (name === '__proto__') throw refuse('may not name a member __proto__')
    if (walk.checkStrings && !isCleanText(name))
      throw refuse('has a member whose name contains NUL or half a character')
    const member = (value as Record<string, unknown>)[name] // no array, see above
    if (typeof member === 'object' && name === 'constructor') refusePrototype(member)
    if (typeof member === 'object' || walk.checkStrings) inspect(member, walk, `${path}/${name}`)
  }
}

/** Well-formed Unicode without NUL: what PostgreSQL can hold and canonical JSON can write. */
export function isCleanText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

export const UNCLEAN_TEXT = 'must be well-formed Unicode without NUL'

function refusePrototype(member: object | null): void {
  if (member !== null && Object.hasOwn(member, 'prototype'))
    throw refuse('may not name a member constructor.prototype')
}

function refuse(text: string): Problem {
  return validationProblem('', `body ${text}`)
}
