import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Webhook } from './webhook-queries.ts'

/** How an endpoint does, in a word and a sentence that says what to do. */
export interface WebhookState {
  readonly word: 'Active' | 'Failing' | 'Disabled' | 'Switched off'
  readonly sentence: string
}

type Facts = Pick<Webhook, 'active' | 'disabledReason' | 'failingSince'>

/** See `WebhookState`. The rules are the server's (product.md §6): 410 or five days of failures disable. */
export function webhookState({ active, disabledReason, failingSince }: Facts): WebhookState {
  if (active && failingSince === null) return { word: 'Active', sentence: 'Events are sent to it.' }
  if (active) {
    return {
      word: 'Failing',
      sentence: 'Nothing has arrived since the first failure. After five days of that we disable it.',
    }
  }
  switch (disabledReason) {
    case 'gone':
      return { word: 'Disabled', sentence: 'It answered 410 Gone, so we stopped sending.' }
    case 'failing':
      return { word: 'Disabled', sentence: 'Nothing arrived for five days, so we stopped sending.' }
    default:
      return { word: 'Switched off', sentence: 'Events wait in the log until it is enabled again.' }
  }
}

/**
 * From when to send again what failed, as a guess: the first failure, when we disabled it, else a day ago. An instant.
 */
export function recoverySince(
  { failingSince, disabledAt }: Pick<Webhook, 'failingSince' | 'disabledAt'>,
  nowMs: number,
): Timestamp {
  return failingSince ?? disabledAt ?? timestampOf(nowMs - DAY_MS)
}

const DAY_MS = 24 * 60 * 60 * 1000
