import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import { bytesArray } from './array-literal.ts'
import type { StoredDelta } from './delta.ts'

/** What the appender learns with the lock on a tenant's log. */
export interface LockedLog {
  readonly size: number
  readonly delta_count: number
  readonly customer_count: number
  readonly last_created_at: Timestamp
  readonly append_mark: number
  readonly database_now: Timestamp
  readonly status: 'provisioning' | 'active' | 'error'
  readonly lifetime_cap: number | null
  readonly writes_allowed: boolean
  readonly blocked_code: ProblemCode | null
}

/**
 * Takes the right to append to a tenant's log until the transaction ends, and reads the clock after it has it. Locks the
 * tenant's `log_head` row, the only lock an append takes. No row: the tenant has no log.
 */
export async function lockLog(db: Db, tenantNo: number): Promise<LockedLog | undefined> {
  const { rows } = await db.query<LockedLog>(
    {
      name: 'lock_log',
      text: `select size, delta_count, customer_count, last_created_at, append_mark, database_now, status,
                    lifetime_cap, writes_allowed, blocked_code
               from lock_log($1)
              where size is not null`,
    },
    [tenantNo],
  )
  return rows[0]
}

/** A customer, and its last delta: all of that is null where none is there. */
export type StoredEnd = {
  readonly known_no: number
  readonly known_id: string
  readonly first_index: number
  /** Sequence number of its last verified delta. */
  readonly verified_seq: number | null
  /** Whether no delta is there because its first is void. */
  readonly begins_anew: boolean
} & (StoredDelta | { readonly log_index: null })

/**
 * The last delta of each named customer; customers that are not there are left out. One backward step on (tenant, customer,
 * seq) each, one primary key, and another for those that have no delta.
 */
export async function selectCustomerEnds(
  db: Db,
  tenantNo: number,
  customerIds: readonly string[],
): Promise<StoredEnd[]> {
  const { rows } = await db.query<StoredEnd>(
    {
      name: 'select_customer_ends',
      text: `select c.customer_no as known_no, c.customer_id as known_id, c.first_index, e.*,
                    (select v.seq from customer_verified v
                      where v.tenant_id = $1 and v.customer_no = c.customer_no) as verified_seq,
                    e.log_index is null
                      and exists (select from void o where o.tenant_id = $1 and o.log_index = c.first_index) as begins_anew
               from customer c
               left join lateral (
                select s.* from stored_delta s
                 where s.tenant_id = $1 and s.customer_no = c.customer_no
                 order by s.seq desc limit 1
              ) e on true
              where c.tenant_id = $1 and c.customer_id = any($2::text[])`,
    },
    [tenantNo, customerIds],
  )
  return rows
}

/**
 * Deltas by customer and sequence number, pairwise. Reads unique (tenant, customer, seq). Lateral with a limit, here and
 * below: a plain join lets the planner read a customer's whole history and filter it (seen on a table without statistics).
 */
export async function selectDeltasAt(
  db: Db,
  tenantNo: number,
  customerNos: readonly number[],
  seqs: readonly number[],
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_at',
      text: `select s.*
               from unnest($2::int[], $3::int[]) as wanted (customer_no, seq)
              cross join lateral (
                select * from stored_delta
                 where tenant_id = $1 and customer_no = wanted.customer_no and seq = wanted.seq
                 limit 1
              ) s`,
    },
    [tenantNo, customerNos, seqs],
  )
  return rows
}

/** Where a key was used. */
export interface UsedKey {
  readonly key_digest: Buffer
  /** Of the first delta that it wrote; null where it wrote none. */
  readonly log_index: number | null
  /** Whether it stands in `batch_request`. */
  readonly is_kept: boolean
}

/**
 * Those of these key digests that were used, for whatever. Reads the hash index on key_digest and the primary key of
 * batch_request, and seldom finds anything. The tenant is in the digest too, and is compared as an expression so that no
 * index on it can tempt the planner into walking the tenant's whole ledger.
 */
export async function selectUsedKeys(
  db: Db,
  tenantNo: number,
  keyDigests: readonly Uint8Array[],
): Promise<UsedKey[]> {
  const { rows } = await db.query<UsedKey>(
    {
      name: 'select_used_keys',
      text: `select * from (
               select k.key_digest,
                      (select d.log_index from delta d
                        where d.key_digest = k.key_digest and d.tenant_id + 0 = $1 limit 1) as log_index,
                      exists (select from batch_request b
                               where b.tenant_id = $1 and b.key_digest = k.key_digest) as is_kept
                 from unnest($2::bytea[]) as k (key_digest)
               ) used
              where log_index is not null or is_kept`,
    },
    [tenantNo, bytesArray(keyDigests)],
  )
  return rows
}

