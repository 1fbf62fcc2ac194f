/** What other capabilities may use of billing. */
export { entitlementOf } from './entitlement.ts'
export { pushEntitlement } from './push-entitlement.ts'
export { getTenantPlan, startFreePlan, type TenantPlan } from './tenant-plan.ts'
