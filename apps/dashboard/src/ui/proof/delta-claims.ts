import type { SentDelta } from '@pacspace/proofs/content-hash'
import { canonicalJson } from '@pacspace/proofs/jcs'
import type { Claims } from './claims.ts'

/** What was sent, as it is shown. */
export interface ShownContent {
  readonly customerId: string
  readonly delta: string
  readonly reason: string
  readonly referenceId: string | null
  readonly metadata: unknown
  readonly adjusts: string | null
}

/** The members of a delta that its proof has to bear out. */
export interface ShownDelta extends ShownContent {
  readonly recordId: string
  readonly sequenceNumber: number
  readonly contentHash: string
  readonly itemHash: string
  readonly receiptId: string
}

/** What a page shows of a delta, to be held against its proof. `adjustedReference`: see `contentsOf`. */
export function claimsOf(shown: ShownDelta, adjustedReference?: string | null): Claims {
  const { recordId, customerId, sequenceNumber, delta, contentHash, itemHash, receiptId } = shown
  const contents = contentsOf(shown, adjustedReference)
  return { recordId, customerId, sequenceNumber, delta, contentHash, itemHash, root: receiptId, contents }
}

/**
 * The content of a delta in each form in which it may have been sent. `adjustedReference`: the referenceId of the delta that it
 * corrects; a correction is hashed with the name by which it was sent, and only the tenant knows whether that was the record or the
 * reference.
 */
export function contentsOf(shown: ShownContent, adjustedReference?: string | null): readonly SentDelta[] {
  const { customerId, delta, reason, referenceId, metadata, adjusts } = shown
  const content = {
    customerId,
    delta,
    reason,
    referenceId,
    metadata: metadata === null ? null : canonicalJson(metadata),
  }
  if (adjusts === null) return [content]
  const byRecord = { ...content, adjusts: { recordId: adjusts } }
  return adjustedReference == null
    ? [byRecord]
    : [byRecord, { ...content, adjusts: { referenceId: adjustedReference } }]
}
