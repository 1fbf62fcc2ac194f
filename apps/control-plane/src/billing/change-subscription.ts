import { changeSubscription as definition } from '@pacspace/api/definition/billing'
import { Problem } from '@pacspace/api/problem'
import { implement } from '../context.ts'
import { shownPlan } from './get-billing-plan.ts'
import { getTenantPlan } from './tenant-plan.ts'

/**
 * Puts the caller's tenant on a paid plan. Owners with a verified address. With the built-in provider it is on it when this
 * answers, and every plane is told within moments; with Stripe `checkoutUrl` is where to pay first. To Enterprise and from
 * it leads a contract: ENTERPRISE_BY_CONTRACT.
 */
export const changeSubscription = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, userId } = principal
  const { tier } = input.body
  const current = await getTenantPlan(context.db, tenantId)
  if (tier === 'enterprise' || current.tier === 'enterprise') throw new Problem('ENTERPRISE_BY_CONTRACT')
  const wish = { tenantId, tier, actor: userId, request }
  const { checkoutUrl } = await context.payments.subscribe(wish, context)
  return { ...(await shownPlan(tenantId, context)), checkoutUrl }
})