/** Requests whose keys stand in `batch_request`: all but emits. */
export type KeptKind = 'batch' | 'writes' | 'fact' | 'checkpoint'

export interface BatchRequestRow {
  readonly kind: KeptKind
  /** Null for a checkpoint, which its key finds. */
  readonly first_index: number | null
  readonly row_count: number
  readonly key_digest: Buffer
  readonly request_hash: Buffer
  readonly unwritten: string
}

/** Requests, emits apart, that wrote under any of these key digests. Primary key. */
export async function selectBatchesByKey(
  db: Db,
  tenantNo: number,
  keyDigests: readonly Uint8Array[],
): Promise<BatchRequestRow[]> {
  const { rows } = await db.query<BatchRequestRow>(
    {
      name: 'select_batches_by_key',
      text: `select kind, first_index, row_count, key_digest, request_hash, unwritten
               from batch_request
              where tenant_id = $1 and key_digest = any($2::bytea[])`,
    },
    [tenantNo, keyDigests],
  )
  return rows
}

/** A stretch of the log in order. Reads the primary key. */
export async function selectDeltasFrom(
  db: Db,
  tenantNo: number,
  firstIndex: number,
  endIndex: number,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_from',
      text: `select s.*
               from stored_delta s
              where s.tenant_id = $1 and s.log_index >= $2 and s.log_index < $3
              order by s.log_index`,
    },
    [tenantNo, firstIndex, endIndex],
  )
  return rows
}

/**
 * Deltas of customers under references, pairwise; several where a reference was used more than once. Reads the index on
 * (tenant, customer, reference_hash) and rechecks the text.
 */
export async function selectDeltasByReference(
  db: Db,
  tenantNo: number,
  wanted: readonly {
    readonly customerId: string
    readonly referenceId: string
    readonly referenceHash: bigint
  }[],
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_by_reference',
      text: `select s.*
               from unnest($2::text[], $3::text[], $4::bigint[]) as wanted (customer_id, reference_id, reference_hash)
              cross join lateral (
                select log_index from delta
                 where tenant_id = $1 and reference_hash = wanted.reference_hash
                   and customer_no = (select c.customer_no from customer c
                                       where c.tenant_id = $1 and c.customer_id = wanted.customer_id)
                   and reference_id = wanted.reference_id
                 order by log_index limit 1000
              ) d
              cross join lateral (
                select * from stored_delta where tenant_id = $1 and log_index = d.log_index limit 1
              ) s
              order by s.log_index`,
    },
    [
      tenantNo,
      wanted.map((one) => one.customerId),
      wanted.map((one) => one.referenceId),
      wanted.map((one) => one.referenceHash.toString()),
    ],
  )
  return rows
}

/** Deltas at log indexes, in no order. Reads the primary key. */
export async function selectDeltasByIndex(
  db: Db,
  tenantNo: number,
  logIndexes: readonly number[],
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_by_index',
      text: 'select s.* from stored_delta s where s.tenant_id = $1 and s.log_index = any($2::bigint[])',
    },
    [tenantNo, logIndexes],
  )
  return rows
}

/**
 * Whose the keys of writes are: the customer of each key's first write. Reads the index on writes and rechecks the text.
 * Keys that nobody wrote are left out.
 */
export async function selectKeyOwners(
  db: Db,
  tenantNo: number,
  wanted: readonly { readonly key: string; readonly keyHash: bigint }[],
): Promise<{ readonly key: string; readonly customer_id: string }[]> {
  const { rows } = await db.query<{ key: string; customer_id: string }>(
    {
      name: 'select_key_owners',
      text: `select w.key, c.customer_id
               from unnest($2::text[], $3::bigint[]) as w (key, key_hash)
              cross join lateral (
                select d.customer_no from delta d
                 where d.tenant_id = $1 and d.reference_hash = w.key_hash and d.reason = 'write'
                   and d.reference_hash is not null and d.reference_id = w.key
                 order by d.log_index limit 1
              ) o
               join customer c on c.tenant_id = $1 and c.customer_no = o.customer_no`,
    },
    [tenantNo, wanted.map((one) => one.key), wanted.map((one) => one.keyHash.toString())],
  )
  return rows
}

