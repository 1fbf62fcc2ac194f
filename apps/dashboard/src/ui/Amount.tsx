import { amountText, changeText, digitsBehindPoint } from './amount-text.ts'

interface AmountProps {
  readonly value: string
  /** With a sign in any case. */
  readonly isChange?: boolean
  /** In a column: of the longest fraction in it (`fractionDigitsOf`), so that all stand on their points. */
  readonly fractionDigits?: number
}

/** An exact amount. Never rounded, never coloured: the sign and the alignment speak. */
export function Amount({ value, isChange = false, fractionDigits = 0 }: AmountProps) {
  const digits = digitsBehindPoint(value)
  const missing = Math.max(0, fractionDigits - digits)
  return (
    <span className="numeric whitespace-nowrap" data-amount={value}>
      {isChange ? changeText(value) : amountText(value)}
      {missing > 0 && (
        <span aria-hidden className="invisible max-[700px]:hidden">
          {(digits === 0 ? '.' : '') + '0'.repeat(missing)}
        </span>
      )}
    </span>
  )
}
