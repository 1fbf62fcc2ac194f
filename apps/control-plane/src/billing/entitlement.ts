import type { EndpointInput } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import type { setEntitlement } from '@pacspace/api/internal/plane'
import type { TenantPlan } from './tenant-plan.ts'

/** What a plane is told that a tenant may do there. */
export type Entitlement = EndpointInput<typeof setEntitlement>['body']

/**
 * What a plan allows in an environment. Production without a plan that has it: reads go on and writes stop, nothing is
 * deleted (product.md §4 "Contracts").
 */
export function entitlementOf(plan: TenantPlan, environment: Environment): Entitlement {
  return {
    tier: plan.tier,
    lifetimeCap: plan.lifetimeCap,
    monthlyAllotment: plan.monthlyAllotment,
    writesAllowed: environment === 'sandbox' || plan.hasProduction,
    ratePerSecond: plan.ratePerSecond,
    burst: plan.burst,
  }
}
