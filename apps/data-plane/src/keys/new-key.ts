import { createHash } from 'node:crypto'
import { newApiKey } from '@pacspace/api/api-key'
import type { NewApiKey } from '@pacspace/api/definition/keys'
import type { Permission } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { newId, type RandomBytes, type TenantId } from '@pacspace/api/id'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db } from '@pacspace/service/postgres'
import type { Static } from 'typebox'
import { insertKey, type KeyRow } from './keys.sql.ts'

export interface KeySettings {
  readonly name: string
  readonly permissions: readonly Permission[]
  readonly active: boolean
  readonly expiresAt: Timestamp | null
}

/** What a key is made of. */
export interface KeySource {
  readonly environment: Environment
  readonly randomBytes: RandomBytes
  readonly clock: Clock
}

/**
 * Makes a key and keeps it, of its secret only the SHA-256: the secret is in what this gives and nowhere else. Undefined
 * when the tenant is unknown here.
 */
export async function keepNewKey(
  db: Db,
  tenantId: TenantId,
  settings: KeySettings,
  { environment, randomBytes, clock }: KeySource,
): Promise<Static<typeof NewApiKey> | undefined> {
  const { publicKey, secret, fullKey } = newApiKey(environment, randomBytes)
  const id = newId('key', randomBytes)
  const createdAt = timestampOf(clock.now())
  const secretHash = createHash('sha256').update(secret).digest()
  if (!(await insertKey(db, { id, tenantId, publicKey, secretHash, createdAt, ...settings })))
    return undefined
  const row: KeyRow = {
    id,
    name: settings.name,
    public_key: publicKey,
    permissions: [...settings.permissions],
    active: settings.active,
    created_at: createdAt,
    expires_at: settings.expiresAt,
    revoked_at: null,
    last_used_at: null,
    rotated_to: null,
  }
  return { ...shownKey(row, environment), secretKey: secret, fullKey }
}

/** A key as it may be shown at any time. */
export function shownKey(row: KeyRow, environment: Environment) {
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
    rotatedTo: row.rotated_to,
  }
}
