import { createApiKey as definition } from '@pacspace/api/definition/keys'
import type { EndpointData, EndpointInput } from '@pacspace/api/endpoint'
import { type Environment, environmentOfKey } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { createPlaneKey, provisionTenant } from '@pacspace/api/internal/plane'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { auditedChange } from '../audit/front-door.ts'
import { entitlementOf, getTenantPlan, type TenantPlan } from '../billing/front-door.ts'
import { type ControlPlaneContext, implement } from '../context.ts'
import { getContract } from '../environments/front-door.ts'
import { auditKey } from './audit-key.ts'
import { requireRoleFor } from './key-role.ts'
import { unlessRefused } from './plane-keys.ts'

/**
 * Creates an API key in the plane of its environment, which alone keeps it; the secret is in this answer and nowhere
 * else. Developers with a verified address; `live` needs an admin and a plan with Production. Provisioning must have been
 * asked for, not ended.
 */
export const createApiKey = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock } = context
  const { tenantId, role } = principal
  const { environment: wire = 'test', ...settings } = input.body
  const environment = environmentOfKey(wire)
  requireRoleFor(environment, role)
  checkExpiry(settings.expiresAt, clock)
  const plan = await getTenantPlan(db, tenantId)
  if (environment === 'production' && !plan.hasProduction) throw new Problem('PLAN_UPGRADE_REQUIRED')
  const asked = { principal, request, action: 'key.created', environment } as const
  return await auditedChange(
    { ...asked, details: { name: settings.name } },
    {
      change: () => createInPlane({ tenantId, environment, plan, settings }, context),
      note: async (tx, key) => {
        const details = { permissions: key.permissions.join(' '), expiresAt: key.expiresAt }
        await auditKey(tx, { ...asked, key, details }, context)
      },
    },
    context,
  )
})

/**
 * A plane that has not heard of the tenant yet is introduced to it first, as the provisioning job is about to do: a key
 * may be created once provisioning was asked for.
 */
async function createInPlane(
  wanted: {
    readonly tenantId: TenantId
    readonly environment: Environment
    readonly plan: TenantPlan
    readonly settings: EndpointInput<typeof createPlaneKey>['body']
  },
  { db, planes }: ControlPlaneContext,
): Promise<EndpointData<typeof createPlaneKey>> {
  const { tenantId, environment, plan, settings } = wanted
  const contract = await getContract(db, tenantId, environment)
  if (contract === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
  const plane = planes[environment]
  const request = { params: { tenantId }, body: settings }
  const created = await unlessRefused('CONTRACT_NOT_DEPLOYED', plane.call(createPlaneKey, request))
  if (created !== undefined) return created
  const body = { contractId: contract.id, entitlement: entitlementOf(plan, environment) }
  await plane.call(provisionTenant, { params: { tenantId }, body })
  return await plane.call(createPlaneKey, request)
}

function checkExpiry(expiresAt: Timestamp | undefined, clock: Clock): void {
  if (expiresAt !== undefined && epochMsOf(expiresAt) <= clock.now()) {
    throw validationProblem('/expiresAt', 'must lie in the future')
  }
}
