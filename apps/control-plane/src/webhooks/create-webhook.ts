import { createWebhook as definition } from '@pacspace/api/definition/webhooks'
import { createPlaneWebhook } from '@pacspace/api/internal/plane-webhooks'
import { Problem } from '@pacspace/api/problem'
import { auditedChange } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { getContract } from '../environments/front-door.ts'
import { auditWebhook } from './audit-webhook.ts'
import { webhookPlaneOf } from './webhook-plane.ts'

/**
 * Creates a webhook endpoint in the plane of its environment, which alone keeps it; the secret is in this answer and
 * nowhere else. Developers with a verified address. Raises CONTRACT_NOT_DEPLOYED before the environment was asked for,
 * VALIDATION_ERROR for an address that may not be reached.
 */
export const createWebhook = implement(definition, async (call, context) => {
  const { principal, input, request } = call
  const { tenantId } = principal
  const { environment, plane } = await webhookPlaneOf(call, context)
  const contract = await getContract(context.db, tenantId, environment)
  if (contract === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
  const asked = { principal, request, action: 'webhook.created', environment } as const
  return await auditedChange(
    asked,
    {
      change: () => plane.call(createPlaneWebhook, { params: { tenantId }, body: input.body }),
      note: (tx, { id, url }) =>
        auditWebhook(tx, { ...asked, endpointId: id, details: { url: hostOf(url) } }, context),
    },
    context,
  )
})

/** Paths and queries of such URLs often hold tokens: the log names the host. */
function hostOf(url: string): string {
  return new URL(url).origin
}
