import { updateApiKey as definition } from '@pacspace/api/definition/keys'
import { updatePlaneKey } from '@pacspace/api/internal/plane'
import { implement } from '../context.ts'
import { auditKey } from './audit-key.ts'
import { requireRoleFor } from './key-role.ts'
import { locateKey } from './locate-key.ts'

/**
 * Changes an API key's name, permissions, or whether it is active, in whichever plane has it; every process there goes by
 * it within 5 s. Developers; a live key needs an admin. A revoked key stays revoked: API_KEY_REVOKED.
 */
export const updateApiKey = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, role } = principal
  const { environment, key } = await locateKey(tenantId, input.params.keyId, context)
  requireRoleFor(environment, role)
  const params = { tenantId, keyId: key.id }
  const updated = await context.planes[environment].call(updatePlaneKey, { params, body: input.body })
  const { name, active, permissions } = updated
  const details = { name, active, permissions: permissions.join(' ') }
  await auditKey({ principal, request, action: 'key.updated', environment, key, details }, context)
  return updated
})
