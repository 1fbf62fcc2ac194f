import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta } from './delta.ts'
import type { LogProgress } from './delta-answer.ts'

export interface LogState extends LogProgress {
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
  readonly log_size: number
}

/** The log of a tenant and how far it is. No row: not provisioned yet. Primary keys only. */
export async function selectLogState(db: Db, tenantNo: number): Promise<LogState | undefined> {
  const { rows } = await db.query<LogState>(
    {
      name: 'select_log_state',
      text: `select l.log_id, l.origin, l.public_key, h.size as log_size, t.size as tree_size, v.size as verified_size,
                    s.first_failed_index
               from log l
               join log_head h on h.tenant_id = l.tenant_id
               join tree_head t on t.tenant_id = l.tenant_id
               join verified_head v on v.tenant_id = l.tenant_id
               left join verify_state s on s.tenant_id = l.tenant_id
              where l.tenant_id = $1`,
    },
    [tenantNo],
  )
  return rows[0]
}

/** One delta by its position in the log. Primary key. */
export async function selectDelta(
  db: Db,
  tenantNo: number,
  logIndex: number,
): Promise<StoredDelta | undefined> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_delta',
      text: 'select s.* from stored_delta s where s.tenant_id = $1 and s.log_index = $2',
    },
    [tenantNo, logIndex],
  )
  return rows[0]
}

/** recordIds of the deltas that correct this one, oldest first. Reads the index on adjusts_record_id. */
export async function selectAdjusting(
  db: Db,
  tenantNo: number,
  recordId: string,
): Promise<{ readonly log_index: number; readonly record_nonce: Buffer }[]> {
  const { rows } = await db.query<{ log_index: number; record_nonce: Buffer }>(
    {
      name: 'select_adjusting',
      text: `select log_index, record_nonce from delta
              where tenant_id = $1 and adjusts_record_id = $2
              order by log_index`,
    },
    [tenantNo, recordId],
  )
  return rows
}

export interface CoveringNote {
  readonly size: number
  readonly root: Buffer
  readonly level: string
  readonly anchored_at: Timestamp
}

/**
 * The first signed head that covers a log index at each kind of anchor: levels reach different sizes at their own pace. One
 * step on the primary key of log_anchor for each level.
 */
export async function selectCoveringNotes(
  db: Db,
  tenantNo: number,
  logIndex: number,
): Promise<CoveringNote[]> {
  const { rows } = await db.query<CoveringNote>(
    {
      name: 'select_covering_notes',
      text: `select n.size, n.root, l.level, a.anchored_at
               from unnest(array['file', 'witness', 'evm']) as l (level)
              cross join lateral (
                select f.size, f.anchored_at from log_anchor f
                 where f.tenant_id = $1 and f.level = l.level and f.size > $2
                 order by f.size limit 1
              ) a
               join log_note n on n.tenant_id = $1 and n.size = a.size
              order by a.anchored_at, l.level`,
    },
    [tenantNo, logIndex],
  )
  return rows
}

export interface WatchedProgress extends LogProgress {
  readonly tenant_id: number
  /** Log index of the last void; null where there is none, and that is nearly always. */
  readonly last_void: number | null
}

/** Whether a void stands at a log index. Primary key. */
export async function selectIsVoid(db: Db, tenantNo: number, logIndex: number): Promise<boolean> {
  const { rowCount } = await db.query(
    { name: 'select_is_void', text: 'select from void where tenant_id = $1 and log_index = $2' },
    [tenantNo, logIndex],
  )
  return rowCount > 0
}

/** How far the logs of some tenants are; those without a log are left out. Primary keys only. */
export async function selectProgress(db: Db, tenantNos: readonly number[]): Promise<WatchedProgress[]> {
  const { rows } = await db.query<WatchedProgress>(
    {
      name: 'select_progress',
      text: `select t.tenant_id, t.size as tree_size, v.size as verified_size, s.first_failed_index,
                    (select max(o.log_index) from void o where o.tenant_id = w.tenant_id) as last_void
               from unnest($1::int[]) as w (tenant_id)
               join tree_head t on t.tenant_id = w.tenant_id
               join verified_head v on v.tenant_id = w.tenant_id
               left join verify_state s on s.tenant_id = w.tenant_id`,
    },
    [tenantNos],
  )
  return rows
}

