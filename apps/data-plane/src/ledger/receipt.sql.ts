import type { Db } from '@pacspace/service/postgres'
import type { Stretch } from './stretch.ts'

export interface MonthRow {
  /** YYYY-MM, UTC. */
  readonly period: string
  readonly first_seq: number
  readonly last_seq: number
}

/** The months that a stretch touches, oldest first. One binary search over the primary key for each. */
export async function selectMonths(
  db: Db,
  tenantNo: number,
  customerNo: number,
  { fromSeq, toSeq }: Stretch,
): Promise<MonthRow[]> {
  const { rows } = await db.query<MonthRow>(
    {
      name: 'select_months',
      text: 'select period, first_seq, last_seq from customer_months($1, $2, $3, $4) order by first_seq',
    },
    [tenantNo, customerNo, fromSeq, toSeq],
  )
  return rows
}

export interface SumsRow {
  readonly seq: number
  readonly balance: string
  /** Sum of the positive amounts up to it; null where `customer_total` lacks a row that it must have. */
  readonly credits: string | null
}

/**
 * Balance and credits of a customer after each of these sequence numbers, which must be verified, in their order. For each
 * one probe of `customer_total` and at most 255 deltas after it, by unique (tenant, customer, seq). Must run with every
 * number ≥ 1.
 */
export async function selectSums(
  db: Db,
  tenantNo: number,
  customerNo: number,
  seqs: readonly number[],
): Promise<SumsRow[]> {
  const { rows } = await db.query<SumsRow>(
    {
      name: 'select_sums',
      text: `select wanted.seq, e.balance,
                    case when wanted.seq < 256 then 0 else
                      (select t.credits from customer_total t
                        where t.tenant_id = $1 and t.customer_no = $2 and t.seq = wanted.seq - wanted.seq % 256)
                    end
                    + (select coalesce(sum(greatest(d.amount, 0)), 0) from delta d
                        where d.tenant_id = $1 and d.customer_no = $2
                          and d.seq > wanted.seq - wanted.seq % 256 and d.seq <= wanted.seq) as credits
               from unnest($3::int[]) as wanted (seq)
              cross join lateral (
                select balance from delta
                 where tenant_id = $1 and customer_no = $2 and seq = wanted.seq
                 limit 1
              ) e
              order by wanted.seq`,
    },
    [tenantNo, customerNo, seqs],
  )
  return rows
}
