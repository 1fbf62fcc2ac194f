import { isId, type TenantId } from '@pacspace/api/id'
import { plans, type Tier } from '@pacspace/api/plan'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { type Pool, transaction } from '@pacspace/service/postgres'
import { updateTenantPlan } from './billing.sql.ts'
import { type EntitlementTarget, requestDuePushes } from './push-entitlement.ts'

/** What an operator decides: `pacspace admin plan TENANT --tier T [--rate N --allotment N]`. */
export interface PlanOrder {
  readonly tenantId: TenantId
  readonly tier: Tier
  /** Requests a second instead of the plan's. */
  readonly ratePerSecond: number | null
  /** Verified deltas a month (Free: for life) instead of the plan's. */
  readonly monthlyAllotment: number | null
}

/** Largest figures a plane accepts. */
const RATE_MAX = 500_000
const ALLOTMENT_MAX = 1_000_000_000

/** An order that makes no sense; the message tells the operator why. */
export class PlanOrderRefused extends Error {
  override name = 'PlanOrderRefused'
}

/** The order in the words of a command line. Throws PlanOrderRefused. */
export function parsePlanOrder(words: {
  readonly tenant?: string
  readonly tier?: string
  readonly rate?: string
  readonly allotment?: string
}): PlanOrder {
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

/**
 * Writes a tenant's plan and asks for its push to every plane where the tenant is, in one transaction: when it returns,
 * both are durable. Gives the planes that have to be told. What an earlier order granted and this one does not name is withdrawn.
 * Throws PlanOrderRefused for an unknown tenant.
 */
export async function changePlan(
  order: PlanOrder,
  { db, clock }: { readonly db: Pool; readonly clock: Clock },
): Promise<readonly EntitlementTarget[]> {
  return await transaction(db, async (tx) => {
    const version = await updateTenantPlan(tx, { ...order, now: timestampOf(clock.now()) })
    if (version === undefined) throw new PlanOrderRefused(`there is no tenant ${order.tenantId}`)
    return await requestDuePushes(tx, order.tenantId)
  })
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
