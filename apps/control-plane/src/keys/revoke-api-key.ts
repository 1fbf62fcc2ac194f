import { revokeApiKey as definition } from '@pacspace/api/definition/keys'
import type { Role } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { revokePlaneKey } from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { type ControlPlaneContext, implement } from '../context.ts'
import { listRequestedEnvironments } from '../environments/front-door.ts'
import { mayHandleKeysOf, requireRoleFor } from './key-role.ts'
import { type ApiKey, newestKeys, unlessRefused } from './plane-keys.ts'

/**
 * Revokes an API key for good, in whichever plane has it; refused there at once and by every process within 5 s.
 * Developers; a live key needs an admin. An unknown key, or another tenant's, is a 404. Only when a plane that might have
 * it is away is the answer 503.
 */
export const revokeApiKey = implement(definition, async ({ principal, input }, context) => {
  const { tenantId, role } = principal
  const { keyId } = input.params
  const environments = await listRequestedEnvironments(context.db, tenantId)
  const answers = await Promise.allSettled(
    environments.map((environment) => revokeIn(environment, { tenantId, role, keyId }, context)),
  )
  for (const answer of answers) {
    if (answer.status === 'fulfilled' && answer.value !== undefined) return answer.value
  }
  for (const answer of answers) {
    if (answer.status === 'rejected') throw answer.reason
  }
  throw new Problem('NOT_FOUND')
})

interface Revocation {
  readonly tenantId: TenantId
  readonly role: Role
  readonly keyId: string
}

/** The revoked key, or undefined if this plane does not have it. Raises INSUFFICIENT_PERMISSION if it has one that the role may not revoke. */
async function revokeIn(
  environment: Environment,
  { tenantId, role, keyId }: Revocation,
  { planes }: ControlPlaneContext,
): Promise<ApiKey | undefined> {
  if (mayHandleKeysOf(environment, role)) {
    return await unlessRefused(
      'NOT_FOUND',
      planes[environment].call(revokePlaneKey, { params: { tenantId, keyId } }),
    )
  }
  const { items } = await newestKeys(planes, { tenantId, environment, count: Number.POSITIVE_INFINITY })
  if (items.some(({ id }) => id === keyId)) requireRoleFor(environment, role)
  return undefined
}
