import { createHash } from 'node:crypto'
import { newApiKey } from '@pacspace/api/api-key'
import { permissions as allPermissions } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { newId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { countKeys, insertKey, type KeyRow, revokeKey, selectKeys } from './keys.sql.ts'

/**
 * Creates a key of this plane. Its secret leaves in this answer and is kept nowhere, only its SHA-256. Raises
 * CONTRACT_NOT_DEPLOYED for a tenant whose provisioning here was never asked for.
 */
export const createPlaneKey = implement(api.createPlaneKey, async ({ input }, context) => {
  const { environment, randomBytes, clock, db } = context
  const key = newApiKey(environment, randomBytes)
  const row: KeyRow = {
    id: newId('key', randomBytes),
    name: input.body.name,
    public_key: key.publicKey,
    permissions: input.body.permissions ?? [...allPermissions],
    active: true,
    created_at: timestampOf(clock.now()),
    expires_at: input.body.expiresAt ?? null,
    revoked_at: null,
    last_used_at: null,
  }
  const isKept = await insertKey(db, {
    id: row.id,
    tenantId: input.params.tenantId,
    publicKey: row.public_key,
    secretHash: createHash('sha256').update(key.secret).digest(),
    name: row.name,
    permissions: row.permissions,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  })
  if (!isKept) throw new Problem('CONTRACT_NOT_DEPLOYED')
  context.onKeysChanged()
  return { ...shown(row, environment), secretKey: key.secret, fullKey: key.fullKey }
})

/** The tenant's keys of this plane, newest first; never a secret. */
export const listPlaneKeys = implement(api.listPlaneKeys, async ({ input }, { db, environment }) => {
  const { limit = 100, offset = 0 } = input.query
  const [rows, total] = await Promise.all([
    selectKeys(db, input.params.tenantId, limit, offset),
    countKeys(db, input.params.tenantId),
  ])
  return { items: rows.map((row) => shown(row, environment)), total }
})

/** Revokes a key for good. Processes forget it by notification at once, and in any case within seconds. */
export const revokePlaneKey = implement(api.revokePlaneKey, async ({ input }, context) => {
  const { tenantId, keyId } = input.params
  const row = await revokeKey(context.db, tenantId, keyId, timestampOf(context.clock.now()))
  if (row === undefined) throw new Problem('NOT_FOUND')
  context.onKeysChanged()
  return shown(row, context.environment)
})

function shown(row: KeyRow, environment: Environment) {
  return {
    id: row.id,
    name: row.name,
    environment: spelling[environment].key,
    publicKey: row.public_key,
    permissions: row.permissions,
    active: row.active,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  }
}
