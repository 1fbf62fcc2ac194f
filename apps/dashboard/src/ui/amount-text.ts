/** U+202F: as thin as U+2009, and no line breaks at it. */
const THIN_SPACE = '\u202f'
const MINUS = '\u2212'

/** Canonical decimal text as people read it: thin spaces between thousands, a true minus sign, every digit. */
export function amountText(canonical: string): string {
  const negative = canonical.startsWith('-')
  const [integer = '', fraction] = (negative ? canonical.slice(1) : canonical).split('.')
  const grouped = integer.replaceAll(/\B(?=(\d{3})+$)/g, THIN_SPACE)
  return `${negative ? MINUS : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** The same with a sign in front in any case, for changes. */
export function changeText(canonical: string): string {
  return canonical.startsWith('-') || canonical === '0' ? amountText(canonical) : `+${amountText(canonical)}`
}

/** The most digits behind the point that any of some amounts has: what a column of them is aligned by. */
export function fractionDigitsOf(amounts: readonly string[]): number {
  return Math.max(0, ...amounts.map(digitsBehindPoint))
}

/** Digits behind the point of canonical decimal text. */
export function digitsBehindPoint(canonical: string): number {
  const [, fraction = ''] = canonical.split('.')
  return fraction.length
}
