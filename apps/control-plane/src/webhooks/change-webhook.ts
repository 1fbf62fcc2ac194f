import * as api from '@pacspace/api/definition/webhooks'
import {
  deletePlaneWebhook,
  rotatePlaneWebhookSecret,
  updatePlaneWebhook,
} from '@pacspace/api/internal/plane-webhooks'
import { auditedChange } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { auditWebhook } from './audit-webhook.ts'
import { webhookPlaneOf } from './webhook-plane.ts'

/** Changes an endpoint; `active: true` enables one again that was disabled. Developers. */
export const updateWebhook = implement(api.updateWebhook, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const asked = { principal, request, action: 'webhook.updated', environment } as const
  const changed = Object.keys(input.body).sort().join(' ')
  return await auditedChange(
    { ...asked, target: params.id, details: { changed } },
    {
      change: () => plane.call(updatePlaneWebhook, { params, body: input.body }),
      note: async (tx, { id, active }) => {
        const details = { changed, active: String(active) }
        await auditWebhook(tx, { ...asked, endpointId: id, details }, context)
      },
    },
    context,
  )
})

/** Deletes an endpoint for good. Developers. */
export const deleteWebhook = implement(api.deleteWebhook, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const asked = { principal, request, action: 'webhook.deleted', environment } as const
  return await auditedChange(
    { ...asked, target: params.id },
    {
      change: () => plane.call(deletePlaneWebhook, { params }),
      note: (tx, { id }) => auditWebhook(tx, { ...asked, endpointId: id }, context),
    },
    context,
  )
})

/** A new secret, shown here and never again; the old one signs beside it for 24 hours. Developers. */
export const rotateWebhookSecret = implement(api.rotateWebhookSecret, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await webhookPlaneOf(call, context)
  const params = { tenantId: principal.tenantId, id: input.params.id }
  const asked = { principal, request, action: 'webhook.secret_rotated', environment } as const
  return await auditedChange(
    { ...asked, target: params.id },
    {
      change: () => plane.call(rotatePlaneWebhookSecret, { params }),
      note: (tx, { id }) => auditWebhook(tx, { ...asked, endpointId: id }, context),
    },
    context,
  )
})
