import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Where a scope begins and ends in a customer's ledger, and what stands there. */
export interface FigureRow {
  readonly customer_no: number
  readonly customer_id: string
  /** First sequence number in scope, or where it would stand; the last one, or the one before `from_pos`. */
  readonly from_pos: number
  readonly to_pos: number
  readonly balance_before: string
  readonly balance_after: string
  /** Null before the customer's first delta. */
  readonly items_root: Buffer | null
}

/** The scope of a checkpoint: deltas below `cutSize`, created in [startAt, endAt); null = open. */
export interface FigureScope {
  readonly cutSize: number
  readonly startAt: Timestamp | null
  readonly endAt: Timestamp | null
}

/**
 * The ends of a scope in the ledgers of some customers. Binary searches over unique (tenant, customer, seq), one probe for
 * each end: O(log n) a customer, however long its history.
 */
export async function selectFigures(
  db: Db,
  tenantNo: number,
  customerNos: readonly number[],
  scope: FigureScope,
): Promise<FigureRow[]> {
  const { rows } = await db.query<FigureRow>(
    {
      name: 'select_checkpoint_figures',
      text: `select w.customer_no, c.customer_id, p.from_pos, p.to_pos,
                    coalesce((select d.balance from delta d where d.tenant_id = $1 and d.customer_no = w.customer_no
                                 and d.seq = p.from_pos - 1), 0) as balance_before,
                    coalesce(e.balance, 0) as balance_after, e.items_root
               from unnest($2::int[]) as w (customer_no)
               join customer c on c.tenant_id = $1 and c.customer_no = w.customer_no
              cross join lateral (
                select last_seq_below($1, w.customer_no, coalesce(
                         (select d.seq from delta d where d.tenant_id = $1 and d.customer_no = w.customer_no
                           order by d.seq desc limit 1), 0), $3) as seq
              ) l
              cross join lateral (
                select case when $4::timestamptz is null then 1
                            else first_seq_at_or_after($1, w.customer_no, l.seq, $4) end as from_pos,
                       case when $5::timestamptz is null then l.seq
                            else first_seq_at_or_after($1, w.customer_no, l.seq, $5) - 1 end as last_pos
              ) q
              cross join lateral (select q.from_pos, greatest(q.last_pos, q.from_pos - 1) as to_pos) p
               left join delta e on e.tenant_id = $1 and e.customer_no = w.customer_no and e.seq = p.to_pos
              order by w.customer_no`,
    },
    [tenantNo, customerNos, scope.cutSize, scope.startAt, scope.endAt],
  )
  return rows
}
