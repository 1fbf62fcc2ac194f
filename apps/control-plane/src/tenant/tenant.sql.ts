import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

export interface TenantRow {
  readonly companyName: string
  readonly publicRecords: boolean
  /** Raised by every change that planes have to be told. */
  readonly settingsVersion: number
  readonly createdAt: Timestamp
}

/** A tenant with its settings. Index: primary key. */
export async function findTenant(db: Db, tenantId: TenantId): Promise<TenantRow | undefined> {
  const { rows } = await db.query<TenantRow>(
    `select company_name as "companyName", public_records as "publicRecords", settings_version as "settingsVersion",
            created_at as "createdAt"
     from tenant
     where id = $1`,
    [tenantId],
  )
  return rows[0]
}

/** The same, locked: changes of one tenant's settings wait for each other until the transaction ends. */
export async function lockTenant(tx: Tx, tenantId: TenantId): Promise<TenantRow | undefined> {
  const { rows } = await tx.query<TenantRow>(
    `select company_name as "companyName", public_records as "publicRecords", settings_version as "settingsVersion",
            created_at as "createdAt"
     from tenant
     where id = $1
     for no key update`,
    [tenantId],
  )
  return rows[0]
}

/** Replaces settings; raises the version where planes have to be told. Call under `lockTenant`. */
export async function updateSettings(
  tx: Tx,
  tenantId: TenantId,
  settings: { readonly companyName: string; readonly publicRecords: boolean },
): Promise<void> {
  await tx.query(
    `update tenant
     set company_name = $2, public_records = $3,
         settings_version = settings_version + case when public_records = $3 then 0 else 1 end
     where id = $1`,
    [tenantId, settings.companyName, settings.publicRecords],
  )
}

/** Notes what a plane was told; false if the settings have changed meanwhile, and then nothing is noted. */
export async function recordSettingsPush(
  db: Db,
  push: {
    readonly tenantId: TenantId
    readonly environment: Environment
    readonly version: number
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into settings_push (tenant_id, environment, version, pushed_at)
     select id, $2, settings_version, $4::timestamptz from tenant where id = $1 and settings_version = $3
     on conflict (tenant_id, environment) do update
     set version = excluded.version, pushed_at = excluded.pushed_at`,
    [push.tenantId, push.environment, push.version, push.now],
  )
  return rowCount === 1
}

/**
 * Contracts whose plane was not told the newest settings; of one tenant, or of all. A plane that was told nothing has
 * version 1. Joins environments' table because what is due depends on both. Provisioning tells the plane at its beginning.
 */
export async function listDueSettings(
  db: Db,
  tenantId: TenantId | undefined,
  limit: number,
): Promise<{ readonly tenantId: TenantId; readonly environment: Environment }[]> {
  const { rows } = await db.query<{ tenantId: TenantId; environment: Environment }>(
    `select c.tenant_id as "tenantId", c.environment
     from contract c
     join tenant t on t.id = c.tenant_id
     left join settings_push s on s.tenant_id = c.tenant_id and s.environment = c.environment
     where c.status = 'active' and coalesce(s.version, 1) < t.settings_version
       and ($1::text is null or c.tenant_id = $1)
     order by c.tenant_id, c.environment
     limit $2`,
    [tenantId, limit],
  )
  return rows
}
