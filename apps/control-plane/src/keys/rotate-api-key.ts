import { rotateApiKey as definition } from '@pacspace/api/definition/keys'
import { rotatePlaneKey } from '@pacspace/api/internal/plane'
import { auditedChange } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { auditKey } from './audit-key.ts'
import { requireRoleFor } from './key-role.ts'
import { locateKey } from './locate-key.ts'

/**
 * Replaces an API key by a successor with the same settings, whose secret is in this answer and nowhere else. Both work
 * until the grace period ends. Developers with a verified address; a live key needs an admin. A key has one successor:
 * asked again, or twice at once, API_KEY_NOT_ROTATABLE (docs/decisions/0050-one-successor-for-a-key.md).
 */
export const rotateApiKey = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, role } = principal
  const { environment, key } = await locateKey(tenantId, input.params.keyId, context)
  requireRoleFor(environment, role)
  const params = { tenantId, keyId: key.id }
  const asked = { principal, request, action: 'key.rotated', environment } as const
  return await auditedChange(
    { ...asked, target: key.id, details: { name: key.name } },
    {
      change: () => context.planes[environment].call(rotatePlaneKey, { params, body: input.body }),
      note: async (tx, { id, replaces }) => {
        const details = { rotatedTo: id, expiresAt: replaces.expiresAt }
        await auditKey(tx, { ...asked, key, details }, context)
      },
    },
    context,
  )
})
