import { getBillingPlan as definition } from '@pacspace/api/definition/billing'
import type { TenantId } from '@pacspace/api/id'
import { type ControlPlaneContext, implement } from '../context.ts'
import { getTenantPlan } from './tenant-plan.ts'

/** ◆ The plan of the caller's tenant, what it costs, and what the collector of the money knows. Any role. */
export const getBillingPlan = implement(definition, async ({ principal }, context) =>
  shownPlan(principal.tenantId, context),
)

/** A tenant's plan as it is shown. */
export async function shownPlan(tenantId: TenantId, context: ControlPlaneContext) {
  const { db, payments } = context
  const { tier, monthlyAllotment, planPriceUsd, overagePriceUsd } = await getTenantPlan(db, tenantId)
  const subscription = await payments.subscriptionOf(tenantId, context)
  return { tier, monthlyAllotment, planPriceUsd, overagePriceUsd, ...subscription, provider: payments.name }
}
