import * as api from '@pacspace/api/definition/webhooks'
import {
  recoverPlaneWebhook,
  retryPlaneWebhookDelivery,
  testPlaneWebhook,
} from '@pacspace/api/internal/plane-webhooks'
import { implement } from '../context.ts'
import { webhookPlaneOf } from './webhook-plane.ts'

/** Sends a `webhook.test` event to one endpoint. Developers. */
export const testWebhook = implement(api.testWebhook, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: call.principal.tenantId, id: call.input.params.id }
  return await plane.call(testPlaneWebhook, { params })
})

/** Sends one event again, whether it failed or arrived, under the same id. Developers. */
export const retryWebhookDelivery = implement(api.retryWebhookDelivery, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: call.principal.tenantId, ...call.input.params }
  return await plane.call(retryPlaneWebhookDelivery, { params })
})

/** Sends every event again that failed since an instant, in order. Developers. */
export const recoverWebhook = implement(api.recoverWebhook, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: call.principal.tenantId, id: call.input.params.id }
  return await plane.call(recoverPlaneWebhook, { params, body: call.input.body })
})
