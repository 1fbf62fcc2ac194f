import type { Db } from '@pacspace/service/postgres'
import type { OtherEntry, StoredCheckpoint, StoredFact, StoredVoid } from './other-entry.ts'

/**
 * The entries that are no deltas of a stretch of the log, by log index; `to` exclusive. Three primary keys. Ask only where
 * the stretch has fewer deltas than indexes: in a log of deltas that is never.
 */
export async function selectOtherEntries(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<Map<number, OtherEntry>> {
  const [checkpoints, facts, voids] = await Promise.all([
    selectCheckpointsFrom(db, tenantNo, from, to),
    selectFactsFrom(db, tenantNo, from, to),
    selectVoidsFrom(db, tenantNo, from, to),
  ])
  const entries = new Map<number, OtherEntry>()
  for (const row of checkpoints) entries.set(row.log_index, { kind: 'checkpoint', row })
  for (const row of facts) entries.set(row.log_index, { kind: 'fact', row })
  for (const row of voids) entries.set(row.log_index, { kind: 'void', row })
  return entries
}

/** Facts of a stretch of the log. Primary key. */
async function selectFactsFrom(db: Db, tenantNo: number, from: number, to: number): Promise<StoredFact[]> {
  const { rows } = await db.query<StoredFact>(
    {
      name: 'select_facts_from',
      text: `select log_index, created_at, nonce, content_hash, content, metadata, key_digest
               from fact
              where tenant_id = $1 and log_index >= $2 and log_index < $3`,
    },
    [tenantNo, from, to],
  )
  return rows
}

/** Checkpoints of a stretch of the log, with their customers' names. Primary key; the name by one probe each. */
async function selectCheckpointsFrom(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<StoredCheckpoint[]> {
  const { rows } = await db.query<StoredCheckpoint>(
    {
      name: 'select_checkpoints_from',
      text: `select k.log_index, k.cut_size, k.created_at, k.cut_at, k.start_at, k.end_at, k.customer_no, k.from_seq, k.to_seq,
                    k.deltas_count, k.nonce, k.period, k.closed, k.starting_balance, k.net_change, k.ending_balance,
                    k.items_root, k.proof_root, k.mode, k.fingerprints, k.key_digest,
                    (select c.customer_id from customer c
                      where c.tenant_id = k.tenant_id and c.customer_no = k.customer_no) as customer_id
               from checkpoint k
              where k.tenant_id = $1 and k.log_index >= $2 and k.log_index < $3`,
    },
    [tenantNo, from, to],
  )
  return rows
}

/** Voids of a stretch of the log. Primary key. */
export async function selectVoidsFrom(
  db: Db,
  tenantNo: number,
  from: number,
  to: number,
): Promise<StoredVoid[]> {
  const { rows } = await db.query<StoredVoid>(
    {
      name: 'select_voids_from',
      text: `select log_index, created_at, nonce, record_id, customer_id, amount, reason, voided_at, kept
               from void
              where tenant_id = $1 and log_index >= $2 and log_index < $3`,
    },
    [tenantNo, from, to],
  )
  return rows
}
