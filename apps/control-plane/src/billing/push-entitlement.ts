import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { setEntitlement } from '@pacspace/api/internal/plane'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { listDuePushes, recordEntitlementPush } from './billing.sql.ts'
import { entitlementOf } from './entitlement.ts'
import { getTenantPlan } from './tenant-plan.ts'

export interface EntitlementTarget {
  readonly tenantId: TenantId
  readonly environment: Environment
}

/** Pushes that one look at the table finds; the next look finds the rest. */
const DUE_MAX = 1_000

/** Asks for a push in the caller's transaction: it happens if and only if that commits. */
export async function requestEntitlementPush(db: Db, target: EntitlementTarget): Promise<void> {
  const { tenantId, environment } = target
  await enqueueJob(db, {
    task: 'push_entitlement',
    payload: { tenantId, environment },
    key: `push_entitlement:${tenantId}:${environment}`,
  })
}

/**
 * Background step: tells a plane what a tenant may do there, and notes which version it was told.
 * Two pushes may overtake each other: whoever finds, after telling, that the plan has changed tells it again, so the last
 * word is the newest. If the process dies before the note, the push is due and done again (`requestDuePushes`).
 * Raises what the plane raises: SERVICE_UNAVAILABLE while it is away, and the job is tried again.
 */
export async function pushEntitlement(
  target: EntitlementTarget,
  context: Pick<ControlPlaneContext, 'db' | 'planes' | 'clock'>,
): Promise<void> {
  const { db, planes, clock } = context
  const { tenantId, environment } = target
  for (;;) {
    const plan = await getTenantPlan(db, tenantId)
    await planes[environment].call(setEntitlement, {
      params: { tenantId },
      body: entitlementOf(plan, environment),
    })
    const now = timestampOf(clock.now())
    if (await recordEntitlementPush(db, { tenantId, environment, version: plan.version, now })) return
  }
}

/** Asks for every push that is due, of one tenant or of all. Safe to call at any time. Gives what it asked for. */
export async function requestDuePushes(db: Db, tenantId?: TenantId): Promise<readonly EntitlementTarget[]> {
  const due = await listDuePushes(db, tenantId, DUE_MAX)
  for (const target of due) await requestEntitlementPush(db, target)
  return due
}
