import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Instant, Nullable, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'
import { type WebhookEventType, webhookEventTypes } from '../webhook-event.ts'
import { OffsetPagination } from './ledger.ts'

/** One of the events that an endpoint may subscribe to. */
export const WebhookEventName = Type.Unsafe<WebhookEventType>({
  type: 'string',
  enum: [...webhookEventTypes],
})

/** Where a delivery is: not attempted yet, arrived, failed and to be tried again, given up. */
export const DeliveryState = Type.Union([
  Type.Literal('pending'),
  Type.Literal('delivered'),
  Type.Literal('failed'),
  Type.Literal('exhausted'),
])

/** A place where events are sent, as it may be shown; never with its secret. */
export const WebhookEndpoint = Type.Object({
  id: IdOf('wh'),
  url: Type.String(),
  description: Nullable(Type.String()),
  events: Type.Array(WebhookEventName),
  active: Type.Boolean(),
  createdAt: Instant,
  /** Why we disabled it: its answer was 410, or nothing but failures for five days. */
  disabledReason: Nullable(Type.Union([Type.Literal('gone'), Type.Literal('failing')])),
  disabledAt: Nullable(Instant),
  /** The first failure since the last success. */
  failingSince: Nullable(Instant),
  /** Until then the secret before the present one signs as well. */
  oldSecretUntil: Nullable(Instant),
})

const secret = Type.Unsafe<string>({ type: 'string', 'x-secret': true })

export const WebhookEndpointWithSecret = Type.Object({ ...WebhookEndpoint.properties, secret })

export const WebhookDelivery = Type.Object({
  eventId: IdOf('evt'),
  endpointId: IdOf('wh'),
  event: WebhookEventName,
  deliveryState: DeliveryState,
  createdAt: Instant,
  attemptCount: Type.Integer(),
  nextAttemptAt: Nullable(Instant),
  /** The newest 50, oldest first. */
  attempts: Type.Array(
    Type.Object({
      attempt: Type.Integer(),
      attemptedAt: Instant,
      /** HTTP status of the answer; null where there was none. */
      status: Nullable(Type.Integer()),
      latencyMs: Type.Integer(),
      /** What went wrong, where there was no answer. */
      error: Nullable(Type.String()),
      /** The first characters of the answer, secrets taken out. */
      responseExcerpt: Nullable(Type.String()),
    }),
  ),
})

export const deliveryPage = {
  status: Type.Optional(DeliveryState),
  event: Type.Optional(WebhookEventName),
  limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 20 })),
  offset: Type.Optional(Whole({ minimum: 0, maximum: 1_000_000, default: 0 })),
}

export const DeliveryList = Type.Object({
  deliveries: Type.Array(WebhookDelivery),
  pagination: OffsetPagination,
})

/** What a replay or a recovery has set going. */
export const Requeued = Type.Object({ count: Type.Integer() })

const url = Text({ minLength: 1, maxLength: 2_048, description: 'https; http in Sandbox only' })
const description = Nullable(Text({ maxLength: 500 }))
const events = Type.Array(WebhookEventName, {
  minItems: 1,
  maxItems: webhookEventTypes.length,
  uniqueItems: true,
  description: 'Default: all, also those to come',
})

export const createWebhookBody = {
  url,
  events: Type.Optional(events),
  description: Type.Optional(description),
}
export const updateWebhookBody = {
  url: Type.Optional(url),
  events: Type.Optional(events),
  description: Type.Optional(description),
  active: Type.Optional(Type.Boolean()),
}
export const RecoverBody = Strict({ since: Instant })

const reads = {
  surface: 'dashboard',
  readsEnvironment: true,
  auth: { kind: 'user', role: 'viewer' },
} as const
const writes = {
  surface: 'dashboard',
  readsEnvironment: true,
  auth: { kind: 'user', role: 'developer' },
} as const
const webhookParams = Strict({ id: Text({ minLength: 1, maxLength: 128 }) })

export const createWebhook = defineEndpoint({
  id: 'createWebhook',
  ...writes,
  auth: { kind: 'user', role: 'developer', verified: true },
  method: 'POST',
  path: '/dashboard/webhooks',
  summary: 'Create a webhook endpoint. Its secret is shown here and never again.',
  body: Strict(createWebhookBody),
  success: { status: 201, data: WebhookEndpointWithSecret },
  problems: ['CONTRACT_NOT_DEPLOYED'],
})

export const listWebhooks = defineEndpoint({
  id: 'listWebhooks',
  ...reads,
  method: 'GET',
  path: '/dashboard/webhooks',
  summary: 'Webhook endpoints of one environment, newest first.',
  query: Strict({}),
  success: { status: 200, data: Type.Object({ items: Type.Array(WebhookEndpoint) }) },
  problems: [],
})

export const getWebhook = defineEndpoint({
  id: 'getWebhook',
  ...reads,
  method: 'GET',
  path: '/dashboard/webhooks/:id',
  summary: 'One webhook endpoint.',
  params: webhookParams,
  success: { status: 200, data: WebhookEndpoint },
  problems: ['NOT_FOUND'],
})

