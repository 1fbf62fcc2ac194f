import { getBillingUsage as definition } from '@pacspace/api/definition/billing'
import type { EndpointData } from '@pacspace/api/endpoint'
import type { getPlaneUsage } from '@pacspace/api/internal/plane'
import { validationProblem } from '@pacspace/api/problem'
import { periodOf, timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { chargedPlan, overageOf } from './charge.ts'
import { usageOfMonth } from './month-usage.ts'

/**
 * ◆ What a month used and costs so far (product.md §4 "Billing"): Production on a paid plan, Sandbox on Free, whose allotment is for
 * life. Any role. The month is charged by the plan of `chargedPlan`. SERVICE_UNAVAILABLE while the plane is away.
 */
export const getBillingUsage = implement(definition, async ({ principal, input }, context) => {
  const running = periodOf(timestampOf(context.clock.now()))
  const { period = running } = input.query
  if (period > running) throw validationProblem('/period', 'has not begun yet')
  const { changes, usage } = await usageOfMonth(principal.tenantId, period, context)
  const plan = chargedPlan(changes, period)
  const overage = overageOf(plan, usage.consumed)
  return {
    period,
    tier: plan.tier,
    includedDeltas: plan.monthlyAllotment,
    consumedDeltas: usage.consumed,
    overageCount: overage.count,
    overageChargesUsd: overage.chargesUsd,
    remainingDeltas: remainingOf(plan, usage),
    reservedDeltas: usage.reserved,
    days: usage.days.map(({ date, consumed, reserved }) => ({
      date,
      consumedDeltas: consumed,
      reservedDeltas: reserved,
    })),
  }
})

function remainingOf(
  { tier, monthlyAllotment }: Parameters<typeof overageOf>[0],
  usage: Pick<EndpointData<typeof getPlaneUsage>, 'consumed' | 'reserved' | 'lifetime'>,
): number | null {
  if (monthlyAllotment === null) return null
  const { consumed, reserved } = tier === 'free' ? usage.lifetime : usage
  return Math.max(0, monthlyAllotment - consumed - reserved)
}