/** The columns of a group's rows in log order: array literals (`array-literal.ts`), or bytes packed row after row. */
export interface GroupColumns {
  readonly rowCount: number
  readonly customerNos: string
  readonly seqs: string
  /** 10 bytes a row. */
  readonly nonces: Uint8Array
  /** 32 bytes a row. */
  readonly itemsRoots: Uint8Array
  readonly nodes: string
  readonly amounts: string
  readonly balances: string
  readonly reasons: string
  readonly referenceIds: string
  readonly referenceHashes: string
  readonly metadatas: string
  readonly keyDigests: string
  readonly adjustsRecordIds: string
  readonly adjustsReferenceIds: string
}

export interface NewCustomer {
  readonly customerNo: number
  readonly customerId: string
  readonly firstIndex: number
}

/**
 * Inserts a group's deltas and new customers and moves the log's head, in one statement: either all of it is there or
 * none. Must run under `lockLog`; unique indexes are the backstop. Fixed-width values travel packed in one parameter:
 * an array of bytea costs its hex text twice.
 */
export async function insertGroup(
  db: Db,
  tenantNo: number,
  group: {
    readonly firstIndex: number
    readonly createdAt: Timestamp
    readonly columns: GroupColumns
    readonly newCustomers: readonly NewCustomer[]
    readonly appendMark: number
  },
): Promise<void> {
  const { columns, newCustomers } = group
  await db.query(
    {
      name: 'insert_group',
      text: `with new_customer as (
               insert into customer (tenant_id, customer_no, customer_id, first_index)
               select $1, * from unnest($18::int[], $19::text[], $20::bigint[])
             ), head as (
               update log_head
                  set size = size + $22, delta_count = delta_count + $22,
                      customer_count = customer_count + cardinality($18::int[]),
                      last_created_at = $3, append_mark = $21
                where tenant_id = $1
             )
             insert into delta (tenant_id, log_index, created_at, customer_no, seq, record_nonce, items_root, nodes,
                                amount, balance, reason, reference_id, reference_hash, metadata, key_digest,
                                adjusts_record_id, adjusts_reference_id)
             select $1, $2::bigint + r.ordinality - 1, $3::timestamptz, r.customer_no, r.seq,
                    substr($6::bytea, (r.ordinality::int - 1) * 10 + 1, 10),
                    substr($7::bytea, (r.ordinality::int - 1) * 32 + 1, 32),
                    r.nodes, r.amount, r.balance, r.reason, r.reference_id, r.reference_hash, r.metadata, r.key_digest,
                    r.adjusts_record_id, r.adjusts_reference_id
               from unnest($4::int[], $5::int[], $8::bytea[], $9::numeric[], $10::numeric[], $11::text[], $12::text[],
                           $13::bigint[], $14::text[], $15::bytea[], $16::text[], $17::text[])
               with ordinality as r (customer_no, seq, nodes, amount, balance, reason, reference_id, reference_hash,
                                     metadata, key_digest, adjusts_record_id, adjusts_reference_id, ordinality)
              order by r.ordinality`,
    },
    [
      tenantNo,
      group.firstIndex,
      group.createdAt,
      columns.customerNos,
      columns.seqs,
      columns.nonces,
      columns.itemsRoots,
      columns.nodes,
      columns.amounts,
      columns.balances,
      columns.reasons,
      columns.referenceIds,
      columns.referenceHashes,
      columns.metadatas,
      columns.keyDigests,
      columns.adjustsRecordIds,
      columns.adjustsReferenceIds,
      newCustomers.map((one) => one.customerNo),
      newCustomers.map((one) => one.customerId),
      newCustomers.map((one) => one.firstIndex),
      group.appendMark,
      columns.rowCount,
    ],
  )
}

export interface NewBatchRequest {
  readonly kind: KeptKind
  /** Null for a checkpoint, which its key finds. */
  readonly firstIndex: number | null
  readonly rowCount: number
  readonly keyDigest: Uint8Array
  readonly requestHash: Uint8Array
  /** Kept as JSON text. */
  readonly unwritten: readonly unknown[]
}

/** Keeps the keys of a group's requests. Must run in the transaction of their rows. */
export async function insertBatchRequests(
  db: Db,
  tenantNo: number,
  requests: readonly NewBatchRequest[],
): Promise<void> {
  await db.query(
    {
      name: 'insert_batch_requests',
      text: `insert into batch_request (tenant_id, kind, first_index, row_count, key_digest, request_hash, unwritten)
             select $1, * from unnest($2::text[], $3::bigint[], $4::int[], $5::bytea[], $6::bytea[], $7::text[])`,
    },
    [
      tenantNo,
      requests.map((one) => one.kind),
      requests.map((one) => one.firstIndex),
      requests.map((one) => one.rowCount),
      requests.map((one) => one.keyDigest),
      requests.map((one) => one.requestHash),
      requests.map((one) => JSON.stringify(one.unwritten)),
    ],
  )
}
