import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredDelta, StoredVoid } from '../ledger/front-door.ts'

export interface VoidedLog {
  readonly tenant_no: number
  readonly tenant_id: TenantId
  readonly log_id: string
}

/**
 * The logs that a recordId may belong to: those with such a row at its log index, or with such a void; where there is none,
 * those that fail at that index. One probe of a primary key for each log.
 */
export async function selectLogsOfRecord(
  db: Db,
  logIndex: number,
  nonce: Uint8Array,
  recordId: string,
): Promise<VoidedLog[]> {
  const { rows } = await db.query<VoidedLog & { is_named: boolean }>(
    {
      name: 'select_logs_of_record',
      text: `select l.tenant_id as tenant_no, n.public_id as tenant_id, l.log_id,
                    exists (select from delta d where d.tenant_id = l.tenant_id and d.log_index = $1 and d.record_nonce = $2)
                      or exists (select from void o where o.tenant_id = l.tenant_id and o.log_index = $1 and o.record_id = $3)
                      as is_named
               from log l
               join tenant n on n.id = l.tenant_id
               left join verify_state s on s.tenant_id = l.tenant_id
              where exists (select from delta d where d.tenant_id = l.tenant_id and d.log_index = $1 and d.record_nonce = $2)
                 or exists (select from void o where o.tenant_id = l.tenant_id and o.log_index = $1 and o.record_id = $3)
                 or s.first_failed_index = $1
              order by l.tenant_id`,
    },
    [logIndex, nonce, recordId],
  )
  const named = rows.filter(({ is_named }) => is_named)
  return (named.length > 0 ? named : rows).map(({ tenant_no, tenant_id, log_id }) => ({
    tenant_no,
    tenant_id,
    log_id,
  }))
}

export interface SignedLog {
  /** How far it is recomputed. */
  readonly size: number
  readonly root: Buffer
  /** The largest size that a head was signed for. */
  readonly signed_size: number
  readonly verified_size: number
}

/** How far a log is recomputed, signed and verified. Primary keys. Must run under `lockFailure`. */
export async function selectSigned(db: Db, tenantNo: number): Promise<SignedLog> {
  const { rows } = await db.query<SignedLog>(
    {
      name: 'select_signed',
      text: `select t.size, t.root, v.size as verified_size,
                    coalesce((select max(n.size) from log_note n where n.tenant_id = $1), 0) as signed_size
               from tree_head t join verified_head v on v.tenant_id = t.tenant_id
              where t.tenant_id = $1`,
    },
    [tenantNo],
  )
  const [row] = rows
  if (row === undefined) throw new Error(`the log of tenant ${tenantNo} has no tree`)
  return row
}

/** The deltas of a customer behind a log index, in order. Primary key: the backlog is walked, however long the history. */
export async function selectDeltasBehind(
  db: Db,
  tenantNo: number,
  customerNo: number,
  logIndex: number,
): Promise<StoredDelta[]> {
  const { rows } = await db.query<StoredDelta>(
    {
      name: 'select_deltas_behind',
      text: `select s.* from stored_delta s
              where s.tenant_id = $1 and s.log_index > $3 and s.customer_no + 0 = $2
              order by s.log_index`,
    },
    [tenantNo, customerNo, logIndex],
  )
  return rows
}

/** The number of a customer. Unique (tenant, customer_id). */
export async function selectNumberOf(
  db: Db,
  tenantNo: number,
  customerId: string,
): Promise<number | undefined> {
  const { rows } = await db.query<{ customer_no: number }>(
    {
      name: 'select_number_of_customer',
      text: 'select customer_no from customer where tenant_id = $1 and customer_id = $2',
    },
    [tenantNo, customerId],
  )
  return rows[0]?.customer_no
}

/** The times of entries, whatever they are; places without one are left out. Four primary keys. */
export async function selectTimes(
  db: Db,
  tenantNo: number,
  logIndexes: readonly number[],
): Promise<ReadonlyMap<number, Timestamp>> {
  const { rows } = await db.query<{ log_index: number; created_at: Timestamp }>(
    {
      name: 'select_entry_times',
      text: `select log_index, created_at from delta where tenant_id = $1 and log_index = any($2::bigint[])
             union all
             select log_index, created_at from fact where tenant_id = $1 and log_index = any($2::bigint[])
             union all
             select log_index, created_at from checkpoint where tenant_id = $1 and log_index = any($2::bigint[])
             union all
             select log_index, created_at from void where tenant_id = $1 and log_index = any($2::bigint[])`,
    },
    [tenantNo, logIndexes],
  )
  return new Map(rows.map((row) => [row.log_index, row.created_at]))
}

/**
 * Puts voids in the places of the entries that they keep, and takes those away: deltas, or checkpoints with their keys. As
 * the owner, under `lockLog` and the claim of the tree. The triggers refuse a row that a signed head covers.
 */
export async function replaceByVoids(
  db: Db,
  tenantNo: number,
  table: 'delta' | 'checkpoint',
  voids: readonly StoredVoid[],
): Promise<void> {
  for (const one of voids) {
    await db.query(
      {
        name: 'insert_void',
        text: `insert into void (tenant_id, log_index, created_at, nonce, record_id, customer_id, amount, reason, voided_at, kept)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      },
      [
        tenantNo,
        one.log_index,
        one.created_at,
        one.nonce,
        one.record_id,
        one.customer_id,
        one.amount,
        one.reason,
        one.voided_at,
        one.kept,
      ],
    )
  }
  const indexes = voids.map((one) => one.log_index)
  if (table === 'delta') await deleteDeltas(db, tenantNo, indexes)
  else await deleteCheckpoints(db, tenantNo, indexes)
}

async function deleteDeltas(db: Db, tenantNo: number, logIndexes: readonly number[]): Promise<void> {
  await db.query(
    {
      name: 'delete_void_deltas',
      text: 'delete from delta where tenant_id = $1 and log_index = any($2::bigint[])',
    },
    [tenantNo, logIndexes],
  )
}

async function deleteCheckpoints(db: Db, tenantNo: number, logIndexes: readonly number[]): Promise<void> {
  const { rows } = await db.query<{ key_digest: Buffer | null }>(
    {
      name: 'delete_void_checkpoints',
      text: `delete from checkpoint where tenant_id = $1 and log_index = any($2::bigint[]) returning key_digest`,
    },
    [tenantNo, logIndexes],
  )
  // Another statement: its trigger looks whether the checkpoints are gone.
  const keys = rows.flatMap(({ key_digest }) => (key_digest === null ? [] : [key_digest]))
  await db.query(
    {
      name: 'delete_void_checkpoint_keys',
      text: `delete from batch_request where tenant_id = $1 and kind = 'checkpoint' and key_digest = any($2::bytea[])`,
    },
    [tenantNo, keys],
  )
}

/** Takes voids out of what allowances count, and tells every process that its memory of the log is old. Under `lockLog`. */
export async function updateHead(
  db: Db,
  tenantNo: number,
  voidDeltas: number,
  appendMark: number,
): Promise<void> {
  await db.query(
    {
      name: 'update_head_by_void',
      text: 'update log_head set delta_count = delta_count - $2, append_mark = $3 where tenant_id = $1',
    },
    [tenantNo, voidDeltas, appendMark],
  )
}
