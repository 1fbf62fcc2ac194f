import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { getPlaneKey } from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import type { ControlPlaneContext } from '../context.ts'
import { listRequestedEnvironments } from '../environments/front-door.ts'
import { type ApiKey, unlessRefused } from './plane-keys.ts'

/** A key and the environment whose plane keeps it. */
export interface LocatedKey {
  readonly environment: Environment
  readonly key: ApiKey
}

/**
 * Finds a key of a tenant by asking every plane where the tenant is: its id does not say which. Raises NOT_FOUND for an
 * unknown key and another tenant's, SERVICE_UNAVAILABLE only when a plane that might have it is away.
 */
export async function locateKey(
  tenantId: TenantId,
  keyId: string,
  { db, planes }: ControlPlaneContext,
): Promise<LocatedKey> {
  const environments = await listRequestedEnvironments(db, tenantId)
  const answers = await Promise.allSettled(
    environments.map(async (environment) => {
      const params = { tenantId, keyId }
      const key = await unlessRefused('NOT_FOUND', planes[environment].call(getPlaneKey, { params }))
      return key && { environment, key }
    }),
  )
  for (const answer of answers) {
    if (answer.status === 'fulfilled' && answer.value !== undefined) return answer.value
  }
  for (const answer of answers) {
    if (answer.status === 'rejected') throw answer.reason
  }
  throw new Problem('NOT_FOUND')
}
