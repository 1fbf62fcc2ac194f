import {
  createWebhookBody,
  DeliveryList,
  deliveryPage,
  RecoverBody,
  Requeued,
  updateWebhookBody,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '../definition/webhooks.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Instant, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'

/** Webhook endpoints and deliveries belong to their plane; the dashboard's routes are answered through these. */

const internal = { surface: 'internal', auth: { kind: 'internal' } } as const
const ByTenant = Strict({ tenantId: IdOf('tnt') })
const ById = Strict({ ...ByTenant.properties, id: Text({ minLength: 1, maxLength: 128 }) })
const ByEvent = Strict({ ...ById.properties, eventId: Text({ minLength: 1, maxLength: 128 }) })

export const createPlaneWebhook = defineEndpoint({
  id: 'createPlaneWebhook',
  ...internal,
  method: 'POST',
  path: '/internal/tenants/:tenantId/webhooks',
  summary: 'Create a webhook endpoint of this plane.',
  params: ByTenant,
  body: Strict(createWebhookBody),
  success: { status: 201, data: WebhookEndpointWithSecret },
  problems: ['CONTRACT_NOT_DEPLOYED'],
})

export const listPlaneWebhooks = defineEndpoint({
  id: 'listPlaneWebhooks',
  ...internal,
  method: 'GET',
  path: '/internal/tenants/:tenantId/webhooks',
  summary: 'Webhook endpoints of a tenant, newest first.',
  params: ByTenant,
  success: { status: 200, data: Type.Object({ items: Type.Array(WebhookEndpoint) }) },
  problems: [],
})

export const getPlaneWebhook = defineEndpoint({
  id: 'getPlaneWebhook',
  ...internal,
  method: 'GET',
  path: '/internal/tenants/:tenantId/webhooks/:id',
  summary: 'One webhook endpoint.',
  params: ById,
  success: { status: 200, data: WebhookEndpoint },
  problems: ['NOT_FOUND'],
})

export const updatePlaneWebhook = defineEndpoint({
  id: 'updatePlaneWebhook',
  ...internal,
  method: 'PATCH',
  path: '/internal/tenants/:tenantId/webhooks/:id',
  summary: 'Change a webhook endpoint.',
  params: ById,
  body: Strict(updateWebhookBody),
  success: { status: 200, data: WebhookEndpoint },
  problems: ['NOT_FOUND'],
})

export const deletePlaneWebhook = defineEndpoint({
  id: 'deletePlaneWebhook',
  ...internal,
  method: 'DELETE',
  path: '/internal/tenants/:tenantId/webhooks/:id',
  summary: 'Delete a webhook endpoint for good.',
  params: ById,
  success: { status: 200, data: WebhookEndpoint },
  problems: ['NOT_FOUND'],
})

export const rotatePlaneWebhookSecret = defineEndpoint({
  id: 'rotatePlaneWebhookSecret',
  ...internal,
  method: 'POST',
  path: '/internal/tenants/:tenantId/webhooks/:id/rotate-secret',
  summary: 'A new secret; the old one signs beside it for 24 hours.',
  params: ById,
  success: { status: 200, data: WebhookEndpointWithSecret },
  problems: ['NOT_FOUND'],
})

export const testPlaneWebhook = defineEndpoint({
  id: 'testPlaneWebhook',
  ...internal,
  method: 'POST',
  path: '/internal/tenants/:tenantId/webhooks/:id/test',
  summary: 'Send a webhook.test event to one endpoint.',
  params: ById,
  success: { status: 202, data: WebhookDelivery },
  problems: ['NOT_FOUND'],
})

export const listPlaneWebhookDeliveries = defineEndpoint({
  id: 'listPlaneWebhookDeliveries',
  ...internal,
  method: 'GET',
  path: '/internal/tenants/:tenantId/webhooks/:id/deliveries',
  summary: 'Deliveries to one endpoint, newest first.',
  params: ById,
  query: Strict(deliveryPage),
  success: { status: 200, data: DeliveryList },
  problems: ['NOT_FOUND'],
})

export const retryPlaneWebhookDelivery = defineEndpoint({
  id: 'retryPlaneWebhookDelivery',
  ...internal,
  method: 'POST',
  path: '/internal/tenants/:tenantId/webhooks/:id/deliveries/:eventId/retry',
  summary: 'Send an event again to one endpoint.',
  params: ByEvent,
  success: { status: 202, data: WebhookDelivery },
  problems: ['NOT_FOUND'],
})

export const recoverPlaneWebhook = defineEndpoint({
  id: 'recoverPlaneWebhook',
  ...internal,
  method: 'POST',
  path: '/internal/tenants/:tenantId/webhooks/:id/recover',
  summary: 'Send every event again that failed since an instant, in order.',
  params: ById,
  body: RecoverBody,
  success: { status: 202, data: Requeued },
  problems: ['NOT_FOUND'],
})

/** Something about an endpoint that its owner must be told by mail; the control plane owns mail. */
export const WebhookNotice = Type.Object({
  noticeNo: Type.Integer(),
  tenantId: IdOf('tnt'),
  endpointId: IdOf('wh'),
  url: Type.String(),
  reason: Type.Union([Type.Literal('gone'), Type.Literal('failing')]),
  createdAt: Instant,
})

export const listWebhookNotices = defineEndpoint({
  id: 'listWebhookNotices',
  ...internal,
  method: 'GET',
  path: '/internal/webhook-notices',
  summary: 'Endpoints that were disabled and whose owners are not told yet, oldest first.',
  query: Strict({ limit: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 100 })) }),
  success: { status: 200, data: Type.Object({ notices: Type.Array(WebhookNotice) }) },
  problems: [],
})

export const confirmWebhookNotices = defineEndpoint({
  id: 'confirmWebhookNotices',
  ...internal,
  method: 'POST',
  path: '/internal/webhook-notices/confirm',
  summary: 'These notices are told: their mails are in the outbox.',
  body: Strict({
    noticeNos: Type.Array(Whole({ minimum: 1, maximum: 2 ** 40 }), { minItems: 1, maxItems: 1_000 }),
  }),
  success: { status: 200, data: Requeued },
  problems: [],
})
