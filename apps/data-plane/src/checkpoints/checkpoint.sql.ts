import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredCut } from '../ledger/front-door.ts'

/** A row of the view `stored_checkpoint`: a checkpoint of one customer, of all, or one customer's part of one of all. */
export interface FoundCheckpoint extends StoredCut {
  /** Null while it is not in the log: the roots of all customers are computed behind the cut. */
  readonly log_index: number | null
  readonly customer_no: number | null
  readonly customer_id: string | null
  readonly from_seq: number | null
  readonly to_seq: number | null
  readonly deltas_count: number | null
  readonly starting_balance: string | null
  readonly net_change: string | null
  readonly ending_balance: string | null
  readonly items_root: Buffer | null
  readonly proof_root: Buffer | null
  readonly is_part: boolean
}

/** The checkpoint that was taken under a key. Unique (tenant, key_digest) of both tables. */
export async function selectCheckpointByKey(
  db: Db,
  tenantNo: number,
  keyDigest: Uint8Array,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_checkpoint_by_key',
      text: 'select s.* from stored_checkpoint s where s.tenant_id = $1 and s.key_digest = $2 and not s.is_part',
    },
    [tenantNo, keyDigest],
  )
  return rows[0]
}

/**
 * The checkpoint that closed a month of a customer: the first in the log, its own or its part of one of all customers.
 * `customerNo` null: of all customers, in the log or not yet. Unique indexes on period.
 */
export async function selectClosingCheckpoint(
  db: Db,
  tenantNo: number,
  customerNo: number | null,
  period: string,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_closing_checkpoint',
      text: `select s.* from stored_checkpoint s
              where s.tenant_id = $1 and s.period = $3 and s.closed and s.customer_no is not distinct from $2
                and (s.log_index is not null or $2::int is null)
              order by s.log_index limit 1`,
    },
    [tenantNo, customerNo, period],
  )
  return rows[0]
}

/** The checkpoint, or customer's part of one, with this root; in the log. Hash indexes; the tenant decides. */
export async function selectCheckpointByRoot(
  db: Db,
  tenantNo: number,
  proofRoot: Uint8Array,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_checkpoint_by_root',
      text: `select s.* from stored_checkpoint s
              where s.proof_root = $2 and s.tenant_id = $1 and s.log_index is not null
              order by s.is_part limit 1`,
    },
    [tenantNo, proofRoot],
  )
  return rows[0]
}

/** The checkpoint with this nonce, of one customer or of all. Compare the whole id: see `nonceOfId`. */
export async function selectCheckpointByNonce(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_checkpoint_by_nonce',
      text: 'select s.* from stored_checkpoint s where s.tenant_id = $1 and s.nonce = $2 and not s.is_part',
    },
    [tenantNo, nonce],
  )
  return rows[0]
}

/** A customer's part of a checkpoint of all. Primary key. */
export async function selectPart(
  db: Db,
  tenantNo: number,
  nonce: Uint8Array,
  customerNo: number,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_checkpoint_part',
      text: `select s.* from stored_checkpoint s
              where s.tenant_id = $1 and s.nonce = $2 and s.customer_no = $3 and s.is_part`,
    },
    [tenantNo, nonce, customerNo],
  )
  return rows[0]
}

/** The newest checkpoint in the log that a customer is in: its own or one of all. */
export async function selectLatestCheckpoint(
  db: Db,
  tenantNo: number,
  customerNo: number,
): Promise<FoundCheckpoint | undefined> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_latest_checkpoint',
      text: `select s.* from stored_checkpoint s
              where s.tenant_id = $1 and s.customer_no = $2 and s.log_index is not null
              order by s.log_index desc limit 1`,
    },
    [tenantNo, customerNo],
  )
  return rows[0]
}

export interface CheckpointFilter {
  /** Null: those of one customer each and those of all, no parts. */
  readonly customerNo: number | null
  /** Those whose scope lies within; null = open. */
  readonly start: Timestamp | null
  readonly end: Timestamp | null
}

/** A page of checkpoints, newest first. Reads the tenant's, or the customer's, checkpoints: few next to deltas. */
export async function selectCheckpoints(
  db: Db,
  tenantNo: number,
  filter: CheckpointFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<FoundCheckpoint[]> {
  const { rows } = await db.query<FoundCheckpoint>(
    {
      name: 'select_checkpoints',
      text: `select s.* from stored_checkpoint s
              where s.tenant_id = $1 and (s.customer_no = $2 or ($2::int is null and not s.is_part))
                and ($3::timestamptz is null or s.start_at >= $3) and ($4::timestamptz is null or s.end_at <= $4)
              order by s.cut_at desc, s.log_index desc nulls first, s.nonce limit $5 offset $6`,
    },
    [tenantNo, filter.customerNo, filter.start, filter.end, page.limit, page.offset],
  )
  return rows
}

/** How many checkpoints `selectCheckpoints` pages over. */
export async function countCheckpoints(db: Db, tenantNo: number, filter: CheckpointFilter): Promise<number> {
  const { rows } = await db.query<{ total: number }>(
    {
      name: 'count_checkpoints',
      text: `select count(*) as total from stored_checkpoint s
              where s.tenant_id = $1 and (s.customer_no = $2 or ($2::int is null and not s.is_part))
                and ($3::timestamptz is null or s.start_at >= $3) and ($4::timestamptz is null or s.end_at <= $4)`,
    },
    [tenantNo, filter.customerNo, filter.start, filter.end],
  )
  return rows[0]?.total ?? 0
}

/** What became of checkpoints of all customers that are not in the log: whether a root is computed, or damage was found. */
export async function selectCutProgress(
  db: Db,
  tenantNo: number,
  nonces: readonly Uint8Array[],
): Promise<{ readonly nonce: Buffer; readonly has_parts: boolean; readonly is_damaged: boolean }[]> {
  const { rows } = await db.query<{ nonce: Buffer; has_parts: boolean; is_damaged: boolean }>(
    {
      name: 'select_cut_progress',
      text: `select w.nonce,
                    exists (select from checkpoint_part p where p.tenant_id = $1 and p.nonce = w.nonce) as has_parts,
                    coalesce((select c.root is null from checkpoint_check c
                               where c.tenant_id = $1 and c.nonce = w.nonce), false) as is_damaged
               from unnest($2::bytea[]) as w (nonce)`,
    },
    [tenantNo, nonces],
  )
  return rows
}
