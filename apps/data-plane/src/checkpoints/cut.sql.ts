import type { Db } from '@pacspace/service/postgres'
import type { StoredCut } from '../ledger/front-door.ts'
import type { NewFigures } from './insert-checkpoint.sql.ts'

/** A checkpoint of all customers that is not in the log yet. */
export interface OpenCut extends StoredCut {
  readonly tenant_id: number
  /** The last customer whose part is there; 0 before the first. */
  readonly last_customer_no: number
  /** What the worker's own computation came to; null until then. */
  readonly checked_root: Buffer | null
}

/** Cuts whose entry is not in the log, oldest first. Primary keys. */
export async function selectOpenCuts(db: Db, limit: number): Promise<OpenCut[]> {
  const { rows } = await db.query<OpenCut>(
    {
      name: 'select_open_cuts',
      text: `select u.*, coalesce((select max(p.customer_no) from checkpoint_part p
                                    where p.tenant_id = u.tenant_id and p.nonce = u.nonce), 0) as last_customer_no,
                    (select c.root from checkpoint_check c
                      where c.tenant_id = u.tenant_id and c.nonce = u.nonce) as checked_root
               from checkpoint_cut u
              where not exists (select from checkpoint k where k.tenant_id = u.tenant_id and k.nonce = u.nonce)
              order by u.cut_at limit $1`,
    },
    [limit],
  )
  return rows
}

/**
 * Customers after `customerNo` whose ledgers had begun at a cut, and before the end of its scope: those that have a part.
 * Primary keys.
 */
export async function selectCustomersOfCut(
  db: Db,
  tenantNo: number,
  cut: Pick<StoredCut, 'cut_size' | 'end_at'>,
  customerNo: number,
  limit: number,
): Promise<number[]> {
  const { rows } = await db.query<{ customer_no: number }>(
    {
      name: 'select_customers_of_cut',
      text: `select c.customer_no from customer c
              where c.tenant_id = $1 and c.customer_no > $4 and c.first_index < $2
                and ($3::timestamptz is null
                     or $3 > (select d.created_at from delta d where d.tenant_id = $1 and d.log_index = c.first_index
                              union all
                              select o.created_at from void o where o.tenant_id = $1 and o.log_index = c.first_index))
              order by c.customer_no limit $5`,
    },
    [tenantNo, cut.cut_size, cut.end_at, customerNo, limit],
  )
  return rows.map((row) => row.customer_no)
}

/** Locks of cuts among the advisory ones: the first of their two numbers; the other is the tenant's. */
const CUT_LOCK = 0x6375_7473

/** Holds the parts of a tenant's cuts until the transaction ends, for adding some. Others may add at once; a void waits. */
export async function lockPartsShared(db: Db, tenantNo: number): Promise<void> {
  await db.query(
    { name: 'lock_parts_shared', text: 'select pg_advisory_xact_lock_shared($1::int, $2::int)' },
    [CUT_LOCK, tenantNo],
  )
}

/** The last customer of a cut whose part is there; 0 before the first. Primary key, backwards. */
export async function selectLastPartOf(db: Db, tenantNo: number, nonce: Uint8Array): Promise<number> {
  const { rows } = await db.query<{ last: number }>(
    {
      name: 'select_last_part_of',
      text: `select coalesce(max(customer_no), 0) as last from checkpoint_part where tenant_id = $1 and nonce = $2`,
    },
    [tenantNo, nonce],
  )
  return rows[0]?.last ?? 0
}

/**
 * Takes away the parts of cuts behind a log index: rows that they were computed from are void, and they are computed anew.
 * Waits for whoever adds parts, and holds them off until the transaction ends. As the owner; refused once a signed head
 * reaches the cut.
 */
export async function deleteParts(db: Db, tenantNo: number, behindIndex: number): Promise<void> {
  await db.query({ name: 'lock_parts', text: 'select pg_advisory_xact_lock($1::int, $2::int)' }, [
    CUT_LOCK,
    tenantNo,
  ])
  // A statement of its own: it must see what those committed who held the lock.
  await db.query(
    {
      name: 'delete_checkpoint_parts',
      text: `delete from checkpoint_part p using checkpoint_cut u
              where u.tenant_id = $1 and u.cut_size > $2 and p.tenant_id = $1 and p.nonce = u.nonce`,
    },
    [tenantNo, behindIndex],
  )
}

/** Keeps parts. Those that are there already stay: another process may build the same cut. */
export async function insertParts(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
  parts: readonly NewFigures[],
): Promise<void> {
  await db.query(
    {
      name: 'insert_checkpoint_parts',
      text: `insert into checkpoint_part (tenant_id, nonce, customer_no, from_seq, to_seq, deltas_count, starting_balance,
                                          net_change, ending_balance, items_root, proof_root)
             select $1, $2, * from unnest($3::int[], $4::int[], $5::int[], $6::int[], $7::numeric[], $8::numeric[],
                                          $9::numeric[], $10::bytea[], $11::bytea[])
             on conflict do nothing`,
    },
    [
      tenantNo,
      nonce,
      parts.map((one) => one.customerNo),
      parts.map((one) => one.fromSeq),
      parts.map((one) => one.toSeq),
      parts.map((one) => one.deltasCount),
      parts.map((one) => one.startingBalance),
      parts.map((one) => one.netChange),
      parts.map((one) => one.endingBalance),
      parts.map((one) => one.itemsRoot),
      parts.map((one) => one.proofRoot),
    ],
  )
}

export interface OrderedPart {
  readonly customer_no: number
  readonly deltas_count: number
  readonly starting_balance: string
  readonly net_change: string
  readonly ending_balance: string
  readonly proof_root: Buffer
}

/** All parts of a checkpoint in byte order of customerId: the order of their tree. */
export async function selectPartsInOrder(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
): Promise<OrderedPart[]> {
  const { rows } = await db.query<OrderedPart>(
    {
      name: 'select_parts_in_order',
      text: `select p.customer_no, p.deltas_count, p.starting_balance, p.net_change, p.ending_balance, p.proof_root
               from checkpoint_part p
               join customer c on c.tenant_id = p.tenant_id and c.customer_no = p.customer_no
              where p.tenant_id = $1 and p.nonce = $2
              order by c.customer_id collate "C"`,
    },
    [tenantNo, nonce],
  )
  return rows
}
