import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Writes the plan that every tenant starts with. */
export async function insertFreePlan(db: Db, tenantId: TenantId, now: Timestamp): Promise<void> {
  await db.query(`insert into tenant_plan (tenant_id, tier, updated_at) values ($1, 'free', $2)`, [
    tenantId,
    now,
  ])
}

export interface TenantPlanRow {
  readonly tier: Tier
  /** Requests a second that an operator granted; null = as the plan says. */
  readonly ratePerSecond: number | null
  /** Deltas that an operator granted; null = as the plan says. */
  readonly monthlyAllotment: number | null
  readonly version: number
}

/** What a tenant has bought and was granted. Index: primary key. Locks nothing. */
export async function findTenantPlan(db: Db, tenantId: TenantId): Promise<TenantPlanRow | undefined> {
  const { rows } = await db.query<TenantPlanRow>(
    `select tier, rate_per_second as "ratePerSecond", monthly_allotment as "monthlyAllotment", version
     from tenant_plan
     where tenant_id = $1`,
    [tenantId],
  )
  return rows[0]
}

/** Replaces a tenant's plan and raises its version; gives the version, or undefined for an unknown tenant. Locks the row. */
export async function updateTenantPlan(
  db: Db,
  plan: {
    readonly tenantId: TenantId
    readonly tier: Tier
    readonly ratePerSecond: number | null
    readonly monthlyAllotment: number | null
    readonly now: Timestamp
  },
): Promise<number | undefined> {
  const { rows } = await db.query<{ version: number }>(
    `update tenant_plan
     set tier = $2, rate_per_second = $3, monthly_allotment = $4, updated_at = $5, version = version + 1
     where tenant_id = $1
     returning version`,
    [plan.tenantId, plan.tier, plan.ratePerSecond, plan.monthlyAllotment, plan.now],
  )
  return rows[0]?.version
}

/**
 * Notes that a plane was told version `version`; false if the plan has changed meanwhile, and then nothing is noted: the
 * caller has to tell the plane again. Locks the entitlement_push row.
 */
export async function recordEntitlementPush(
  db: Db,
  push: {
    readonly tenantId: TenantId
    readonly environment: Environment
    readonly version: number
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into entitlement_push (tenant_id, environment, version, pushed_at)
     select tenant_id, $2, version, $4::timestamptz from tenant_plan where tenant_id = $1 and version = $3
     on conflict (tenant_id, environment) do update
     set version = excluded.version, pushed_at = excluded.pushed_at`,
    [push.tenantId, push.environment, push.version, push.now],
  )
  return rowCount === 1
}

export interface DuePush {
  readonly tenantId: TenantId
  readonly environment: Environment
}

/**
 * Contracts whose plane was not told the newest plan; of one tenant, or of all. Joins environments' table because what is
 * due depends on both. An environment that is being provisioned is left out: provisioning tells the plane at its end.
 */
export async function listDuePushes(
  db: Db,
  tenantId: TenantId | undefined,
  limit: number,
): Promise<DuePush[]> {
  const { rows } = await db.query<DuePush>(
    `select c.tenant_id as "tenantId", c.environment
     from contract c
     join tenant_plan p on p.tenant_id = c.tenant_id
     left join entitlement_push e on e.tenant_id = c.tenant_id and e.environment = c.environment
     where c.status = 'active' and coalesce(e.version, 0) < p.version and ($1::text is null or c.tenant_id = $1)
     order by c.tenant_id, c.environment
     limit $2`,
    [tenantId, limit],
  )
  return rows
}
