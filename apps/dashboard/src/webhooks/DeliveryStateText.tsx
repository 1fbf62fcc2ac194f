import { CircleCheck, CircleDashed, CircleX, RotateCw } from 'lucide-react'
import { classes } from '../ui/classes.ts'
import type { Delivery } from './webhook-queries.ts'

const looks = {
  pending: { icon: CircleDashed, color: 'text-pending', word: 'On its way' },
  delivered: { icon: CircleCheck, color: 'text-verified', word: 'Delivered' },
  failed: { icon: RotateCw, color: 'text-failed', word: 'Failed, tried again' },
  exhausted: { icon: CircleX, color: 'text-failed', word: 'Given up' },
} as const

/** The states a delivery may be in, with their words. */
export const deliveryStates = Object.entries(looks).map(([state, { word }]) => ({
  state: state as Delivery['deliveryState'], // the keys above
  word,
}))

/** Where a delivery is, as a word with its icon. */
export function DeliveryStateText({ state }: { readonly state: Delivery['deliveryState'] }) {
  const { icon: Icon, color, word } = looks[state]
  return (
    <span className={classes('inline-flex items-center gap-1.5 whitespace-nowrap', color)}>
      <Icon size={15} aria-hidden />
      {word}
    </span>
  )
}
