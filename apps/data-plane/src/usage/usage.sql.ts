import type { TenantId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

export interface Allowance {
  readonly tier: Tier
  readonly monthly_allotment: number | null
  readonly lifetime_cap: number | null
  readonly writes_allowed: boolean
  readonly blocked_code: string | null
}

/** What a tenant may write, as the control plane pushed it and verification left it. Primary keys. */
export async function selectAllowance(db: Db, tenantNo: number): Promise<Allowance | undefined> {
  const { rows } = await db.query<Allowance>(
    {
      name: 'select_allowance',
      text: `select t.tier, t.monthly_allotment, t.lifetime_cap, t.writes_allowed, s.blocked_code
               from tenant t left join verify_state s on s.tenant_id = t.id
              where t.id = $1`,
    },
    [tenantNo],
  )
  return rows[0]
}

/** The number of a tenant inside the plane, by its public id, active or not. Unique index. */
export async function selectTenantNo(db: Db, tenantId: TenantId): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    { name: 'select_any_tenant_no', text: 'select id from tenant where public_id = $1' },
    [tenantId],
  )
  return rows[0]?.id
}

/** Deltas of a stretch of time, as allowances count them. */
export interface Counted {
  /** Verified. */
  readonly consumed: number
  /** Accepted, not verified yet. */
  readonly reserved: number
}

/**
 * Counted deltas of the stretches between consecutive instants (one row fewer than instants), and first of all time. From
 * one snapshot. O(log n) primary-key reads for each instant, whatever the length of the log: `first_log_index_at_or_after`
 * and `counted_deltas` are the two functions that know what is in a log. No row: no log yet.
 */
export async function selectCounted(
  db: Db,
  tenantNo: number,
  instants: readonly Timestamp[],
): Promise<Counted[]> {
  const { rows } = await db.query<Counted>(
    {
      name: 'select_counted',
      text: `with head as materialized (
               select h.size, v.size as verified_size
                 from log_head h join verified_head v on v.tenant_id = h.tenant_id
                where h.tenant_id = $1
             ), bound as materialized (
               select i.ordinality, first_log_index_at_or_after($1, head.size, i.instant) as log_index
                 from head, unnest($2::timestamptz[]) with ordinality as i (instant, ordinality)
             ), stretch as (
               select 0 as ordinality, 0::bigint as from_index, head.size as to_index from head
               union all
               select b.ordinality, b.log_index, e.log_index
                 from bound b join bound e on e.ordinality = b.ordinality + 1
             )
             select counted_deltas($1, s.from_index, least(s.to_index, head.verified_size)) as consumed,
                    counted_deltas($1, greatest(s.from_index, head.verified_size), s.to_index) as reserved
               from head, stretch s
              order by s.ordinality`,
    },
    [tenantNo, instants],
  )
  return rows
}

export interface HighUsage {
  readonly tenantId: TenantId
  readonly tier: Tier
  readonly included: number
  readonly consumed: number
  readonly isForLife: boolean
}

/**
 * Tenants whose verified deltas of a month, or for life where there is a cap, are at least `percent` of what is included. A log
 * that is shorter than that costs one comparison; only the others are counted, by two binary searches each. Unique index
 * on the public id, from `after` on.
 */
export async function selectHighUsage(
  db: Db,
  wanted: {
    readonly start: Timestamp
    readonly end: Timestamp
    readonly percent: number
    /** '' = from the first one on. */
    readonly after: string
    readonly limit: number
  },
): Promise<HighUsage[]> {
  const { rows } = await db.query<HighUsage>(
    {
      name: 'select_high_usage',
      text: `with candidate as materialized (
               select t.id, t.public_id, t.tier, t.lifetime_cap is not null as is_for_life,
                      coalesce(t.lifetime_cap, t.monthly_allotment) as included, v.size as verified_size
                 from tenant t join verified_head v on v.tenant_id = t.id
                where t.public_id > $4 and coalesce(t.lifetime_cap, t.monthly_allotment) > 0
                  and v.size * 100 >= coalesce(t.lifetime_cap, t.monthly_allotment) * $3
             ), used as materialized (
               select c.*, case when is_for_life then counted_deltas(id, 0, verified_size)
                           else counted_deltas(id, first_log_index_at_or_after(id, verified_size, $1),
                                               first_log_index_at_or_after(id, verified_size, $2)) end as consumed
                 from candidate c
             )
             select public_id as "tenantId", tier, included, consumed, is_for_life as "isForLife"
               from used
              where consumed * 100 >= included * $3
              order by public_id
              limit $5`,
    },
    [wanted.start, wanted.end, wanted.percent, wanted.after, wanted.limit],
  )
  return rows
}
