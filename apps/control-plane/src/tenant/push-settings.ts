import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { setPublicRecords } from '@pacspace/api/internal/plane'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { findTenant, listDueSettings, recordSettingsPush } from './tenant.sql.ts'

export interface SettingsTarget {
  readonly tenantId: TenantId
  readonly environment: Environment
}

/** Pushes that one look at the table finds; the next look finds the rest. */
const DUE_MAX = 1_000

/**
 * Background step: tells a plane a tenant's settings and notes which version it was told. Whoever finds, after telling, that
 * they have changed tells it again, so the last word is the newest. If the process dies before the note, it is done again.
 * Raises what the plane raises: SERVICE_UNAVAILABLE while it is away, and the job is tried again.
 */
export async function pushSettings(
  { tenantId, environment }: SettingsTarget,
  { db, planes, clock }: Pick<ControlPlaneContext, 'db' | 'planes' | 'clock'>,
): Promise<void> {
  for (;;) {
    const tenant = await findTenant(db, tenantId)
    if (tenant === undefined) throw new Error(`there is no tenant ${tenantId}`)
    const { publicRecords, settingsVersion: version } = tenant
    await planes[environment].call(setPublicRecords, { params: { tenantId }, body: { publicRecords } })
    const now = timestampOf(clock.now())
    if (await recordSettingsPush(db, { tenantId, environment, version, now })) return
  }
}

/** Asks for every push that is due, of one tenant or of all. Safe to call at any time. */
export async function requestDueSettings(db: Db, tenantId?: TenantId): Promise<void> {
  for (const target of await listDueSettings(db, tenantId, DUE_MAX)) {
    await enqueueJob(db, {
      task: 'push_settings',
      payload: { tenantId: target.tenantId, environment: target.environment },
      key: `push_settings:${target.tenantId}:${target.environment}`,
    })
  }
}