export interface CustomerState {
  readonly customer_no: number
  /** Zero while nothing of the customer is verified. */
  readonly verified_seq: number
  readonly last_seq: number
}

/**
 * A customer's number, its verified end and its present end; a customer may have no delta yet. No row: unknown customer.
 * While stored data is known to be damaged, the cached end is not believed, and nothing at or after the damage counts as
 * verified.
 */
export async function selectCustomerState(
  db: Db,
  tenantNo: number,
  customerId: string,
): Promise<CustomerState | undefined> {
  const { rows } = await db.query<CustomerState>(
    {
      name: 'select_customer_state',
      text: `select c.customer_no, coalesce(e.seq, 0) as last_seq,
                    case when s.first_failed_index is null then coalesce(v.seq, 0)
                         else last_seq_below($1, c.customer_no, coalesce(e.seq, 0), least(s.first_failed_index, h.size))
                     end as verified_seq
               from customer c
               join verified_head h on h.tenant_id = $1
               left join verify_state s on s.tenant_id = $1
               left join lateral (
                 select d.seq from delta d
                  where d.tenant_id = $1 and d.customer_no = c.customer_no
                  order by d.seq desc limit 1
               ) e on true
               left join customer_verified v on v.tenant_id = $1 and v.customer_no = c.customer_no
              where c.tenant_id = $1 and c.customer_id = $2`,
    },
    [tenantNo, customerId],
  )
  return rows[0]
}

/** Balance, root and place of the log after one delta of a customer. Unique (tenant, customer, seq). */
export async function selectEnd(
  db: Db,
  tenantNo: number,
  customerNo: number,
  seq: number,
): Promise<
  { readonly log_index: number; readonly balance: string; readonly items_root: Buffer } | undefined
> {
  const { rows } = await db.query<{ log_index: number; balance: string; items_root: Buffer }>(
    {
      name: 'select_end',
      text: `select log_index, balance, items_root from delta
              where tenant_id = $1 and customer_no = $2 and seq = $3`,
    },
    [tenantNo, customerNo, seq],
  )
  return rows[0]
}

/** A stretch of a customer's ledger in order, both ends included. Unique (tenant, customer, seq). */
export async function selectCustomerDeltas(
  db: Db,
  tenantNo: number,
  customerNo: number,
  fromSeq: number,
  toSeq: number,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_customer_deltas',
      text: `select s.* from stored_delta s
              where s.tenant_id = $1 and s.customer_no = $2 and s.seq between $3 and $4
              order by s.seq`,
    },
    [tenantNo, customerNo, fromSeq, toSeq],
  )
  return rows
}

/**
 * The first sequence number created at or after an instant; one past `lastSeq` where there is none. O(log n).
 * `epochMs`: a number, because the texts of years before 1 and after 9999 are none that PostgreSQL reads.
 */
export async function selectFirstSeqAt(
  db: Db,
  tenantNo: number,
  customerNo: number,
  lastSeq: number,
  epochMs: number,
): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    {
      name: 'select_first_seq_at',
      text: 'select first_seq_at_or_after($1, $2, $3, to_timestamp($4::float8 / 1000)) as seq',
    },
    [tenantNo, customerNo, lastSeq, epochMs],
  )
  const [row] = rows
  if (row === undefined) throw new Error('first_seq_at_or_after answers one row')
  return row.seq
}

/**
 * The sequence number of a customer's delta with this root. Reads the hash index; tenant and customer are compared as
 * expressions, so that no index on them can tempt the planner into walking the customer's history (seen without statistics).
 */
export async function selectSeqOfRoot(
  db: Db,
  tenantNo: number,
  customerNo: number,
  itemsRoot: Uint8Array,
): Promise<number | undefined> {
  const { rows } = await db.query<{ seq: number }>(
    {
      name: 'select_seq_of_root',
      text: 'select seq from delta where items_root = $3 and tenant_id + 0 = $1 and customer_no + 0 = $2',
    },
    [tenantNo, customerNo, itemsRoot],
  )
  return rows[0]?.seq
}

