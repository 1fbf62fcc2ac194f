import { updateApiKey as definition } from '@pacspace/api/definition/keys'
import { updatePlaneKey } from '@pacspace/api/internal/plane'
import { auditedChange } from '../audit/front-door.ts'
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
  const asked = { principal, request, action: 'key.updated', environment } as const
  return await auditedChange(
    { ...asked, target: key.id, details: { name: key.name } },
    {
      change: () => context.planes[environment].call(updatePlaneKey, { params, body: input.body }),
      note: async (tx, { name, active, permissions }) => {
        const details = { name, active, permissions: permissions.join(' ') }
        await auditKey(tx, { ...asked, key, details }, context)
      },
    },
    context,
  )
})
