import { webhookEventTypes } from '@pacspace/api/webhook-event'
import type { DeliveryRow, EndpointRow } from './webhooks.sql.ts'

/** An endpoint as answers show it. */
export function shownEndpoint(row: EndpointRow) {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events ?? [...webhookEventTypes],
    active: row.active,
    createdAt: row.created_at,
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at,
    failingSince: row.failing_since,
    oldSecretUntil: row.old_secret_until,
  }
}

/** A delivery as answers show it. */
export function shownDelivery(row: DeliveryRow) {
  return {
    eventId: row.event_id,
    endpointId: row.endpoint_id,
    event: row.event,
    deliveryState: row.state,
    createdAt: row.created_at,
    attemptCount: row.attempt_count,
    nextAttemptAt: row.next_attempt_at,
    attempts: [...row.attempts],
  }
}
