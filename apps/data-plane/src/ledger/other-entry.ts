import { amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import type { CheckpointId, Id } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import { type CheckpointRecord, checkpointRoot, checkpointText } from '@pacspace/proofs/checkpoint-record'
import { toHex, ZERO_HASH } from '@pacspace/proofs/hex'
import { type FactRecord, factText, logEntry, logTextEntry, voidText } from '@pacspace/proofs/log-entry'
import { committingId } from './committing-id.ts'

/**
 * Entries of a tenant's log that are no deltas (product.md §5.6). They share the log's indexes with deltas: wherever a
 * stretch of the log is read, what is missing among the deltas stands here, or is missing.
 */
export type OtherEntry =
  | { readonly kind: 'checkpoint'; readonly row: StoredCheckpoint }
  | { readonly kind: 'fact'; readonly row: StoredFact }
  | { readonly kind: 'void'; readonly row: StoredVoid }

/** A row of `fact`. */
export interface StoredFact {
  readonly log_index: number
  readonly created_at: Timestamp
  readonly nonce: Buffer
  readonly content_hash: Buffer
  readonly content: string
  readonly metadata: string | null
  readonly key_digest: Buffer | null
}

/** What a checkpoint of one customer and one of all have in common, in the log or not. */
export interface StoredCut {
  readonly cut_size: number
  readonly cut_at: Timestamp
  readonly start_at: Timestamp | null
  readonly end_at: Timestamp | null
  readonly nonce: Buffer
  readonly period: string | null
  readonly closed: boolean
  readonly mode: string | null
  readonly fingerprints: string | null
  readonly key_digest: Buffer | null
}

/** The figures of one customer in a checkpoint. */
export interface StoredFigures {
  readonly from_seq: number | null
  readonly to_seq: number | null
  readonly deltas_count: number
  readonly starting_balance: string
  readonly net_change: string
  readonly ending_balance: string
  readonly items_root: Buffer | null
}

/** A row of `checkpoint`. `customer_id`: null for a checkpoint of all customers. */
export interface StoredCheckpoint extends StoredCut, StoredFigures {
  readonly log_index: number
  /** Of its entry; the same as `cut_at` where it is of one customer. */
  readonly created_at: Timestamp
  readonly customer_no: number | null
  readonly customer_id: string | null
  readonly proof_root: Buffer
}

/** A row of `void`: it stands in the place of the entry that it takes back (decision 83). */
export interface StoredVoid {
  readonly log_index: number
  /** Of its place in the log. */
  readonly created_at: Timestamp
  readonly nonce: Buffer
  readonly record_id: string
  readonly customer_id: string
  /** What was added, taken back. */
  readonly amount: string
  readonly reason: string
  /** When it was decided. */
  readonly voided_at: Timestamp
  /** The row that stood there (`kept-row.ts`); null where none did. */
  readonly kept: string | null
}

/** The 33 bytes that the log's leaf of this entry is made of. A checkpoint's are those of its stored root. */
export function entryOf(entry: OtherEntry): Uint8Array {
  switch (entry.kind) {
    case 'checkpoint':
      return logEntry('checkpoint', entry.row.proof_root)
    case 'fact':
      return logTextEntry('fact', factText(factRecordOf(entry.row)))
    case 'void':
      return logTextEntry('void', voidTextOf(entry.row))
  }
}

/** The record of a fact: what the log commits to. Its id commits to metadata and key. */
export function factRecordOf(
  row: Pick<StoredFact, 'nonce' | 'content_hash' | 'created_at' | 'metadata' | 'key_digest'>,
): FactRecord {
  const factId = committingId('fct', row.nonce, {
    metadata: row.metadata,
    keyDigest: hexOrNull(row.key_digest),
  })
  return { factId, contentHash: `sha256_${toHex(row.content_hash).slice(2)}`, createdAt: row.created_at }
}

/** The id of a checkpoint. It commits to what its records leave out: time and place of the cut, mode, fingerprints, key. */
export function checkpointIdOf(
  cut: Pick<StoredCut, 'nonce' | 'cut_at' | 'cut_size' | 'mode' | 'fingerprints' | 'key_digest'>,
): CheckpointId {
  return committingId('chk', cut.nonce, {
    cutAt: cut.cut_at,
    cutSize: cut.cut_size,
    mode: cut.mode,
    fingerprints: cut.fingerprints,
    keyDigest: hexOrNull(cut.key_digest),
  })
}

/** The record of one customer in a checkpoint (product.md §5.5). */
export function checkpointRecordOf(
  cut: StoredCut,
  customerId: string,
  figures: StoredFigures,
): CheckpointRecord {
  const decimal = (numeric: string) => formatAmount(amountOfNumeric(numeric))
  return {
    checkpointId: checkpointIdOf(cut),
    customerId,
    period: cut.period,
    startDate: cut.start_at,
    endDate: cut.end_at,
    closed: cut.closed,
    fromSequence: figures.from_seq,
    toSequence: figures.to_seq,
    startingBalance: decimal(figures.starting_balance),
    netChange: decimal(figures.net_change),
    endingBalance: decimal(figures.ending_balance),
    deltasCount: figures.deltas_count,
    itemsRoot: figures.items_root === null ? ZERO_HASH : toHex(figures.items_root),
  }
}

/** proofRoot of that record, 32 bytes. */
export function recordRootOf(cut: StoredCut, customerId: string, figures: StoredFigures): Uint8Array {
  return checkpointRoot(checkpointText(checkpointRecordOf(cut, customerId, figures)))
}

/** Its id commits to when it was decided and to what stood there. */
function voidTextOf(row: StoredVoid): string {
  const voidId: Id<'void'> = committingId('void', row.nonce, { voidedAt: row.voided_at, kept: row.kept })
  return voidText({
    voidId,
    recordId: row.record_id,
    customerId: row.customer_id,
    delta: formatAmount(amountOfNumeric(row.amount)),
    reason: row.reason,
    createdAt: row.created_at,
  })
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toHex(bytes)
}
