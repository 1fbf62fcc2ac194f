import * as api from '@pacspace/api/definition/webhooks'
import {
  deletePlaneWebhook,
  rotatePlaneWebhookSecret,
  updatePlaneWebhook,
} from '@pacspace/api/internal/plane-webhooks'
import { implement } from '../context.ts'
import { auditWebhook } from './audit-webhook.ts'
import { webhookPlaneOf } from './webhook-plane.ts'

/** Changes an endpoint; `active: true` enables one again that was disabled. Developers. */
export const updateWebhook = implement(api.updateWebhook, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const changed = await plane.call(updatePlaneWebhook, { params, body: input.body })
  const details = { changed: Object.keys(input.body).sort().join(' '), active: String(changed.active) }
  const change = { principal, request, environment, endpointId: changed.id, details }
  await auditWebhook({ ...change, action: 'webhook.updated' }, context)
  return changed
})

/** Deletes an endpoint for good. Developers. */
export const deleteWebhook = implement(api.deleteWebhook, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const deleted = await plane.call(deletePlaneWebhook, { params })
  const change = { principal, request, environment, endpointId: deleted.id }
  await auditWebhook({ ...change, action: 'webhook.deleted' }, context)
  return deleted
})

/** A new secret, shown here and never again; the old one signs beside it for 24 hours. Developers. */
export const rotateWebhookSecret = implement(api.rotateWebhookSecret, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const rotated = await plane.call(rotatePlaneWebhookSecret, { params })
  const change = { principal, request, environment, endpointId: rotated.id }
  await auditWebhook({ ...change, action: 'webhook.secret_rotated' }, context)
  return rotated
})
