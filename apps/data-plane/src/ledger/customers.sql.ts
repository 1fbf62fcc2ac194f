import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { ListedCustomer } from './read.sql.ts'

/**
 * A customer with its verified end, as `selectCustomers` gives it, and what was said when it was created. Unique index;
 * primary keys.
 */
export async function selectCustomer(
  db: Db,
  tenantNo: number,
  customer: { readonly customerId: string; readonly customerNo: number },
): Promise<NamedCustomer> {
  const { rows } = await db.query<NamedCustomer>(
    {
      name: 'select_customer',
      text: `select w.customer_id, coalesce(v.seq, 0) as verified_seq, v.balance,
                    p.display_name, p.sharing_state_hint, p.event_cadence, p.unit_label,
                    (select f.created_at from delta f
                      where f.tenant_id = $1 and f.customer_no = c.customer_no and f.seq = 1) as first_created_at,
                    (select l.created_at from delta l
                      where l.tenant_id = $1 and l.log_index = v.log_index) as last_created_at
               from (select $2::text as customer_id, $3::int as customer_no) w
               left join customer c on c.tenant_id = $1 and c.customer_no = w.customer_no
               left join customer_verified v on v.tenant_id = $1 and v.customer_no = w.customer_no
               left join customer_profile p on p.tenant_id = $1 and p.customer_id = w.customer_id`,
    },
    [tenantNo, customer.customerId, customer.customerNo],
  )
  const [row] = rows
  if (row === undefined) throw new Error('select_customer answers one row')
  return row
}

export interface NamedCustomer extends ListedCustomer {
  readonly sharing_state_hint: string | null
  readonly event_cadence: string | null
  readonly unit_label: string | null
}

export interface SummaryRow {
  readonly customers: number
  readonly verified_deltas: number
  readonly pending_deltas: number
  readonly balance: string
  readonly last_delta_at: Timestamp | null
  readonly verified_size: number
  readonly root: Buffer | null
  readonly anchored_at: Timestamp | null
  readonly first_failed_index: number | null
  readonly blocked_code: string | null
}

/**
 * All customers of a tenant together. Sums `customer_verified`, one row a customer, and counts the deltas of the backlog;
 * everything else is a primary-key read. No row: not provisioned yet.
 */
export async function selectSummary(db: Db, tenantNo: number): Promise<SummaryRow | undefined> {
  const { rows } = await db.query<SummaryRow>(
    {
      name: 'select_summary',
      text: `select (select count(*) from customer c where c.tenant_id = $1)
                    + (select count(*) from customer_profile p
                        where p.tenant_id = $1 and not exists (select from customer c
                                                                where c.tenant_id = $1 and c.customer_id = p.customer_id))
                      as customers,
                    s.verified_deltas, s.balance, v.size as verified_size, n.root, a.anchored_at,
                    f.first_failed_index, f.blocked_code,
                    (select count(*) from delta d where d.tenant_id = $1 and d.log_index >= v.size) as pending_deltas,
                    (select d.created_at from delta d where d.tenant_id = $1
                      order by d.log_index desc limit 1) as last_delta_at
               from verified_head v
              cross join lateral (
                select coalesce(sum(e.seq), 0)::bigint as verified_deltas, coalesce(sum(e.balance), 0) as balance
                  from customer_verified e where e.tenant_id = $1
              ) s
               left join log_note n on n.tenant_id = $1 and n.size = v.size
               left join log_anchor a on a.tenant_id = $1 and a.level = 'file' and a.size = v.size
               left join verify_state f on f.tenant_id = $1
              where v.tenant_id = $1`,
    },
    [tenantNo],
  )
  return rows[0]
}

/** A stretch of sequence numbers that are missing, both ends included. */
export interface GapRow {
  readonly from_seq: number
  readonly to_seq: number
}

/** Gaps in a range of a customer's ledger, both ends included, first ones first. Reads unique (tenant, customer, seq). */
export async function selectGaps(
  db: Db,
  tenantNo: number,
  customerNo: number,
  fromSeq: number,
  toSeq: number,
  limit: number,
): Promise<GapRow[]> {
  const { rows } = await db.query<GapRow>(
    {
      name: 'select_gaps',
      text: `select w.previous + 1 as from_seq, w.seq - 1 as to_seq
               from (select s.seq, lag(s.seq, 1, $3::int - 1) over (order by s.seq) as previous
                       from (select seq from delta
                              where tenant_id = $1 and customer_no = $2 and seq between $3 and $4
                             union all
                             select $4::int + 1) s) w
              where w.seq > w.previous + 1
              order by w.seq limit $5`,
    },
    [tenantNo, customerNo, fromSeq, toSeq, limit],
  )
  return rows
}
