import { cancelSubscription as definition } from '@pacspace/api/definition/billing'
import { Problem } from '@pacspace/api/problem'
import { implement } from '../context.ts'
import { shownPlan } from './get-billing-plan.ts'
import { getTenantPlan } from './tenant-plan.ts'

/**
 * Ends the paid plan of the caller's tenant: with the built-in provider at once, with Stripe at the end of the period that is
 * paid for. From then on live writes answer PLAN_UPGRADE_REQUIRED; reads go on and nothing is deleted. Owners. Raises
 * NO_SUBSCRIPTION on Free, ENTERPRISE_BY_CONTRACT.
 */
export const cancelSubscription = implement(definition, async ({ principal, request }, context) => {
  const { tenantId, userId } = principal
  const { tier } = await getTenantPlan(context.db, tenantId)
  if (tier === 'enterprise') throw new Problem('ENTERPRISE_BY_CONTRACT')
  if (tier === 'free') throw new Problem('NO_SUBSCRIPTION')
  await context.payments.cancel({ tenantId, actor: userId, request }, context)
  return await shownPlan(tenantId, context)
})
