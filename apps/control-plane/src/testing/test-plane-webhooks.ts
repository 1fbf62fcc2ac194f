import type { EndpointData } from '@pacspace/api/endpoint'
import { newId, type TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { Problem } from '@pacspace/api/problem'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { webhookEventTypes } from '@pacspace/api/webhook-event'
import type { Clock } from '@pacspace/service/clock'
import { type Implementation, implementer } from '@pacspace/service/implement'
import { randomBytes } from '@pacspace/service/random'

type Endpoint = EndpointData<typeof api.getPlaneWebhook>
type Delivery = EndpointData<typeof api.testPlaneWebhook>
type Notice = EndpointData<typeof api.listWebhookNotices>['notices'][number]

const OLD_SECRET_MS = 24 * 60 * 60 * 1_000

/** What a plane holds of webhooks, as far as the control plane can see. */
export class TestPlaneWebhooks {
  readonly endpoints = new Map<
    string,
    { readonly tenantId: TenantId; endpoint: Endpoint; deliveries: Delivery[] }
  >()
  notices: Notice[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get now(): Timestamp {
    return timestampOf(this.#clock.now())
  }

  get nowMs(): number {
    return this.#clock.now()
  }

  held(tenantId: TenantId, id: string) {
    const held = this.endpoints.get(id)
    if (held?.tenantId !== tenantId) throw new Problem('NOT_FOUND')
    return held
  }
}

/** The webhook part of a plane's internal API over `TestPlaneWebhooks`. */
export function webhookImplementations<
  Plane extends { readonly webhooks: TestPlaneWebhooks },
>(): Implementation<Plane>[] {
  const bind = implementer<Plane>()
  return [
    bind(api.createPlaneWebhook, async ({ input }, { webhooks }) => {
      const { url, events, description = null } = input.body
      const endpoint: Endpoint = {
        id: newId('wh', randomBytes),
        url,
        description,
        events: events ?? [...webhookEventTypes],
        active: true,
        createdAt: webhooks.now,
        disabledReason: null,
        disabledAt: null,
        failingSince: null,
        oldSecretUntil: null,
      }
      webhooks.endpoints.set(endpoint.id, { tenantId: input.params.tenantId, endpoint, deliveries: [] })
      return { ...endpoint, secret: newSecret() }
    }),
    bind(api.listPlaneWebhooks, async ({ input }, { webhooks }) => ({
      items: [...webhooks.endpoints.values()]
        .filter(({ tenantId }) => tenantId === input.params.tenantId)
        .map(({ endpoint }) => endpoint)
        .toReversed(),
    })),
    bind(
      api.getPlaneWebhook,
      async ({ input: { params } }, { webhooks }) => webhooks.held(params.tenantId, params.id).endpoint,
    ),
    bind(api.updatePlaneWebhook, async ({ input: { params, body } }, { webhooks }) => {
      const held = webhooks.held(params.tenantId, params.id)
      held.endpoint = { ...held.endpoint, ...body }
      return held.endpoint
    }),
    bind(api.deletePlaneWebhook, async ({ input: { params } }, { webhooks }) => {
      const { endpoint } = webhooks.held(params.tenantId, params.id)
      webhooks.endpoints.delete(params.id)
      return { ...endpoint, active: false }
    }),
    bind(api.rotatePlaneWebhookSecret, async ({ input: { params } }, { webhooks }) => {
      const held = webhooks.held(params.tenantId, params.id)
      held.endpoint = { ...held.endpoint, oldSecretUntil: timestampOf(webhooks.nowMs + OLD_SECRET_MS) }
      return { ...held.endpoint, secret: newSecret() }
    }),
    ...deliveryImplementations<Plane>(),
  ]
}

function deliveryImplementations<
  Plane extends { readonly webhooks: TestPlaneWebhooks },
>(): Implementation<Plane>[] {
  const bind = implementer<Plane>()
  return [
    bind(api.testPlaneWebhook, async ({ input: { params } }, { webhooks }) => {
      const { endpoint, deliveries } = webhooks.held(params.tenantId, params.id)
      const delivery: Delivery = {
        eventId: newId('evt', randomBytes),
        endpointId: endpoint.id,
        event: 'webhook.test',
        deliveryState: 'pending',
        createdAt: webhooks.now,
        attemptCount: 0,
        nextAttemptAt: webhooks.now,
        attempts: [],
      }
      deliveries.unshift(delivery)
      return delivery
    }),
    bind(api.listPlaneWebhookDeliveries, async ({ input: { params, query } }, { webhooks }) => {
      const { deliveries } = webhooks.held(params.tenantId, params.id)
      const { limit = 20, offset = 0 } = query
      const total = deliveries.length
      const page = deliveries.slice(offset, offset + limit)
      return { deliveries: page, pagination: { total, limit, offset, hasMore: offset + page.length < total } }
    }),
    bind(api.retryPlaneWebhookDelivery, async ({ input: { params } }, { webhooks }) => {
      const { deliveries } = webhooks.held(params.tenantId, params.id)
      const delivery = deliveries.find(({ eventId }) => eventId === params.eventId)
      if (delivery === undefined) throw new Problem('NOT_FOUND')
      return delivery
    }),
    bind(api.recoverPlaneWebhook, async ({ input: { params } }, { webhooks }) => ({
      count: webhooks.held(params.tenantId, params.id).deliveries.length,
    })),
    bind(api.listWebhookNotices, async ({ input }, { webhooks }) => ({
      notices: webhooks.notices.slice(0, input.query.limit ?? 100),
    })),
    bind(api.confirmWebhookNotices, async ({ input }, { webhooks }) => {
      const before = webhooks.notices.length
      webhooks.notices = webhooks.notices.filter(({ noticeNo }) => !input.body.noticeNos.includes(noticeNo))
      return { count: before - webhooks.notices.length }
    }),
  ]
}

function newSecret(): string {
  return `whsec_${Buffer.from(randomBytes(32)).toString('base64')}`
}
