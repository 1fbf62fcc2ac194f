import type { Db } from '@pacspace/service/postgres'

/** A place in `customer_total`: customers in order, and each one's sums in order. */
export interface TotalPlace {
  readonly customerNo: number
  readonly seq: number
}

/** The `count`-th customer from a number on; the largest number there can be where fewer are left. Primary key. */
export async function selectCustomerEnd(
  db: Db,
  tenantNo: number,
  customerNo: number,
  count: number,
): Promise<number> {
  const { rows } = await db.query<{ customer_no: number }>(
    {
      name: 'fsck_select_customer_end',
      text: `select coalesce((select customer_no from customer
                               where tenant_id = $1 and customer_no >= $2::bigint
                               order by customer_no offset $3 - 1 limit 1), 2147483647) as customer_no`,
    },
    [tenantNo, customerNo, count],
  )
  const [row] = rows
  if (row === undefined) throw new Error('one row for one value')
  return row.customer_no
}

export interface CheckedTotal {
  readonly customer_no: number
  readonly seq: number
  /** Log index of the delta that the sum ends with; null where there is none that is verified. */
  readonly log_index: number | null
  /** The sum before it and the deltas since; null where none must be here. */
  readonly expected: string | null
  readonly stored: string | null
  readonly is_right: boolean
}

/**
 * Sums of credits after a place, up to a customer: those that are stored and those that must be, each held against the
 * one before it and the 256 deltas since. Compared in SQL, so that no digit is lost. Unique (tenant, customer, seq).
 */
export async function selectTotals(
  db: Db,
  tenantNo: number,
  after: TotalPlace,
  customerEnd: number,
  verifiedSize: number,
  limit: number,
): Promise<CheckedTotal[]> {
  const { rows } = await db.query<CheckedTotal>(
    {
      name: 'fsck_select_totals',
      text: `select w.customer_no, w.seq, e.log_index, x.credits::text as expected, t.credits::text as stored,
                    t.credits is not distinct from x.credits as is_right
               from (select customer_no, seq from customer_total
                      where tenant_id = $1 and customer_no <= $4 and (customer_no, seq) > ($2::bigint, $3::bigint)
                      union
                     select c.customer_no, s.seq
                       from customer c
                      cross join lateral (
                        select d.seq from delta d where d.tenant_id = $1 and d.customer_no = c.customer_no
                         order by d.seq desc limit 1
                      ) l
                      cross join lateral generate_series(256, last_seq_below($1, c.customer_no, l.seq, $5), 256) as s (seq)
                      where c.tenant_id = $1 and c.customer_no >= $2::bigint and c.customer_no <= $4
                        and (c.customer_no, s.seq) > ($2::bigint, $3::bigint)
                      order by customer_no, seq limit $6) w
               left join customer_total t
                 on t.tenant_id = $1 and t.customer_no = w.customer_no and t.seq = w.seq
               left join lateral (
                 select d.log_index from delta d
                  where w.seq % 256 = 0 and d.tenant_id = $1 and d.customer_no = w.customer_no and d.seq = w.seq
                    and d.log_index < $5
                  limit 1
               ) e on true
               left join lateral (
                 select case when w.seq = 256 then 0 else
                          (select p.credits from customer_total p
                            where p.tenant_id = $1 and p.customer_no = w.customer_no and p.seq = w.seq - 256)
                        end + sum(greatest(d.amount, 0)) as credits
                   from delta d
                  where e.log_index is not null and d.tenant_id = $1 and d.customer_no = w.customer_no
                    and d.seq > w.seq - 256 and d.seq <= w.seq
               ) x on true
              order by w.customer_no, w.seq`,
    },
    [tenantNo, after.customerNo, after.seq, customerEnd, verifiedSize, limit],
  )
  return rows
}
