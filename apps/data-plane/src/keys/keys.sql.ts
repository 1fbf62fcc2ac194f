import type { Permission } from '@pacspace/api/endpoint'
import type { KeyId, TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/** What a request with this key may do, as far as the database knows. */
export interface KeyFacts {
  readonly id: KeyId
  readonly secret_hash: Buffer
  readonly permissions: Permission[]
  readonly active: boolean
  readonly expires_at: Timestamp | null
  readonly revoked_at: Timestamp | null
  readonly tenant_no: number
  readonly tenant_id: TenantId
  readonly contract_id: string
  readonly tenant_status: 'provisioning' | 'active' | 'error'
  /** Requests a second, and at once, of the key and of all keys of its tenant together. */
  readonly rate_per_second: number
  readonly burst: number
}

/** A key by its public part, with its tenant. Unique index. */
export async function selectKey(db: Db, publicKey: string): Promise<KeyFacts | undefined> {
  const { rows } = await db.query<KeyFacts>(
    {
      name: 'select_key',
      text: `select k.id, k.secret_hash, k.permissions, k.active, k.expires_at, k.revoked_at,
                    t.id as tenant_no, t.public_id as tenant_id, t.contract_id, t.status as tenant_status,
                    t.rate_per_second, t.burst
               from api_key k
               join tenant t on t.id = k.tenant_id
              where k.public_key = $1`,
    },
    [publicKey],
  )
  return rows[0]
}

/** A key as it may be shown. */
export interface KeyRow {
  readonly id: KeyId
  readonly name: string
  readonly public_key: string
  readonly permissions: Permission[]
  readonly active: boolean
  readonly created_at: Timestamp
  readonly expires_at: Timestamp | null
  readonly revoked_at: Timestamp | null
  readonly last_used_at: Timestamp | null
  readonly rotated_to: KeyId | null
}

/** Keeps a new key of a tenant; false when the tenant is unknown here. */
export async function insertKey(
  db: Db,
  key: {
    readonly id: KeyId
    readonly tenantId: TenantId
    readonly publicKey: string
    readonly secretHash: Uint8Array
    readonly name: string
    readonly permissions: readonly Permission[]
    readonly active: boolean
    readonly createdAt: Timestamp
    readonly expiresAt: Timestamp | null
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'insert_key',
      text: `insert into api_key (id, tenant_id, public_key, secret_hash, name, permissions, active, created_at, expires_at)
             select $1, t.id, $3, $4, $5, $6, $7, $8, $9 from tenant t where t.public_id = $2`,
    },
    [
      key.id,
      key.tenantId,
      key.publicKey,
      key.secretHash,
      key.name,
      key.permissions,
      key.active,
      key.createdAt,
      key.expiresAt,
    ],
  )
  return rowCount > 0
}

/** A page of a tenant's keys, newest first. Index (tenant_id, created_at desc, id). */
export async function selectKeys(
  db: Db,
  tenantId: TenantId,
  limit: number,
  offset: number,
): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>(
    {
      name: 'select_keys',
      text: `select k.id, k.name, k.public_key, k.permissions, k.active, k.created_at, k.expires_at, k.revoked_at,
                    k.rotated_to, u.last_used_at
               from api_key k
               join tenant t on t.id = k.tenant_id
               left join api_key_use u on u.api_key_id = k.id
              where t.public_id = $1
              order by k.created_at desc, k.id
              limit $2 offset $3`,
    },
    [tenantId, limit, offset],
  )
  return rows
}

/** How many keys `selectKeys` pages over. */
export async function countKeys(db: Db, tenantId: TenantId): Promise<number> {
  const { rows } = await db.query<{ total: number }>(
    {
      name: 'count_keys',
      text: `select count(*) as total from api_key k join tenant t on t.id = k.tenant_id where t.public_id = $1`,
    },
    [tenantId],
  )
  return rows[0]?.total ?? 0
}

