import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredCut } from '../ledger/front-door.ts'
import type { ClaimedFigures } from './judge-figures.ts'

/**
 * Where the first delta of a customer created at or after an instant stands, among those below a log index; one past the
 * last where there is none. `startAt` null: the first. Binary searches over unique (tenant, customer, seq).
 */
export async function selectFirstSeqAt(
  db: Db,
  tenantNo: number,
  customerNo: number,
  startAt: Timestamp | null,
  cutSize: number,
): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    {
      name: 'judge_first_seq_at',
      text: `select case when $3::timestamptz is null then 1 else first_seq_at_or_after($1, $2, l.seq, $3) end as seq
               from (select last_seq_below($1, $2, coalesce(
                              (select d.seq from delta d where d.tenant_id = $1 and d.customer_no = $2
                                order by d.seq desc limit 1), 0), $4) as seq) l`,
    },
    [tenantNo, customerNo, startAt, cutSize],
  )
  const [row] = rows
  if (row === undefined) throw new Error('one row for each customer')
  return row.seq
}

/** A checkpoint of all customers, wherever it is on its way. */
export interface CutRow extends StoredCut {
  readonly tenant_id: number
}

/**
 * Cuts that the worker has no root for yet and has not found damaged just now, at or below the integrated tree, oldest
 * first. Primary keys.
 */
export async function selectUncheckedCuts(db: Db, notSince: Timestamp, limit: number): Promise<CutRow[]> {
  const { rows } = await db.query<CutRow>(
    {
      name: 'select_unchecked_cuts',
      text: `select u.* from checkpoint_cut u
               join tree_head t on t.tenant_id = u.tenant_id
               left join checkpoint_check c on c.tenant_id = u.tenant_id and c.nonce = u.nonce
              where c.root is null and (c.checked_at is null or c.checked_at < $1) and u.cut_size <= t.size
              order by u.cut_at limit $2`,
    },
    [notSince, limit],
  )
  return rows
}

/** Parts of a checkpoint after a customer, in order of customers. Primary key; the name by one probe each. */
export async function selectPartsAfter(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
  customerNo: number,
  limit: number,
): Promise<ClaimedFigures[]> {
  const { rows } = await db.query<ClaimedFigures>(
    {
      name: 'select_parts_after',
      text: `select p.customer_no, p.from_seq, p.to_seq, p.deltas_count, p.starting_balance, p.net_change,
                    p.ending_balance, p.items_root, p.proof_root,
                    coalesce((select c.customer_id from customer c
                               where c.tenant_id = p.tenant_id and c.customer_no = p.customer_no), '') as customer_id
               from checkpoint_part p
              where p.tenant_id = $1 and p.nonce = $2 and p.customer_no > $3
              order by p.customer_no limit $4`,
    },
    [tenantNo, nonce, customerNo, limit],
  )
  return rows
}

/** The last customer whose part of a checkpoint is there; 0 before the first. Primary key, from its end. */
export async function selectLastPart(db: Db, tenantNo: number, nonce: Uint8Array): Promise<number> {
  const { rows } = await db.query<{ last: number }>(
    {
      name: 'select_last_part',
      text: `select coalesce(max(customer_no), 0) as last from checkpoint_part where tenant_id = $1 and nonce = $2`,
    },
    [tenantNo, nonce],
  )
  return rows[0]?.last ?? 0
}

/** The cut of a checkpoint of all customers, and the root that the worker computed for it. Primary keys. */
export async function selectCut(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
): Promise<(StoredCut & { readonly checked_root: Buffer | null }) | undefined> {
  const { rows } = await db.query<StoredCut & { checked_root: Buffer | null }>(
    {
      name: 'select_cut',
      text: `select u.*, (select c.root from checkpoint_check c
                            where c.tenant_id = u.tenant_id and c.nonce = u.nonce) as checked_root
               from checkpoint_cut u where u.tenant_id = $1 and u.nonce = $2`,
    },
    [tenantNo, nonce],
  )
  return rows[0]
}

/** The head of a log's tree. Primary key. */
export async function selectTree(
  db: Db,
  tenantNo: number,
): Promise<{ readonly size: number; readonly root: Buffer } | undefined> {
  const { rows } = await db.query<{ size: number; root: Buffer }>(
    { name: 'select_tree', text: 'select size, root from tree_head where tenant_id = $1' },
    [tenantNo],
  )
  return rows[0]
}

/** Keeps what a check came to: a root, or what is wrong. */
export async function upsertCheck(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
  check: {
    readonly root: Uint8Array | null
    readonly discrepancies: readonly string[]
    readonly checkedAt: Timestamp
  },
): Promise<void> {
  await db.query(
    {
      name: 'upsert_checkpoint_check',
      text: `insert into checkpoint_check (tenant_id, nonce, root, discrepancies, checked_at) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, nonce) do update
                set root = excluded.root, discrepancies = excluded.discrepancies, checked_at = excluded.checked_at`,
    },
    [tenantNo, nonce, check.root, JSON.stringify(check.discrepancies), check.checkedAt],
  )
}
