import type { Db } from '@pacspace/service/postgres'

/** Where a customer root stands: the delta after which the customer's tree had it. */
export interface RootPlace {
  readonly tenant_id: number
  readonly log_index: number
  readonly customer_no: number
  readonly seq: number
}

/**
 * The delta with this root, of whatever tenant: the one read that starts from a root alone (design.md §5.8). Hash index on
 * items_root, whose values are unique by construction.
 */
export async function selectRootPlace(db: Db, root: Uint8Array): Promise<RootPlace | undefined> {
  const { rows } = await db.query<RootPlace>(
    {
      name: 'select_root_place',
      text: 'select tenant_id, log_index, customer_no, seq from delta where items_root = $1 limit 1',
    },
    [root],
  )
  return rows[0]
}

/** Where an entry stands. */
export type EntryPlace = Pick<RootPlace, 'tenant_id' | 'log_index'>

/** The checkpoint with this root, of whatever tenant; in the log. Hash index on proof_root. */
export async function selectCheckpointPlace(db: Db, root: Uint8Array): Promise<EntryPlace | undefined> {
  const { rows } = await db.query<EntryPlace>(
    {
      name: 'select_checkpoint_place',
      text: 'select tenant_id, log_index from checkpoint where proof_root = $1 limit 1',
    },
    [root],
  )
  return rows[0]
}

/** Where a customer's part of a checkpoint of all customers stands: the entry, and whose part it is. */
export interface PartPlace extends EntryPlace {
  readonly customer_no: number
  readonly nonce: Buffer
}

/** The part with this root of a checkpoint of all customers that is in the log, of whatever tenant. Hash index on proof_root. */
export async function selectPartPlace(db: Db, root: Uint8Array): Promise<PartPlace | undefined> {
  const { rows } = await db.query<PartPlace>(
    {
      name: 'select_part_place',
      text: `select p.tenant_id, k.log_index, p.customer_no, p.nonce
               from checkpoint_part p
               join checkpoint k on k.tenant_id = p.tenant_id and k.nonce = p.nonce
              where p.proof_root = $1 limit 1`,
    },
    [root],
  )
  return rows[0]
}

/**
 * Deltas that verification has found damaged: one for each log at most, none in a sound plane. Their roots may be what was
 * damaged, so they cannot be found by them.
 */
export async function selectFailedPlaces(db: Db, limit: number): Promise<RootPlace[]> {
  const { rows } = await db.query<RootPlace>(
    {
      name: 'select_failed_places',
      text: `select d.tenant_id, d.log_index, d.customer_no, d.seq
               from verify_state s
               join delta d on d.tenant_id = s.tenant_id and d.log_index = s.first_failed_index
              limit $1`,
    },
    [limit],
  )
  return rows
}

/** Whether single records of a tenant may be shown. Primary key. */
export async function selectPublicRecords(db: Db, tenantNo: number): Promise<boolean> {
  const { rows } = await db.query<{ public_records: boolean }>(
    { name: 'select_public_records', text: 'select public_records from tenant where id = $1' },
    [tenantNo],
  )
  return rows[0]?.public_records ?? false
}

export interface ScannedLog {
  readonly tenant_id: number
  readonly log_id: string
  readonly origin: string
  readonly public_key: Buffer
}

/** Names and keys of logs: of one tenant, or of all. What they hold, the anchor says. */
export async function selectScannedLogs(
  db: Db,
  tenantNo: number | null,
  limit: number,
): Promise<ScannedLog[]> {
  const { rows } = await db.query<ScannedLog>(
    {
      name: 'select_scanned_logs',
      text: `select tenant_id, log_id, origin, public_key from log
              where $1::int is null or tenant_id = $1
              order by tenant_id desc limit $2`,
    },
    [tenantNo, limit],
  )
  return rows
}
