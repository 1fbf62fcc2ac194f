/**
 * Reads the members of a versioned JSON object that came from outside: each checked once, none unknown.
 * An unknown member is refused, because a verifier that skips it would vouch for something it did not understand.
 */
import { type Hex, isHashHex } from './hex.ts'
import { ProofError } from './proof-error.ts'

/** Grammar of the product contract §2: no exponent, no trailing zeros, never `-0`. */
const DECIMAL = /^(?:0|-?(?:[1-9][0-9]*(?:\.[0-9]*[1-9])?|0\.[0-9]*[1-9]))$/
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/

/** The one version of all our proof objects so far. */
const VERSION = 1

export interface Members {
  /** The member, which must be there and pass `check`. Throws `MALFORMED`. */
  required<T>(name: string, check: (value: unknown) => value is T): T
  /** The member if it is there; then it must pass `check`. Throws `MALFORMED`. */
  optional<T>(name: string, check: (value: unknown) => value is T): T | undefined
  /** To be called last: throws `MALFORMED` if there is a member that was never asked for. */
  refuseOthers(): void
}

/** Opens a JSON object whose member `v` is 1; `what` names it in messages. Throws `UNSUPPORTED_VERSION` for another. */
export function readMembers(object: unknown, what: string): Members {
  if (!isObject(object) || Array.isArray(object)) {
    throw new ProofError('MALFORMED', `${what}: not a JSON object`)
  }
  const asked = new Set(['v'])
  const members: Members = {
    required(name, check) {
      asked.add(name)
      const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined
      if (!check(value)) throw new ProofError('MALFORMED', `${what}: ${name} is missing or malformed`)
      return value
    },
    optional(name, check) {
      asked.add(name)
      return Object.hasOwn(object, name) ? members.required(name, check) : undefined
    },
    refuseOthers() {
      const other = Object.keys(object).find((name) => !asked.has(name))
      if (other !== undefined) throw new ProofError('MALFORMED', `${what}: unknown member ${other}`)
    },
  }
  if (members.required('v', isCount) !== VERSION) {
    throw new ProofError('UNSUPPORTED_VERSION', `${what}: only version ${VERSION} is known`)
  }
  return members
}

/** Any string, the empty one too. */
export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** An object or an array; what opens it says which. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A list of hashes as the wire writes them. */
export function isHashList(value: unknown): value is Hex[] {
  return Array.isArray(value) && value.every(isHashHex)
}

/** A whole number that a double holds exactly, from 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** Canonical decimal text (product contract §2). */
export function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value)
}

/** ISO 8601 UTC with milliseconds, in form; whether the day exists is not asked. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && TIME.test(value)
}
