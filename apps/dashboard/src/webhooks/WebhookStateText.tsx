import { CircleCheck, CirclePause, CircleX, TriangleAlert } from 'lucide-react'
import { classes } from '../ui/classes.ts'
import type { Webhook } from './webhook-queries.ts'
import { type WebhookState, webhookState } from './webhook-state.ts'

const looks: Readonly<Record<WebhookState['word'], { icon: typeof CircleCheck; color: string }>> = {
  Active: { icon: CircleCheck, color: 'text-verified' },
  Failing: { icon: TriangleAlert, color: 'text-failed' },
  Disabled: { icon: CircleX, color: 'text-failed' },
  'Switched off': { icon: CirclePause, color: 'text-pending' },
}

/** How an endpoint does, as a word with its icon. */
export function WebhookStateText({ webhook }: { readonly webhook: Webhook }) {
  const { word } = webhookState(webhook)
  const { icon: Icon, color } = looks[word]
  return (
    <span className={classes('inline-flex items-center gap-1.5 whitespace-nowrap', color)}>
      <Icon size={15} aria-hidden />
      {word}
    </span>
  )
}
