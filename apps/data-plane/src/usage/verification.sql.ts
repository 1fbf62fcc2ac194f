import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** How long deltas of a stretch took from accepted to VERIFIED. */
export interface Latency {
  /** 0: the newest ones; 1: between the first two instants, and so on. */
  readonly stretch: number
  readonly median_ms: number
  readonly p95_ms: number
  readonly samples: number
}

/**
 * How long verified deltas took, of at most `samples` of each stretch between consecutive instants, evenly spaced, and of
 * the newest ones. Stretches without a verified delta are left out. For each sample one step on the primary key of delta
 * and one on that of log_anchor, whatever the length of the log; entries that are no deltas are passed over.
 */
export async function selectLatencies(
  db: Db,
  tenantNo: number,
  instants: readonly Timestamp[],
  samples: number,
): Promise<Latency[]> {
  const { rows } = await db.query<Latency>(
    {
      name: 'select_latencies',
      text: `with head as materialized (
               select h.size, least(v.size, s.first_failed_index) as verified_size
                 from log_head h
                 join verified_head v on v.tenant_id = h.tenant_id
                 left join verify_state s on s.tenant_id = h.tenant_id
                where h.tenant_id = $1
             ), bound as materialized (
               select i.ordinality, first_log_index_at_or_after($1, head.size, i.instant) as log_index
                 from head, unnest($2::timestamptz[]) with ordinality as i (instant, ordinality)
             ), stretch as materialized (
               select 0 as stretch, greatest(verified_size - $3, 0) as from_index, verified_size as to_index from head
               union all
               select b.ordinality, b.log_index, least(e.log_index, head.verified_size)
                 from head, bound b join bound e on e.ordinality = b.ordinality + 1
             ), sample as materialized (
               select s.stretch, s.from_index + k.i * (s.to_index - s.from_index) / least($3, s.to_index - s.from_index) as log_index
                 from stretch s
                cross join lateral generate_series(0, least($3, s.to_index - s.from_index) - 1) as k (i)
             )
             select s.stretch::int,
                    (percentile_disc(0.5) within group (order by w.ms))::int as median_ms,
                    (percentile_disc(0.95) within group (order by w.ms))::int as p95_ms,
                    count(*)::int as samples
               from sample s
              cross join lateral (
                select d.created_at from delta d where d.tenant_id = $1 and d.log_index = s.log_index limit 1
              ) d
              cross join lateral (
                select a.anchored_at from log_anchor a
                 where a.tenant_id = $1 and a.level = 'file' and a.size > s.log_index
                 order by a.size limit 1
              ) a
              cross join lateral (
                select greatest(round(extract(epoch from a.anchored_at - d.created_at) * 1000), 0) as ms
              ) w
              group by s.stretch`,
    },
    [tenantNo, instants, samples],
  )
  return rows
}
