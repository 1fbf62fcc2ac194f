import { createHmac } from 'node:crypto'

export interface SignedDelivery {
  readonly eventId: string
  readonly event: string
  /** The body as it is sent. */
  readonly body: string
  /** Unix seconds of this attempt. */
  readonly timestamp: number
  /** From 1. */
  readonly attempt: number
}

/**
 * The headers of one attempt: ours and those of Standard Webhooks beside them, so that either family of libraries verifies
 * (product.md §6). `secrets`: the present one first, then, during a rotation, the one before.
 */
export function deliveryHeaders(
  delivery: SignedDelivery,
  secrets: readonly string[],
): Record<string, string> {
  const { eventId, event, body, timestamp, attempt } = delivery
  const own = secrets.map((secret) => `v1=${hmac(secret, `${timestamp}.${body}`, 'hex')}`)
  const standard = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64')
    return `v1,${hmac(key, `${eventId}.${timestamp}.${body}`, 'base64')}`
  })
  return {
    'content-type': 'application/json',
    'user-agent': 'PacSpace-Webhooks/1.0',
    'X-PacSpace-Signature': own.join(','),
    'X-PacSpace-Timestamp': String(timestamp),
    'X-Webhook-Event': event,
    'X-Event-ID': eventId,
    'X-Webhook-Attempt': String(attempt),
    'webhook-id': eventId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': standard.join(' '),
  }
}

function hmac(key: string | Buffer, message: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', key).update(message).digest(encoding)
}
