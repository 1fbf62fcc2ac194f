import { canonicalJson } from '@pacspace/proofs/jcs'
import type { Claims } from './claims.ts'

/** The members of a delta that its proof has to bear out: those of the server's answer, or of a receipt. */
export interface ShownDelta {
  readonly recordId: string
  readonly customerId: string
  readonly sequenceNumber: number
  readonly delta: string
  readonly reason: string
  readonly referenceId: string | null
  readonly metadata: unknown
  readonly adjusts: string | null
  readonly contentHash: string
  readonly itemHash: string
  readonly receiptId: string
}

/**
 * What a page shows of a delta, to be held against its proof. `adjustedReference`: the referenceId of the delta that it corrects; a
 * correction is hashed with the name by which it was sent, and only the tenant knows whether that was the record or the reference.
 */
export function claimsOf(shown: ShownDelta, adjustedReference?: string | null): Claims {
  const { recordId, customerId, sequenceNumber, delta, contentHash, itemHash, receiptId, adjusts } = shown
  const content = {
    customerId,
    delta,
    reason: shown.reason,
    referenceId: shown.referenceId,
    metadata: shown.metadata === null ? null : canonicalJson(shown.metadata),
  }
  const contents =
    adjusts === null
      ? [content]
      : [
          { ...content, adjusts: { recordId: adjusts } },
          ...(adjustedReference == null ? [] : [{ ...content, adjusts: { referenceId: adjustedReference } }]),
        ]
  return { recordId, customerId, sequenceNumber, delta, contentHash, itemHash, root: receiptId, contents }
}
