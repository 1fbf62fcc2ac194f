import type { TenantId } from '@pacspace/api/id'
import { type Plan, plans } from '@pacspace/api/plan'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'
import { findTenantPlan, insertFreePlan } from './billing.sql.ts'

/** The published plan of a tenant, with what an operator granted instead, and its version. */
export interface TenantPlan extends Plan {
  /** Raised by every change. */
  readonly version: number
}

/** A burst is this many seconds of the rate, as in every published plan. */
const BURST_SECONDS = 2

/** Puts a new tenant on the Free plan, in the caller's transaction. */
export async function startFreePlan(tx: Tx, tenantId: TenantId, now: Timestamp): Promise<void> {
  await insertFreePlan(tx, tenantId, now)
}

/** What a tenant may use. Every tenant has a plan; throws if this one does not. */
export async function getTenantPlan(db: Db, tenantId: TenantId): Promise<TenantPlan> {
  const row = await findTenantPlan(db, tenantId)
  if (row === undefined) throw new Error(`tenant ${tenantId} has no plan`)
  const plan = plans[row.tier]
  const ratePerSecond = row.ratePerSecond ?? plan.ratePerSecond
  const monthlyAllotment = row.monthlyAllotment ?? plan.monthlyAllotment
  return {
    ...plan,
    ratePerSecond,
    burst: ratePerSecond * BURST_SECONDS,
    monthlyAllotment,
    // Where writes stop (Free), they stop at the allotment: it is for life.
    lifetimeCap: plan.lifetimeCap === null ? null : monthlyAllotment,
    version: row.version,
  }
}
