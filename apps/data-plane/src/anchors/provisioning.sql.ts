import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Tenants whose provisioning was asked for and is not done. Partial index. */
export async function selectProvisioning(db: Db): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>({
    name: 'select_provisioning',
    text: `select id from tenant where status = 'provisioning' order by id`,
  })
  return rows.map((row) => row.id)
}

/** Locks the tenant's row until the transaction ends, so that two workers do not make two logs. */
export async function lockTenant(db: Db, tenantNo: number): Promise<void> {
  await db.query({ name: 'lock_tenant', text: 'select from tenant where id = $1 for update' }, [tenantNo])
}

/**
 * True when the tenant has a log. Asked after the lock and never together with it: a statement that waits for a lock goes
 * on with the snapshot from before, in which the other worker's log is not there.
 */
export async function hasLog(db: Db, tenantNo: number): Promise<boolean> {
  const { rows } = await db.query<{ has_log: boolean }>(
    { name: 'has_log', text: 'select exists (select from log where tenant_id = $1) as has_log' },
    [tenantNo],
  )
  return rows[0]?.has_log ?? false
}

/** Makes a tenant's log, empty, with all its heads. */
export async function insertLog(
  db: Db,
  tenantNo: number,
  log: {
    readonly logId: string
    readonly origin: string
    readonly publicKey: Uint8Array
    readonly sealedKey: Uint8Array
    readonly emptyRoot: Uint8Array
    readonly createdAt: Timestamp
  },
): Promise<void> {
  await db.query(
    {
      name: 'insert_log',
      text: `with new_log as (
               insert into log (tenant_id, log_id, origin, public_key, created_at) values ($1, $2, $3, $4, $7)
             ), new_key as (
               insert into log_key (tenant_id, sealed_key) values ($1, $5)
             ), new_log_head as (
               insert into log_head (tenant_id, size, delta_count, customer_count, last_created_at, append_mark)
               values ($1, 0, 0, 0, $7, 0)
             ), new_tree_head as (
               insert into tree_head (tenant_id, size, root, peaks) values ($1, 0, $6, '')
             )
             insert into verified_head (tenant_id, size) values ($1, 0)`,
    },
    [tenantNo, log.logId, log.origin, log.publicKey, log.sealedKey, log.emptyRoot, log.createdAt],
  )
}

/** Opens the tenant for requests; false when it was open already. */
export async function activateTenant(db: Db, tenantNo: number, now: Timestamp): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'activate_tenant',
      text: `update tenant set status = 'active', error_reason = null, provisioned_at = coalesce(provisioned_at, $2)
              where id = $1 and status = 'provisioning'`,
    },
    [tenantNo, now],
  )
  return rowCount > 0
}

/** Keeps why provisioning failed; asking for it again starts it again. */
export async function failTenant(db: Db, tenantNo: number, reason: string): Promise<void> {
  await db.query(
    {
      name: 'fail_tenant',
      text: `update tenant set status = 'error', error_reason = $2 where id = $1 and status = 'provisioning'`,
    },
    [tenantNo, reason],
  )
}
