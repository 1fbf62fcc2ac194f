import { revokeApiKey as definition } from '@pacspace/api/definition/keys'
import { revokePlaneKey } from '@pacspace/api/internal/plane'
import { auditedChange } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { auditKey } from './audit-key.ts'
import { requireRoleFor } from './key-role.ts'
import { locateKey } from './locate-key.ts'

/**
 * Revokes an API key for good, in whichever plane has it; refused there at once and by every process within 5 s.
 * Developers; a live key needs an admin. An unknown key, or another tenant's, is a 404. Only when a plane that might have
 * it is away is the answer 503.
 */
export const revokeApiKey = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, role } = principal
  const { environment, key } = await locateKey(tenantId, input.params.keyId, context)
  requireRoleFor(environment, role)
  const params = { tenantId, keyId: key.id }
  const asked = { principal, request, action: 'key.revoked', environment } as const
  return await auditedChange(
    { ...asked, target: key.id, details: { name: key.name } },
    {
      change: () => context.planes[environment].call(revokePlaneKey, { params }),
      note: (tx) => auditKey(tx, { ...asked, key }, context),
    },
    context,
  )
})
