import { PacSpaceError } from '../core/error.ts'

/**
 * What the SDK takes for an amount. Use a decimal string or a bigint where every digit counts: a number is sent as
 * its shortest decimal, so `0.1` is sent as 0.1, and `0.1 + 0.2` as 0.30000000000000004, which the API refuses
 * because it has more than 12 digits after the point.
 */
export type AmountInput = number | bigint | string

/**
 * The decimal literal of an amount, without exponent. Strings go as they are: the API, not the SDK, says which are
 * amounts. Raises `INVALID_AMOUNT` for numbers that are not finite.
 */
export function decimalText(amount: AmountInput): string {
  switch (typeof amount) {
    case 'string':
      return amount
    case 'bigint':
      return amount.toString()
    default:
      return numberText(amount)
  }
}

function numberText(amount: number): string {
  if (!Number.isFinite(amount)) {
    throw new PacSpaceError(
      'INVALID_AMOUNT',
      `An amount must be a finite number, a bigint or a decimal string: ${amount}`,
    )
  }
  // The shortest text that reads back as the same number (ECMA-262 Number::toString), with an exponent below 1e-6 and
  // from 1e21 on.
  const [coefficient = '', exponentText] = String(amount).split('e')
  return exponentText === undefined ? coefficient : movePoint(coefficient, Number(exponentText))
}

/** `1.5`, 21 → `1500000000000000000000`; `-1.5`, -7 → `-0.00000015`. The exponent is never within the digits. */
function movePoint(coefficient: string, exponent: number): string {
  const sign = coefficient.startsWith('-') ? '-' : ''
  const [integer = '', fraction = ''] = coefficient.slice(sign.length).split('.')
  const digits = integer + fraction
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  return `${sign}${digits}${'0'.repeat(exponent - fraction.length)}`
}
