import { listBillingPlans as definition } from '@pacspace/api/definition/billing'
import { plans, tiers } from '@pacspace/api/plan'
import { implement } from '../context.ts'
import { getTenantPlan } from './tenant-plan.ts'

/** ◆ All plans as published, the caller's tenant's own marked. Any role. */
export const listBillingPlans = implement(definition, async ({ principal }, { db }) => {
  const { tier: current } = await getTenantPlan(db, principal.tenantId)
  return { plans: tiers.map((tier) => ({ ...plans[tier], isCurrent: tier === current })) }
})
