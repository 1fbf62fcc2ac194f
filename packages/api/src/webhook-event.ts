/** The events there are (product.md §6). A name is API: never renamed, never reused. No route fires `record.transferred` yet. */
export const webhookEventTypes = [
  'delta.verified',
  'delta.stored',
  'delta.failed',
  'fact.verified',
  'checkpoint.verified',
  'verification.completed',
  'verification.failed',
  'customer.created',
  'usage.threshold',
  'record.transferred',
  'webhook.test',
] as const

export type WebhookEventType = (typeof webhookEventTypes)[number]
