import type { TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import {
  notifyLogGrown,
  selectTenant,
  updateEntitlement,
  updatePublicRecords,
  upsertTenant,
} from './tenants.sql.ts'

/**
 * Starts, or after an error starts again, the provisioning of a tenant. The worker does it: only it may hold log keys.
 * Safe to repeat; answers the present state.
 */
export const provisionTenant = implement(
  api.provisionTenant,
  async ({ input }, { db, clock, onKeysChanged }) => {
    const { tenantId } = input.params
    await upsertTenant(db, { tenantId, ...input.body, now: timestampOf(clock.now()) })
    await notifyLogGrown(db)
    onKeysChanged()
    return stateOf(db, tenantId)
  },
)

/** How far a tenant's provisioning is. */
export const getPlaneTenant = implement(api.getPlaneTenant, async ({ input }, { db }) =>
  stateOf(db, input.params.tenantId),
)

/** Replaces what a tenant may do here: a plan changed. */
export const setEntitlement = implement(api.setEntitlement, async ({ input }, { db, onKeysChanged }) => {
  const { tenantId } = input.params
  if (!(await updateEntitlement(db, tenantId, input.body))) throw new Problem('NOT_FOUND')
  onKeysChanged()
  return stateOf(db, tenantId)
})

/** Whether public verify shows the single records of a tenant to whoever holds a root. */
export const setPublicRecords = implement(api.setPublicRecords, async ({ input }, { db }) => {
  const { tenantId } = input.params
  if (!(await updatePublicRecords(db, tenantId, input.body.publicRecords))) throw new Problem('NOT_FOUND')
  return stateOf(db, tenantId)
})

async function stateOf(db: Db, tenantId: TenantId) {
  const row = await selectTenant(db, tenantId)
  if (row === undefined) throw new Problem('NOT_FOUND')
  return { tenantId: row.public_id, status: row.status, reason: row.error_reason, origin: row.origin }
}
