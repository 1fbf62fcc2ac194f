import { METADATA_DEPTH_MAX } from '@pacspace/api/field'
import type { Hex } from '@pacspace/proofs/hex'
import { toHex } from '@pacspace/proofs/hex'
import { parseJson } from '@pacspace/proofs/parse-json'
import type { Delta } from './delta.ts'

export type DeltaStatus = 'QUEUED' | 'PROCESSING' | 'VERIFIED' | 'FAILED'

/** How far a log is: which deltas are integrated, verified, or damaged. */
export interface LogProgress {
  readonly tree_size: number
  readonly verified_size: number
  readonly first_failed_index: number | null
}

/** The status of a delta is derived from its position, never stored (design.md §4.2). */
export function statusOf(logIndex: number, progress: LogProgress): DeltaStatus {
  const failed = progress.first_failed_index
  if (failed !== null && logIndex >= failed) return logIndex === failed ? 'FAILED' : 'PROCESSING'
  if (logIndex < progress.verified_size) return 'VERIFIED'
  return logIndex < progress.tree_size ? 'PROCESSING' : 'QUEUED'
}

/** The members that emit and status share, of a delta in the given status. */
export function emittedDelta(delta: Delta, status: DeltaStatus) {
  return {
    recordId: delta.recordId,
    anchorId: `a_${delta.logIndex}` as const,
    receiptId: toHex(delta.itemsRoot),
    customerId: delta.customerId,
    delta: delta.delta,
    reason: delta.reason,
    referenceId: delta.referenceId,
    metadata: metadataOf(delta.metadata),
    adjusts: delta.adjustsRecordId,
    sequenceNumber: delta.sequenceNumber,
    contentHash: delta.contentHash,
    itemHash: toHex(delta.itemHash),
    previousProofHash: delta.previousProofHash,
    status,
    createdAt: delta.createdAt,
  }
}

/** A delta as lists show it. */
export function listedDelta(delta: Delta, status: DeltaStatus) {
  const itemsRoot: Hex = toHex(delta.itemsRoot)
  return {
    anchorId: `a_${delta.logIndex}` as const,
    recordId: delta.recordId,
    sequenceNumber: delta.sequenceNumber,
    itemHash: toHex(delta.itemHash),
    itemsRoot,
    receiptId: itemsRoot,
    delta: delta.delta,
    reason: delta.reason,
    referenceId: delta.referenceId,
    window: delta.createdAt.slice(0, 7),
    status,
    createdAt: delta.createdAt,
  }
}

/** Metadata is kept as its canonical text; validated when it came in, so it is an object. Not `JSON.parse`: see `parseJson`. */
function metadataOf(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (parseJson(text, METADATA_DEPTH_MAX) as Record<string, unknown>)
}
