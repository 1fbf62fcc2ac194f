import type { RandomBytes, TenantId, UserId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { RequestFacts } from '@pacspace/service/implement'
import type { Tx } from '@pacspace/service/postgres'
import { type AuditEntry, audit } from '../audit/front-door.ts'
import { queueNotice } from '../mail/front-door.ts'
import { lockTenantPlan, updateTenantPlan } from './billing.sql.ts'
import { type EntitlementTarget, requestDuePushes } from './push-entitlement.ts'

/** The plan that a tenant shall be on. What an operator granted before and this does not name is withdrawn. */
export interface PlanChange {
  readonly tenantId: TenantId
  readonly tier: Tier
  /** Requests a second instead of the plan's. */
  readonly ratePerSecond: number | null
  /** Verified deltas a month (Free: for life) instead of the plan's. */
  readonly monthlyAllotment: number | null
}

/** Who changes it. */
export interface PlanActor {
  readonly actor: UserId | 'operator' | 'system'
  readonly request?: Pick<RequestFacts, 'id' | 'remoteAddress'>
  /** For the activity log, beside what changes. */
  readonly details?: AuditEntry['details']
}

/** A paid plan without grants. */
export function publishedPlan(tenantId: TenantId, tier: Tier): PlanChange {
  return { tenantId, tier, ratePerSecond: null, monthlyAllotment: null }
}

/**
 * Puts a tenant on a plan in the caller's transaction: plan, history, activity log, the mails to its owners, and the wish to
 * tell every plane where the tenant is stand if and only if that commits. Locks the tenant's plan. A plan it is on already changes nothing. Gives
 * the planes that have to be told; undefined for an unknown tenant.
 */
export async function applyPlan(
  tx: Tx,
  change: PlanChange,
  by: PlanActor,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<readonly EntitlementTarget[] | undefined> {
  const { tenantId, tier, ratePerSecond, monthlyAllotment } = change
  const before = await lockTenantPlan(tx, tenantId)
  if (before === undefined) return undefined
  const isSame =
    before.tier === tier &&
    before.ratePerSecond === ratePerSecond &&
    before.monthlyAllotment === monthlyAllotment
  if (!isSame) {
    await updateTenantPlan(tx, { ...change, now: timestampOf(clock.now()) })
    const action = tier === 'free' ? 'plan.cancelled' : 'plan.changed'
    const details = { from: before.tier, to: tier, ratePerSecond, monthlyAllotment, ...by.details }
    await audit(tx, { ...by, tenantId, action, details }, { clock, randomBytes })
    const notice = { oldTier: before.tier, newTier: tier }
    await queueNotice(tx, { tenantId, kind: 'plan', details: notice, createdAt: timestampOf(clock.now()) })
  }
  return await requestDuePushes(tx, tenantId)
}
