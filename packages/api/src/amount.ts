/**
 * An exact decimal: a count of 10⁻¹² units. Sums, differences and comparisons are plain bigint arithmetic, so no binary
 * float ever touches a balance (product.md §2 "Amounts").
 */
export type Amount = bigint & { readonly __brand: 'Amount' }

/** Digits after the decimal point that an amount may have. */
export const FRACTION_DIGITS_MAX = 12
const UNITS_PER_ONE = 10n ** BigInt(FRACTION_DIGITS_MAX)

/** Largest absolute delta, in units: 1,000,000,000. */
export const DELTA_UNITS_MAX = 1_000_000_000n * UNITS_PER_ONE

/** Largest absolute balance that a request may state, in units: 10¹⁸. No sum of accepted deltas reaches it in practice. */
export const BALANCE_UNITS_MAX = 10n ** 18n * UNITS_PER_ONE

/** Longest literal that is looked at; everything longer is refused before it costs anything. */
const LITERAL_CHARACTERS_MAX = 64
const EXPONENT_ABS_MAX = 64

/** Why a literal is no amount. `text` completes the sentence "delta …". */
export interface AmountRefusal {
  readonly ok: false
  readonly text: string
}

export type AmountResult = { readonly ok: true; readonly amount: Amount } | AmountRefusal

const JSON_NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

export const ZERO = 0n as Amount

/**
 * The exact value of a decimal literal (JSON number grammar, exponents allowed).
 * Refused: anything else (`1,5`, `NaN`, `+1`, ` 1`), more than 12 digits after the point, over 64 characters.
 */
export function parseAmount(literal: string): AmountResult {
  if (literal.length > LITERAL_CHARACTERS_MAX)
    return refuse(`must have at most ${LITERAL_CHARACTERS_MAX} characters`)
  const match = JSON_NUMBER.exec(literal)
  if (match === null) return refuse('must be a finite decimal number')
  const [, sign = '', integer = '', fraction = '', exponentText = '0'] = match
  const exponent = Number(exponentText)
  const digits = BigInt(integer + fraction)
  if (digits === 0n) return { ok: true, amount: ZERO }
  if (Math.abs(exponent) > EXPONENT_ABS_MAX) return refuse('is out of range')
  const shift = FRACTION_DIGITS_MAX - fraction.length + exponent
  const units = shift >= 0 ? digits * powerOfTen(shift) : divideExactly(digits, powerOfTen(-shift))
  if (units === undefined)
    return refuse(`must have at most ${FRACTION_DIGITS_MAX} digits after the decimal point`)
  return { ok: true, amount: (sign === '-' ? -units : units) as Amount }
}

/** A delta: non-zero and within ±1,000,000,000, exact. */
export function parseDelta(literal: string): AmountResult {
  const result = parseAmount(literal)
  if (!result.ok) return result
  if (result.amount === 0n) return refuse('must not be zero')
  if (result.amount > DELTA_UNITS_MAX || result.amount < -DELTA_UNITS_MAX) {
    return refuse('must be between -1000000000 and 1000000000')
  }
  return result
}

/** A balance that somebody states (`startingBalance`, `yourBalance`): zero allowed, within ±10¹⁸, exact. */
export function parseBalance(literal: string): AmountResult {
  const result = parseAmount(literal)
  if (result.ok && (result.amount > BALANCE_UNITS_MAX || result.amount < -BALANCE_UNITS_MAX)) {
    return refuse('is out of range')
  }
  return result
}

/**
 * The amount of a literal that our own code or database wrote.
 * Throws RangeError on anything else: it is a broken invariant, not bad input.
 */
export function amountOf(literal: string): Amount {
  const result = parseAmount(literal)
  if (!result.ok)
    throw new RangeError(`not an amount: ${literal.slice(0, LITERAL_CHARACTERS_MAX)} ${result.text}`)
  return result.amount
}

/** The amount of a `numeric` column, whose text may carry trailing zeros (`1.500000000000`) and any number of integer digits. */
export function amountOfNumeric(text: string): Amount {
  const negative = text.startsWith('-')
  const point = text.indexOf('.')
  const integer = text.slice(negative ? 1 : 0, point < 0 ? undefined : point)
  const fraction = point < 0 ? '' : text.slice(point + 1)
  const units = BigInt(integer + fraction.slice(0, FRACTION_DIGITS_MAX).padEnd(FRACTION_DIGITS_MAX, '0'))
  if (/[^0]/.test(fraction.slice(FRACTION_DIGITS_MAX)))
    throw new RangeError(`numeric beyond 12 digits: ${text}`)
  return (negative ? -units : units) as Amount
}

/** Canonical decimal: `-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?`, never `-0`, no exponent (product.md §2). */
export function formatAmount(amount: Amount): string {
  const units = amount < 0n ? -amount : amount
  const digits = units.toString().padStart(FRACTION_DIGITS_MAX + 1, '0')
  const point = digits.length - FRACTION_DIGITS_MAX
  let end = digits.length
  while (end > point && digits.charCodeAt(end - 1) === 48) end--
  const text =
    end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  return amount < 0n ? `-${text}` : text
}

/** Sum, exact. */
export function addAmounts(a: Amount, b: Amount): Amount {
  return (a + b) as Amount
}

/** Difference `a − b`, exact. */
export function subtractAmounts(a: Amount, b: Amount): Amount {
  return (a - b) as Amount
}

/** The powers that amounts without an exponent need; raising bigints took half of the time of reading one. */
const POWERS_OF_TEN = Array.from(
  { length: FRACTION_DIGITS_MAX + 1 },
  (_, exponent) => 10n ** BigInt(exponent),
)

function powerOfTen(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent)
}

function divideExactly(dividend: bigint, divisor: bigint): bigint | undefined {
  return dividend % divisor === 0n ? dividend / divisor : undefined
}

function refuse(text: string): AmountRefusal {
  return { ok: false, text }
}
