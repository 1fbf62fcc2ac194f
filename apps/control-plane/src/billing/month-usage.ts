import type { EndpointData } from '@pacspace/api/endpoint'
import type { TenantId } from '@pacspace/api/id'
import { getPlaneUsage } from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { type Period, periodBounds } from '@pacspace/api/timestamp'
import type { ControlPlaneContext } from '../context.ts'
import { listPlanChanges, type PlanChangeRow } from './billing.sql.ts'
import { chargedPlan } from './charge.ts'

type PlaneUsage = EndpointData<typeof getPlaneUsage>

/**
 * What a tenant used in a month, in the environment that the month is charged for: Production where it is charged by a
 * plan that has it, else Sandbox. And the plans it had until the month's end. An environment that was never provisioned
 * used nothing. Raises SERVICE_UNAVAILABLE while the plane is away.
 */
export async function usageOfMonth(
  tenantId: TenantId,
  period: Period,
  { db, planes }: Pick<ControlPlaneContext, 'db' | 'planes'>,
): Promise<{ readonly changes: readonly PlanChangeRow[]; readonly usage: PlaneUsage }> {
  const changes = await listPlanChanges(db, tenantId, periodBounds(period).end)
  const isPaid = chargedPlan(changes, period).tier !== 'free'
  const plane = planes[isPaid ? 'production' : 'sandbox']
  const usage = await plane
    .call(getPlaneUsage, { params: { tenantId }, query: { period } })
    .catch(unknownThere)
  return { changes, usage: usage ?? nothingIn(tenantId, period) }
}

function unknownThere(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'NOT_FOUND') return undefined
  throw error
}

function nothingIn(tenantId: TenantId, period: Period): PlaneUsage {
  const nothing = { consumed: 0, reserved: 0 }
  return { tenantId, period, ...nothing, lifetime: nothing, days: [] }
}
