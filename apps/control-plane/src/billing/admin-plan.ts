import { isId, type RandomBytes } from '@pacspace/api/id'
import { plans, type Tier } from '@pacspace/api/plan'
import type { Clock } from '@pacspace/service/clock'
import { type Pool, type Tx, transaction } from '@pacspace/service/postgres'
import { applyPlan, type PlanChange } from './apply-plan.ts'
import type { PaymentProvider } from './payment-provider.ts'
import type { EntitlementTarget } from './push-entitlement.ts'
import { findStripeCustomer } from './stripe.sql.ts'

/** Largest figures a plane accepts. */
const RATE_MAX = 500_000
const ALLOTMENT_MAX = 1_000_000_000

/** An order that makes no sense; the message tells the operator why. */
export class PlanOrderRefused extends Error {
  override name = 'PlanOrderRefused'
}

/** What an operator decides, in the words of `pacspace admin plan TENANT --tier T [--rate N --allotment N]`. Throws PlanOrderRefused. */
export function parsePlanOrder(words: {
  readonly tenant?: string
  readonly tier?: string
  readonly rate?: string
  readonly allotment?: string
}): PlanChange {
  const { tenant = '', tier = '' } = words
  if (!isId('tnt', tenant))
    throw new PlanOrderRefused(`${tenant === '' ? 'TENANT is missing' : `${tenant} is no tenant id`} (tnt_…)`)
  if (!isTier(tier)) throw new PlanOrderRefused(`--tier must be one of ${Object.keys(plans).join(', ')}`)
  return {
    tenantId: tenant,
    tier,
    ratePerSecond: parseWhole('--rate', words.rate, RATE_MAX),
    monthlyAllotment: parseWhole('--allotment', words.allotment, ALLOTMENT_MAX),
  }
}

/** How an ordered plan is to be paid. */
export interface PlanPayment {
  /** Who collects the money here. */
  readonly provider: PaymentProvider['name']
  /** The operator says that nobody charges for it. */
  readonly isUnbilled: boolean
}

/**
 * Puts a tenant on a plan by an operator's order (`applyPlan`), in one transaction: durable when it returns. Gives the
 * planes that have to be told. Throws PlanOrderRefused for an unknown tenant, and for a plan that nobody would charge for
 * while the order does not say so (docs/decisions/0089).
 */
export async function changePlan(
  order: PlanChange,
  { db, ...source }: { readonly db: Pool; readonly clock: Clock; readonly randomBytes: RandomBytes },
  payment: PlanPayment = { provider: 'builtin', isUnbilled: false },
): Promise<readonly EntitlementTarget[]> {
  return await transaction(db, async (tx) => {
    await requirePayment(tx, order, payment)
    const details = payment.isUnbilled ? { unbilled: true } : {}
    const targets = await applyPlan(tx, order, { actor: 'operator', details }, source)
    if (targets === undefined) throw new PlanOrderRefused(`there is no tenant ${order.tenantId}`)
    return targets
  })
}

/** The built-in provider charges every paid plan; Stripe those that have a subscription there. Enterprise is by contract. */
async function requirePayment(
  tx: Tx,
  { tenantId, tier }: PlanChange,
  { provider, isUnbilled }: PlanPayment,
): Promise<void> {
  const isCharged = tier !== 'free' && tier !== 'enterprise'
  const hasCollector =
    provider === 'builtin' || ((await findStripeCustomer(tx, tenantId))?.subscriptionId ?? null) !== null
  if (isUnbilled && (!isCharged || hasCollector)) {
    throw new PlanOrderRefused(
      isCharged
        ? `--unbilled is not true: this plan is charged by ${provider === 'builtin' ? 'invoice' : 'Stripe'}`
        : `--unbilled says nothing: nobody charges for ${tier} anyway`,
    )
  }
  if (!isCharged || hasCollector || isUnbilled) return
  throw new PlanOrderRefused(
    `${tenantId} has no subscription at Stripe, so nobody would ever charge for ${tier}. ` +
      'Let an owner subscribe in the dashboard, or say --unbilled if that is meant',
  )
}

function isTier(text: string): text is Tier {
  return Object.hasOwn(plans, text)
}

function parseWhole(option: string, text: string | undefined, maximum: number): number | null {
  if (text === undefined) return null
  const value = Number(text)
  if (!/^[1-9][0-9]{0,9}$/.test(text) || value > maximum) {
    throw new PlanOrderRefused(`${option} must be a whole number from 1 to ${maximum}`)
  }
  return value
}