/** True for a customer that was created. One without deltas has no row in `customer`. Primary key. */
export async function selectIsCreated(db: Db, tenantNo: number, customerId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'select_customer_is_created',
      text: 'select from customer_profile where tenant_id = $1 and customer_id = $2',
    },
    [tenantNo, customerId],
  )
  return rowCount > 0
}

export interface ListedCustomer {
  readonly customer_id: string
  /** Null for a customer that was not created: it began with its first delta. */
  readonly display_name: string | null
  readonly verified_seq: number
  readonly balance: string | null
  /** Null for a customer without deltas. */
  readonly first_created_at: Timestamp | null
  readonly last_created_at: Timestamp | null
}

/**
 * A page of customers by their ids, those without deltas included, with their verified ends: cached ones, unless stored data is
 * known to be damaged. `search`: lower-case text that id or display name contains; empty for all. Each half reads its unique
 * index in order, no further than the page; the two times are primary-key reads for the rows of the page only.
 */
export async function selectCustomers(
  db: Db,
  tenantNo: number,
  page: { readonly search: string; readonly limit: number; readonly offset: number },
): Promise<ListedCustomer[]> {
  const { rows } = await db.query<ListedCustomer>(
    {
      name: 'select_customers',
      text: `select c.customer_id, coalesce(v.seq, 0) as verified_seq, v.balance,
                    (select p.display_name from customer_profile p
                      where p.tenant_id = $1 and p.customer_id = c.customer_id) as display_name,
                    (select f.created_at from delta f
                      where f.tenant_id = $1 and f.customer_no = c.customer_no and f.seq = 1) as first_created_at,
                    (select l.created_at from delta l
                      where l.tenant_id = $1 and l.log_index = v.log_index) as last_created_at
               from ((select customer_id, customer_no from customer
                       where tenant_id = $1
                         and ($2 = '' or position($2 in lower(customer_id)) > 0
                              or customer_id in (select n.customer_id from customer_profile n
                                                  where n.tenant_id = $1 and position($2 in lower(n.display_name)) > 0))
                       order by customer_id limit $3::bigint + $4::bigint)
                     union all
                     (select u.customer_id, 0 from customer_profile u
                       where u.tenant_id = $1
                         and ($2 = '' or position($2 in lower(u.customer_id)) > 0
                              or position($2 in lower(u.display_name)) > 0)
                         and not exists (select from customer k
                                          where k.tenant_id = $1 and k.customer_id = u.customer_id)
                       order by u.customer_id limit $3::bigint + $4::bigint)
                      order by customer_id limit $3 offset $4) c
               join verified_head h on h.tenant_id = $1
               left join verify_state s on s.tenant_id = $1
               left join lateral (
                 select k.seq, k.balance, k.log_index from customer_verified k
                  where s.first_failed_index is null and k.tenant_id = $1 and k.customer_no = c.customer_no
                  union all
                 select d.seq, d.balance, d.log_index from delta d
                  where s.first_failed_index is not null and d.tenant_id = $1 and d.customer_no = c.customer_no
                    and d.seq = last_seq_below($1, c.customer_no, 2147483646, least(s.first_failed_index, h.size))
               ) v on true
              order by c.customer_id`,
    },
    [tenantNo, page.search, page.limit, page.offset],
  )
  return rows
}

/** How many customers `selectCustomers` pages over. */
export async function countCustomers(db: Db, tenantNo: number, search: string): Promise<number> {
  const { rows } = await db.query<{ total: number }>(
    {
      name: 'count_customers',
      text: `select (select count(*) from customer
                      where tenant_id = $1
                        and ($2 = '' or position($2 in lower(customer_id)) > 0
                             or customer_id in (select n.customer_id from customer_profile n
                                                 where n.tenant_id = $1 and position($2 in lower(n.display_name)) > 0)))
                    + (select count(*) from customer_profile u
                        where u.tenant_id = $1
                          and ($2 = '' or position($2 in lower(u.customer_id)) > 0
                               or position($2 in lower(u.display_name)) > 0)
                          and not exists (select from customer k
                                           where k.tenant_id = $1 and k.customer_id = u.customer_id)) as total`,
    },
    [tenantNo, search],
  )
  return rows[0]?.total ?? 0
}
