import { permissions as allPermissions } from '@pacspace/api/endpoint'
import * as api from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { countKeys, lockKey, revokeKey, selectKeyById, selectKeys, updateKey } from './keys.sql.ts'
import { keepNewKey, shownKey } from './new-key.ts'

/**
 * Creates a key of this plane. Its secret leaves in this answer and is kept nowhere, only its SHA-256. Raises
 * CONTRACT_NOT_DEPLOYED for a tenant whose provisioning here was never asked for.
 */
export const createPlaneKey = implement(api.createPlaneKey, async ({ input }, context) => {
  const { name, permissions = allPermissions, expiresAt = null } = input.body
  const settings = { name, permissions, expiresAt, active: true }
  const created = await keepNewKey(context.db, input.params.tenantId, settings, context)
  if (created === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
  context.onKeysChanged()
  return created
})

/** The tenant's keys of this plane, newest first; never a secret. */
export const listPlaneKeys = implement(api.listPlaneKeys, async ({ input }, { db, environment }) => {
  const { limit = 100, offset = 0 } = input.query
  const [rows, total] = await Promise.all([
    selectKeys(db, input.params.tenantId, limit, offset),
    countKeys(db, input.params.tenantId),
  ])
  return { items: rows.map((row) => shownKey(row, environment)), total }
})

/** One key of the tenant; never its secret. */
export const getPlaneKey = implement(api.getPlaneKey, async ({ input }, { db, environment }) => {
  const row = await selectKeyById(db, input.params.tenantId, input.params.keyId)
  if (row === undefined) throw new Problem('NOT_FOUND')
  return shownKey(row, environment)
})

/**
 * Changes a key's name, permissions or activity. Processes know by notification at once, and in any case within seconds.
 * A revoked key stays as it is: API_KEY_REVOKED.
 */
export const updatePlaneKey = implement(api.updatePlaneKey, async ({ input }, context) => {
  const { tenantId, keyId } = input.params
  const { name = null, active = null, permissions = null } = input.body
  const row = await transaction(context.db, async (tx) => {
    const locked = await lockKey(tx, tenantId, keyId)
    if (locked === undefined) throw new Problem('NOT_FOUND')
    if (locked.revoked_at !== null) throw new Problem('API_KEY_REVOKED')
    await updateKey(tx, locked.id, { name, active, permissions })
    return await selectKeyById(tx, tenantId, keyId)
  })
  if (row === undefined) throw new Error(`key ${keyId} is gone under its own lock`)
  context.onKeysChanged()
  return shownKey(row, context.environment)
})

/** Revokes a key for good. Processes forget it by notification at once, and in any case within seconds. */
export const revokePlaneKey = implement(api.revokePlaneKey, async ({ input }, context) => {
  const { tenantId, keyId } = input.params
  const row = await revokeKey(context.db, tenantId, keyId, timestampOf(context.clock.now()))
  if (row === undefined) throw new Problem('NOT_FOUND')
  context.onKeysChanged()
  return shownKey(row, context.environment)
})