/** One key of a tenant. Primary key. */
export async function selectKeyById(db: Db, tenantId: TenantId, keyId: string): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(
    {
      name: 'select_key_by_id',
      text: `select k.id, k.name, k.public_key, k.permissions, k.active, k.created_at, k.expires_at, k.revoked_at,
                    k.rotated_to, u.last_used_at
               from api_key k
               join tenant t on t.id = k.tenant_id
               left join api_key_use u on u.api_key_id = k.id
              where k.id = $2 and t.public_id = $1`,
    },
    [tenantId, keyId],
  )
  return rows[0]
}

/** A key's row as `selectKeyById`, locked until the transaction ends: who rotates or changes it waits here. */
export async function lockKey(tx: Tx, tenantId: TenantId, keyId: string): Promise<KeyRow | undefined> {
  const { rows } = await tx.query<KeyRow>(
    {
      name: 'lock_key',
      text: `select k.id, k.name, k.public_key, k.permissions, k.active, k.created_at, k.expires_at, k.revoked_at,
                    k.rotated_to, (select u.last_used_at from api_key_use u where u.api_key_id = k.id) as last_used_at
               from api_key k
               join tenant t on t.id = k.tenant_id
              where k.id = $2 and t.public_id = $1
                for update of k`,
    },
    [tenantId, keyId],
  )
  return rows[0]
}

/** Changes what is not null. The caller holds the key's lock. */
export async function updateKey(
  tx: Tx,
  keyId: KeyId,
  change: {
    readonly name: string | null
    readonly active: boolean | null
    readonly permissions: readonly Permission[] | null
  },
): Promise<void> {
  await tx.query(
    {
      name: 'update_key',
      text: `update api_key
                set name = coalesce($2, name), active = coalesce($3, active),
                    permissions = coalesce($4, permissions)
              where id = $1`,
    },
    [keyId, change.name, change.active, change.permissions],
  )
}

/** Notes a key's successor, and ends the key when its grace does. The caller holds the key's lock. */
export async function endKeyByRotation(
  tx: Tx,
  keyId: KeyId,
  rotation: { readonly successorId: KeyId; readonly expiresAt: Timestamp },
): Promise<void> {
  await tx.query(
    {
      name: 'end_key_by_rotation',
      text: `update api_key set rotated_to = $2, expires_at = $3 where id = $1`,
    },
    [keyId, rotation.successorId, rotation.expiresAt],
  )
}

/** Revokes a key for good; asked again, the first time stays. Undefined when the tenant has no such key. */
export async function revokeKey(
  db: Db,
  tenantId: TenantId,
  keyId: string,
  now: Timestamp,
): Promise<KeyRow | undefined> {
  const { rows } = await db.query<KeyRow>(
    {
      name: 'revoke_key',
      text: `update api_key k
                set active = false, revoked_at = coalesce(k.revoked_at, $3)
               from tenant t
              where k.id = $2 and t.id = k.tenant_id and t.public_id = $1
          returning k.id, k.name, k.public_key, k.permissions, k.active, k.created_at, k.expires_at, k.revoked_at,
                    k.rotated_to, (select u.last_used_at from api_key_use u where u.api_key_id = k.id) as last_used_at`,
    },
    [tenantId, keyId, now],
  )
  return rows[0]
}

/** Notes when keys were used last; never moves a time back. */
export async function upsertKeyUses(
  db: Db,
  keyIds: readonly string[],
  usedAt: readonly Timestamp[],
): Promise<void> {
  await db.query(
    {
      name: 'upsert_key_uses',
      text: `insert into api_key_use (api_key_id, last_used_at)
             select * from unnest($1::text[], $2::timestamptz[])
             on conflict (api_key_id) do update
                set last_used_at = greatest(api_key_use.last_used_at, excluded.last_used_at)`,
    },
    [keyIds, usedAt],
  )
}

/** Tells every process of the plane that keys changed: a hint, the caches' short lives are the guarantee. */
export async function notifyKeysChanged(db: Db): Promise<void> {
  await db.query(`notify ${KEYS_CHANGED}`)
}

/** The channel of `notifyKeysChanged`. */
export const KEYS_CHANGED = 'keys_changed'
