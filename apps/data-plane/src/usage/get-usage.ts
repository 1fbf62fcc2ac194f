import * as api from '@pacspace/api/definition/usage'
import { periodBounds, periodOf, timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { selectAllowance, selectCounted } from './usage.sql.ts'

const NOTHING = { consumed: 0, reserved: 0 }

/**
 * How much of the plan is used here (product.md §3 "The rest", §4 "Billing"): a delta is counted when it is verified, in
 * the month in which it was accepted, and is reserved until then. Where writes stop at a cap (Free) everything counts for
 * life.
 */
export const getUsage = implement(api.getUsage, async ({ principal: { tenantNo } }, { db, clock }) => {
  const period = periodOf(timestampOf(clock.now()))
  const { start, end } = periodBounds(period)
  const [allowance, [lifetime = NOTHING, month = NOTHING]] = await transaction(
    db,
    (tx) => Promise.all([selectAllowance(tx, tenantNo), selectCounted(tx, tenantNo, [start, end])]),
    { isolation: 'repeatable read', readOnly: true },
  )
  if (allowance === undefined) throw new Error(`tenant ${tenantNo} of a key is gone`)
  const { lifetime_cap: cap, monthly_allotment: allotment } = allowance
  const accepted = lifetime.consumed + lifetime.reserved
  const included = cap ?? allotment
  const consumed = cap === null ? month.consumed : lifetime.consumed
  return {
    allowed: allowance.writes_allowed && allowance.blocked_code === null && (cap === null || accepted < cap),
    included,
    remaining: included === null ? null : Math.max(0, included - consumed - lifetime.reserved),
    consumed,
    // Whenever they were accepted: they wait now.
    reserved: lifetime.reserved,
    period,
    plan: allowance.tier,
  }
})
