import { amountText, changeText } from './amount-text.ts'

/** An exact amount. Never rounded, never coloured: the sign and the alignment speak. `isChange`: with a sign in any case. */
export function Amount({ value, isChange = false }: { readonly value: string; readonly isChange?: boolean }) {
  return (
    <span className="numeric whitespace-nowrap" data-amount={value}>
      {isChange ? changeText(value) : amountText(value)}
    </span>
  )
}
