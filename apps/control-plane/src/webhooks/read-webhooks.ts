import * as api from '@pacspace/api/definition/webhooks'
import {
  getPlaneWebhook,
  listPlaneWebhookDeliveries,
  listPlaneWebhooks,
} from '@pacspace/api/internal/plane-webhooks'
import { implement } from '../context.ts'
import { webhookPlaneOf } from './webhook-plane.ts'

/** The tenant's webhook endpoints of one environment, newest first, never with a secret. Any role. */
export const listWebhooks = implement(api.listWebhooks, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  return await plane.call(listPlaneWebhooks, { params: { tenantId: call.principal.tenantId } })
})

/** One endpoint. Any role. Another tenant's, or the other environment's, is a 404. */
export const getWebhook = implement(api.getWebhook, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  const { tenantId } = call.principal
  return await plane.call(getPlaneWebhook, { params: { tenantId, id: call.input.params.id } })
})

/** Deliveries to one endpoint with their attempts, newest first. Any role. */
export const listWebhookDeliveries = implement(api.listWebhookDeliveries, async (call, context) => {
  const { plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: call.principal.tenantId, id: call.input.params.id }
  return await plane.call(listPlaneWebhookDeliveries, { params, query: call.input.query })
})
