import { type Amount, amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import type { RecordId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import { contentHash, type SentAdjusts } from '@pacspace/proofs/content-hash'
import { type Hex, toHex, ZERO_HASH } from '@pacspace/proofs/hex'
import { itemHash, recordText, requestHash } from '@pacspace/proofs/record'
import { recordIdOf } from './record-id.ts'

/** A delta as a tenant sent it, validated. Made by `requestOf`. */
export interface DeltaRequest {
  readonly customerId: string
  readonly delta: Amount
  readonly reason: string
  readonly referenceId: string | null
  /** RFC 8785 text. */
  readonly metadata: string | null
  readonly adjusts: SentAdjusts | null
  /** Of what was sent. Computed when the request arrives, while another group is being committed. */
  readonly contentHash: Hex
}

/** The request of these fields, with its contentHash. */
export function requestOf(fields: Omit<DeltaRequest, 'contentHash'>): DeltaRequest {
  return { ...fields, contentHash: contentHash({ ...fields, delta: formatAmount(fields.delta) }) }
}

/** A committed delta with everything that follows from it. */
export interface Delta extends DeltaRequest {
  readonly recordId: RecordId
  readonly logIndex: number
  readonly customerNo: number
  /** Position in the customer's ledger, from 1. */
  readonly sequenceNumber: number
  /** The customer's balance after it. */
  readonly balance: Amount
  readonly createdAt: Timestamp
  /** Leaf of the customer's tree, 32 bytes. */
  readonly itemHash: Uint8Array
  /** Root of the customer's tree after it, 32 bytes. */
  readonly itemsRoot: Uint8Array
  readonly previousProofHash: Hex
  /** The recordId of the delta that it corrects. */
  readonly adjustsRecordId: RecordId | null
  /** First 16 bytes of SHA-256 over tenant and Idempotency-Key, where one was sent. */
  readonly keyDigest: Uint8Array | null
}

/** A row of the view `stored_delta`. */
export interface StoredDelta {
  readonly log_index: number
  readonly created_at: Timestamp
  readonly tenant_id: number
  readonly customer_no: number
  readonly seq: number
  readonly record_nonce: Buffer
  readonly items_root: Buffer
  readonly nodes: Buffer | null
  readonly amount: string
  readonly balance: string
  readonly reason: string
  readonly reference_id: string | null
  /** As text: 64 bits do not fit a number. */
  readonly reference_hash: string | null
  readonly metadata: string | null
  readonly key_digest: Buffer | null
  readonly adjusts_record_id: RecordId | null
  readonly adjusts_reference_id: string | null
  readonly customer_id: string
  readonly previous_root: Buffer | null
}

/** The delta of a stored row; its hashes are recomputed from the content, not read. */
export function deltaOfRow(row: StoredDelta): Delta {
  const request = requestOf({
    customerId: row.customer_id,
    delta: amountOfNumeric(row.amount),
    reason: row.reason,
    referenceId: row.reference_id,
    metadata: row.metadata,
    adjusts: sentAdjusts(row.adjusts_record_id, row.adjusts_reference_id),
  })
  return completeDelta(request, {
    logIndex: row.log_index,
    nonce: row.record_nonce,
    customerNo: row.customer_no,
    sequenceNumber: row.seq,
    balance: amountOfNumeric(row.balance),
    createdAt: row.created_at,
    previousRoot: row.previous_root,
    itemsRoot: row.items_root,
    adjustsRecordId: row.adjusts_record_id,
    keyDigest: row.key_digest,
  })
}

/** What the ledger adds to a request. `previousRoot`: null for a customer's first delta. */
export interface Position {
  readonly logIndex: number
  readonly nonce: Uint8Array
  readonly customerNo: number
  readonly sequenceNumber: number
  readonly balance: Amount
  readonly createdAt: Timestamp
  readonly previousRoot: Uint8Array | null
  readonly adjustsRecordId: RecordId | null
  readonly keyDigest: Uint8Array | null
}

/** A delta up to its leaf: the root that the leaf leads to is the caller's to compute. */
export type Leaf = Omit<Delta, 'itemsRoot'>

/** Record and leaf hash of a request at its position (product.md §5.2, §5.3). */
export function leafOf(request: DeltaRequest, position: Position): Leaf {
  const recordId = recordIdOf(position.logIndex, position.nonce)
  const previousProofHash = position.previousRoot === null ? ZERO_HASH : toHex(position.previousRoot)
  const record = recordText({
    recordId,
    customerId: request.customerId,
    sequenceNumber: position.sequenceNumber,
    delta: formatAmount(request.delta),
    balance: formatAmount(position.balance),
    contentHash: request.contentHash,
    previousProofHash,
    createdAt: position.createdAt,
    adjusts: position.adjustsRecordId,
    request: position.keyDigest === null ? null : requestHash(recordId, position.keyDigest),
  })
  return {
    customerId: request.customerId,
    delta: request.delta,
    reason: request.reason,
    referenceId: request.referenceId,
    metadata: request.metadata,
    adjusts: request.adjusts,
    recordId,
    logIndex: position.logIndex,
    customerNo: position.customerNo,
    sequenceNumber: position.sequenceNumber,
    balance: position.balance,
    createdAt: position.createdAt,
    contentHash: request.contentHash,
    itemHash: itemHash(record),
    previousProofHash,
    adjustsRecordId: position.adjustsRecordId,
    keyDigest: position.keyDigest,
  }
}

function completeDelta(
  request: DeltaRequest,
  position: Position & { readonly itemsRoot: Uint8Array },
): Delta {
  return { ...leafOf(request, position), itemsRoot: position.itemsRoot }
}

/** How a correction was named when it was sent: by reference if one was kept, else by recordId. */
export function sentAdjusts(recordId: RecordId | null, referenceId: string | null): SentAdjusts | null {
  if (recordId === null) return null
  return referenceId === null ? { recordId } : { referenceId }
}
