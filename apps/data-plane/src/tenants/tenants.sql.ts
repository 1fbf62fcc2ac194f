import type { TenantId } from '@pacspace/api/id'
import type { Entitlement } from '@pacspace/api/internal/plane'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { Static } from 'typebox'

export interface TenantRow {
  readonly public_id: TenantId
  readonly status: 'provisioning' | 'active' | 'error'
  readonly error_reason: string | null
  readonly origin: string | null
}

type EntitlementValues = Static<typeof Entitlement>

/**
 * Asks for a tenant's provisioning. New, or after an error: `provisioning` from the start; active or under way: as it is.
 * The entitlement is replaced in any case.
 */
export async function upsertTenant(
  db: Db,
  tenant: {
    readonly tenantId: TenantId
    readonly contractId: string
    readonly entitlement: EntitlementValues
    readonly now: Timestamp
  },
): Promise<void> {
  const { entitlement } = tenant
  await db.query(
    {
      name: 'upsert_tenant',
      text: `insert into tenant (public_id, contract_id, status, requested_at, tier, lifetime_cap, writes_allowed,
                                 monthly_allotment, rate_per_second, burst)
             values ($1, $2, 'provisioning', $3, $4, $5, $6, $7, $8, $9)
             on conflict (public_id) do update
                set status = case tenant.status when 'error' then 'provisioning' else tenant.status end,
                    error_reason = null, contract_id = excluded.contract_id, tier = excluded.tier,
                    lifetime_cap = excluded.lifetime_cap, writes_allowed = excluded.writes_allowed,
                    monthly_allotment = excluded.monthly_allotment,
                    rate_per_second = excluded.rate_per_second, burst = excluded.burst`,
    },
    [
      tenant.tenantId,
      tenant.contractId,
      tenant.now,
      entitlement.tier,
      entitlement.lifetimeCap,
      entitlement.writesAllowed,
      entitlement.monthlyAllotment,
      entitlement.ratePerSecond,
      entitlement.burst,
    ],
  )
}

/** Replaces what a tenant may do here; false when it is unknown. */
export async function updateEntitlement(
  db: Db,
  tenantId: TenantId,
  entitlement: EntitlementValues,
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'update_entitlement',
      text: `update tenant
                set tier = $2, lifetime_cap = $3, writes_allowed = $4, monthly_allotment = $5, rate_per_second = $6,
                    burst = $7
              where public_id = $1`,
    },
    [
      tenantId,
      entitlement.tier,
      entitlement.lifetimeCap,
      entitlement.writesAllowed,
      entitlement.monthlyAllotment,
      entitlement.ratePerSecond,
      entitlement.burst,
    ],
  )
  return rowCount > 0
}

/** Whether public verify shows a tenant's records; false when the tenant is unknown. */
export async function updatePublicRecords(
  db: Db,
  tenantId: TenantId,
  publicRecords: boolean,
): Promise<boolean> {
  const { rowCount } = await db.query(
    { name: 'update_public_records', text: 'update tenant set public_records = $2 where public_id = $1' },
    [tenantId, publicRecords],
  )
  return rowCount > 0
}

/** A tenant's state in this plane. */
export async function selectTenant(db: Db, tenantId: TenantId): Promise<TenantRow | undefined> {
  const { rows } = await db.query<TenantRow>(
    {
      name: 'select_tenant',
      text: `select t.public_id, t.status, t.error_reason, l.origin
               from tenant t left join log l on l.tenant_id = t.id
              where t.public_id = $1`,
    },
    [tenantId],
  )
  return rows[0]
}

/** Wakes the workers: something was appended, or a tenant waits. A hint; they poll as well. */
export async function notifyLogGrown(db: Db): Promise<void> {
  await db.query(`notify ${LOG_GROWN}`)
}

/** The channel of `notifyLogGrown`. */
export const LOG_GROWN = 'log_grown'

/** The number of a tenant that is active here. Unique index on public_id. */
export async function selectTenantNo(db: Db, tenantId: TenantId): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    {
      name: 'select_tenant_no',
      text: `select id from tenant where public_id = $1 and status = 'active'`,
    },
    [tenantId],
  )
  return rows[0]?.id
}
