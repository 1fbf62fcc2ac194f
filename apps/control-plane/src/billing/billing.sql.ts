import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Period, Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/** Writes the plan that every tenant starts with, and the first row of its history. */
export async function insertFreePlan(db: Db, tenantId: TenantId, now: Timestamp): Promise<void> {
  await db.query(
    `with started as (
       insert into tenant_plan (tenant_id, tier, updated_at) values ($1, 'free', $2)
       returning tenant_id, version, tier, updated_at
     )
     insert into plan_change (tenant_id, version, tier, since)
     select tenant_id, version, tier, updated_at from started`,
    [tenantId, now],
  )
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

/** The same, its row locked until the transaction ends: changes of one tenant's plan queue here. */
export async function lockTenantPlan(tx: Tx, tenantId: TenantId): Promise<TenantPlanRow | undefined> {
  const { rows } = await tx.query<TenantPlanRow>(
    `select tier, rate_per_second as "ratePerSecond", monthly_allotment as "monthlyAllotment", version
     from tenant_plan
     where tenant_id = $1
     for update`,
    [tenantId],
  )
  return rows[0]
}

/**
 * Replaces a tenant's plan, raises its version and adds to its history. The history's time never goes back, whatever
 * the clock does. The caller holds the row's lock.
 */
export async function updateTenantPlan(
  tx: Tx,
  plan: {
    readonly tenantId: TenantId
    readonly tier: Tier
    readonly ratePerSecond: number | null
    readonly monthlyAllotment: number | null
    readonly now: Timestamp
  },
): Promise<void> {
  await tx.query(
    `with changed as (
       update tenant_plan
       set tier = $2, rate_per_second = $3, monthly_allotment = $4, version = version + 1,
           updated_at = greatest($5::timestamptz, updated_at)
       where tenant_id = $1
       returning tenant_id, version, tier, rate_per_second, monthly_allotment, updated_at
     )
     insert into plan_change (tenant_id, version, tier, rate_per_second, monthly_allotment, since)
     select tenant_id, version, tier, rate_per_second, monthly_allotment, updated_at from changed`,
    [plan.tenantId, plan.tier, plan.ratePerSecond, plan.monthlyAllotment, plan.now],
  )
}

export interface PlanChangeRow {
  readonly tier: Tier
  readonly monthlyAllotment: number | null
  readonly since: Timestamp
}

/** Every plan that a tenant had until an instant, the first one first. Index: primary key. */
export async function listPlanChanges(
  db: Db,
  tenantId: TenantId,
  before: Timestamp,
): Promise<PlanChangeRow[]> {
  const { rows } = await db.query<PlanChangeRow>(
    `select tier, monthly_allotment as "monthlyAllotment", since
     from plan_change
     where tenant_id = $1 and since < $2
     order by version`,
    [tenantId, before],
  )
  return rows
}

/**
 * Tenants that ever paid and have months to settle up to `lastPeriod`, with the month they have to settle next. Index:
 * plan_change_paid for the few who pay.
 */
export async function listUnsettled(
  db: Db,
  lastPeriod: Period,
  limit: number,
): Promise<{ readonly tenantId: TenantId; readonly period: Period }[]> {
  const { rows } = await db.query<{ tenantId: TenantId; period: Period }>(
    `select p.tenant_id as "tenantId", next.period
     from (select tenant_id, min(since) as since from plan_change where tier <> 'free' group by tenant_id) paid
     join tenant_plan p on p.tenant_id = paid.tenant_id
     cross join lateral (
       select to_char(coalesce((p.settled_period || '-01')::date + interval '1 month', date_trunc('month', paid.since)),
                      'YYYY-MM') as period
     ) next
     where next.period <= $1
     order by next.period, p.tenant_id
     limit $2`,
    [lastPeriod, limit],
  )
  return rows
}

/** Notes that a month is settled; false if it was already. Locks the plan's row. */
export async function settlePeriod(tx: Tx, tenantId: TenantId, period: Period): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update tenant_plan set settled_period = $2
     where tenant_id = $1 and (settled_period is null or settled_period < $2)`,
    [tenantId, period],
  )
  return rowCount === 1
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
