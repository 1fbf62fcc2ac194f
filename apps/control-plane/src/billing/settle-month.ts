import type { TenantId } from '@pacspace/api/id'
import { epochMsOf, type Period, periodBounds, periodOf, timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { listUnsettled } from './billing.sql.ts'
import { chargedPlan, chargeLines } from './charge.ts'
import { usageOfMonth } from './month-usage.ts'

/**
 * What was accepted in a month and is not verified yet is waited for, this long. What is verified later still (after
 * damage and its repair) is not charged.
 */
const WAIT_MS_MAX = 3 * 24 * 60 * 60 * 1_000

/** Tenants that one look finds; the next look finds the rest. */
const UNSETTLED_MAX = 1_000

export interface SettleTarget {
  readonly tenantId: TenantId
  readonly period: Period
}

/** Asks for the settling of each month that has ended, one month of a tenant after the other. Safe at any time. */
export async function requestSettlements(
  db: Db,
  { clock }: Pick<ControlPlaneContext, 'clock'>,
): Promise<void> {
  const running = periodOf(timestampOf(clock.now()))
  for (const { tenantId, period } of await listUnsettled(db, periodBefore(running), UNSETTLED_MAX)) {
    await enqueueJob(db, {
      task: 'settle_month',
      payload: { tenantId, period },
      key: `settle_month:${tenantId}:${period}`,
    })
  }
}

/**
 * Background step: has a month that has ended charged by the provider, and noted as settled. If the process dies before the
 * note, it is asked for again; the provider charges a month once. Raises SERVICE_UNAVAILABLE while the plane is away.
 */
export async function settleMonth(
  { tenantId, period }: SettleTarget,
  context: ControlPlaneContext,
): Promise<void> {
  const { clock } = context
  const endMs = epochMsOf(periodBounds(period).end)
  if (clock.now() < endMs) return
  const { changes, usage } = await usageOfMonth(tenantId, period, context)
  if (usage.reserved > 0 && clock.now() < endMs + WAIT_MS_MAX) return
  const lines = chargeLines(chargedPlan(changes, period), period, usage.consumed)
  await context.payments.chargeMonth({ tenantId, period, lines }, context)
}

function periodBefore(period: Period): Period {
  return periodOf(timestampOf(epochMsOf(periodBounds(period).start) - 1))
}
