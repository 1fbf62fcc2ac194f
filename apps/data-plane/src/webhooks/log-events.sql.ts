import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from '../ledger/front-door.ts'

export interface EventDelta extends StoredDelta {
  /** The customer's balance before its first delta of the same month; null where that delta was its first ever. */
  readonly period_start_balance: string | null
  /** Counted deltas up to this one, itself included: of its month, or where writes stop at a cap for life. */
  readonly consumed: number
  /** The same before it. */
  readonly consumed_before: number
  /** True for the first delta of a customer that nobody had created before. */
  readonly begins_customer: boolean
}

/**
 * Deltas of a stretch of the log, `from` inclusive, `to` exclusive, each with the balance that its month began with and
 * what of the plan was used when it was accepted. Primary key; months begin where a binary search finds them. The log
 * must reach `to`.
 */
export async function selectEventDeltas(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<EventDelta[]> {
  const { rows } = await db.query<EventDelta>(
    {
      name: 'select_event_deltas',
      text: `with row as materialized (
               select * from stored_delta where tenant_id = $1 and log_index >= $2 and log_index < $3
             ), month as materialized (
               select m.start, case when (select lifetime_cap from tenant where id = $1) is not null then 0
                                    else first_log_index_at_or_after($1, $3, m.start) end as first_index
                 from (select distinct date_trunc('month', created_at, 'UTC') as start from row) m
             )
             select s.*,
                    (select p.balance from delta p
                      where p.tenant_id = $1 and p.customer_no = s.customer_no
                        and p.seq = first_seq_at_or_after($1, s.customer_no, s.seq, m.start) - 1
                    ) as period_start_balance,
                    counted_deltas($1, m.first_index, s.log_index + 1) as consumed,
                    counted_deltas($1, m.first_index, s.log_index) as consumed_before,
                    s.seq = 1 and not exists (select from customer_profile p where p.tenant_id = $1
                                                 and p.customer_id = s.customer_id) as begins_customer
               from row s join month m on m.start = date_trunc('month', s.created_at, 'UTC')
              order by s.log_index`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface AnchoredHead {
  readonly size: number
  readonly note: string
  readonly anchored_at: Timestamp
}

/**
 * The anchored heads that cover a stretch of the log between them, and the one before: from the last that ends at or
 * before `from` to the first that reaches `to`. Primary key (tenant, level, size).
 */
export async function selectAnchoredHeads(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<AnchoredHead[]> {
  const { rows } = await db.query<AnchoredHead>(
    {
      name: 'select_anchored_heads',
      text: `select a.size, n.note, a.anchored_at
               from log_anchor a
               join log_note n on n.tenant_id = a.tenant_id and n.size = a.size
              where a.tenant_id = $1 and a.level = 'file'
                and a.size >= coalesce((select max(b.size) from log_anchor b
                                         where b.tenant_id = $1 and b.level = 'file' and b.size <= $2), 0)
                and a.size <= (select min(e.size) from log_anchor e
                                where e.tenant_id = $1 and e.level = 'file' and e.size >= $3)
              order by a.size`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface StoredStretch {
  /** Of the anchored head. */
  readonly size: number
  readonly start_index: number
  /** Deltas among the entries. */
  readonly count: number
  readonly first_created_at: Timestamp
  readonly anchored_at: Timestamp
}

/** What each anchored head of a size in (`from`, `to`] added to the one before; none for one without deltas. Primary keys. */
export async function selectStoredStretches(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<StoredStretch[]> {
  const { rows } = await db.query<StoredStretch>(
    {
      name: 'select_stored_stretches',
      text: `select h.size, h.start_index, d.count, d.first_created_at, h.anchored_at
               from (select a.size, a.anchored_at,
                            coalesce((select max(b.size) from log_anchor b
                                       where b.tenant_id = $1 and b.level = 'file' and b.size < a.size), 0) as start_index
                       from log_anchor a
                      where a.tenant_id = $1 and a.level = 'file' and a.size > $2 and a.size <= $3) h
              cross join lateral (
                select count(*) as count, min(created_at) as first_created_at from delta
                 where tenant_id = $1 and log_index >= h.start_index and log_index < h.size
              ) d
              where d.count > 0
              order by h.size`,
    },
    [tenantNo, from, to],
  )
  return rows
}

export interface EventSource {
  readonly tenant_id: TenantId
  readonly event_key: Buffer
  /** What the plan includes: in a month, or where writes stop for life; null by contract. */
  readonly included: number | null
  readonly writes_allowed: boolean
  /** True where writes stop when all of it is used. */
  readonly is_capped: boolean
  /** Null before the tenant has a log. */
  readonly verified_size: number | null
}

/** What rendering must know of a tenant. No row: it never had an endpoint. Primary keys. */
export async function selectEventSource(db: Db, tenantNo: number): Promise<EventSource | undefined> {
  const { rows } = await db.query<EventSource>(
    {
      name: 'select_event_source',
      text: `select t.public_id as tenant_id, s.event_key, coalesce(t.lifetime_cap, t.monthly_allotment) as included,
                    t.lifetime_cap is not null as is_capped, t.writes_allowed, v.size as verified_size
               from webhook_source s
               join tenant t on t.id = s.tenant_id
               left join verified_head v on v.tenant_id = s.tenant_id
              where s.tenant_id = $1`,
    },
    [tenantNo],
  )
  return rows[0]
}