export const updateWebhook = defineEndpoint({
  id: 'updateWebhook',
  ...writes,
  method: 'PATCH',
  path: '/dashboard/webhooks/:id',
  summary: 'Change a webhook endpoint; `active: true` enables one again that we disabled.',
  params: webhookParams,
  body: Strict(updateWebhookBody),
  success: { status: 200, data: WebhookEndpoint },
  problems: ['NOT_FOUND'],
})

export const deleteWebhook = defineEndpoint({
  id: 'deleteWebhook',
  ...writes,
  method: 'DELETE',
  path: '/dashboard/webhooks/:id',
  summary: 'Delete a webhook endpoint for good: nothing is sent to it any more.',
  params: webhookParams,
  success: { status: 200, data: WebhookEndpoint, message: 'Webhook endpoint deleted' },
  problems: ['NOT_FOUND'],
})

export const rotateWebhookSecret = defineEndpoint({
  id: 'rotateWebhookSecret',
  ...writes,
  method: 'POST',
  path: '/dashboard/webhooks/:id/rotate-secret',
  summary: 'A new secret; the old one signs beside it for 24 hours.',
  params: webhookParams,
  success: { status: 200, data: WebhookEndpointWithSecret },
  problems: ['NOT_FOUND'],
})

export const testWebhook = defineEndpoint({
  id: 'testWebhook',
  ...writes,
  method: 'POST',
  path: '/dashboard/webhooks/:id/test',
  summary: 'Send a webhook.test event to one endpoint.',
  params: webhookParams,
  success: { status: 202, data: WebhookDelivery },
  problems: ['NOT_FOUND'],
})

export const listWebhookDeliveries = defineEndpoint({
  id: 'listWebhookDeliveries',
  ...reads,
  method: 'GET',
  path: '/dashboard/webhooks/:id/deliveries',
  summary: 'Deliveries to one endpoint with their attempts, newest first.',
  params: webhookParams,
  query: Strict(deliveryPage),
  success: { status: 200, data: DeliveryList },
  problems: ['NOT_FOUND'],
})

export const retryWebhookDelivery = defineEndpoint({
  id: 'retryWebhookDelivery',
  ...writes,
  method: 'POST',
  path: '/dashboard/webhooks/:id/deliveries/:eventId/retry',
  summary: 'Send an event again, whether it failed or arrived, under the same id.',
  params: Strict({ ...webhookParams.properties, eventId: Text({ minLength: 1, maxLength: 128 }) }),
  success: { status: 202, data: WebhookDelivery },
  problems: ['NOT_FOUND'],
})

export const recoverWebhook = defineEndpoint({
  id: 'recoverWebhook',
  ...writes,
  method: 'POST',
  path: '/dashboard/webhooks/:id/recover',
  summary: 'Send every event again that failed since an instant, in order.',
  params: webhookParams,
  body: RecoverBody,
  success: { status: 202, data: Requeued },
  problems: ['NOT_FOUND'],
})

export const listDeliveries = defineEndpoint({
  id: 'listDeliveries',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/webhooks',
  auth: { kind: 'apiKey', permission: 'webhooks:read' },
  summary: 'Webhook deliveries to all endpoints, newest first.',
  query: Strict(deliveryPage),
  success: { status: 200, data: DeliveryList },
  problems: [],
})

export const retryDelivery = defineEndpoint({
  id: 'retryDelivery',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/balance/webhooks/:eventId/retry',
  auth: { kind: 'apiKey', permission: 'webhooks:write' },
  summary: 'Send an event again to every endpoint that it went to, under the same id.',
  params: Strict({ eventId: Text({ minLength: 1, maxLength: 128 }) }),
  success: {
    status: 202,
    data: Type.Object({ eventId: IdOf('evt'), deliveries: Type.Array(WebhookDelivery) }),
  },
  problems: ['NOT_FOUND'],
})

/** Events that one answer carries at most. */
export const LISTEN_EVENTS_MAX = 100
/** Longest time that an answer waits for the first event. */
export const LISTEN_SECONDS_MAX = 25

export const listenEvents = defineEndpoint({
  id: 'listenEvents',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/webhooks/events',
  auth: { kind: 'apiKey', permission: 'webhooks:read' },
  summary: 'Events as they happen, replays and tests included, for a listener without an address of its own.',
  query: Strict({
    cursor: Type.Optional(Text({ minLength: 1, maxLength: 64 })),
    waitSeconds: Type.Optional(Whole({ minimum: 0, maximum: LISTEN_SECONDS_MAX, default: 0 })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      /** Give it to the next call; the first call without one begins now. */
      cursor: Type.String(),
      events: Type.Array(
        Type.Object({
          id: IdOf('evt'),
          event: WebhookEventName,
          body: Type.String(),
          isReplay: Type.Boolean(),
        }),
      ),
    }),
  },
  problems: [],
})
