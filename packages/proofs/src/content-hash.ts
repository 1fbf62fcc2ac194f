/** The hash of what a tenant sent: either side can recompute it from its own books (product contract §5.1). */
import { type Hex, toHex } from './hex.ts'
import { quoteJson } from './jcs.ts'
import { sha256Text } from './sha256.ts'

/** Which committed delta this one corrects, exactly as the tenant named it. */
export type SentAdjusts = { readonly recordId: string } | { readonly referenceId: string }

/** A delta as sent. Absent, undefined and null are the same: the member is left out of the hash. */
export interface SentDelta {
  readonly customerId: string
  /** Canonical decimal text, for example `-0.25`. */
  readonly delta: string
  readonly reason: string
  readonly referenceId?: string | null | undefined
  readonly adjusts?: SentAdjusts | null | undefined
  /** The RFC 8785 **text** of the metadata object, as `canonicalJson` gives it and the database keeps it. */
  readonly metadata?: string | null | undefined
}

/**
 * The canonical JSON that `contentHash` covers: JCS(`{adjusts, customerId, delta, metadata, reason, referenceId}`).
 * Written out member by member in RFC 8785 order: sorting and walking a generic object costs three times as much.
 * A property test holds it equal to `canonicalJson`. Throws `ILL_FORMED_STRING` for a lone surrogate.
 */
export function contentText(sent: SentDelta): string {
  const { adjusts, metadata, referenceId } = sent
  const adjustsMember = adjusts == null ? '' : `"adjusts":${adjustsText(adjusts)},`
  const metadataMember = metadata == null ? '' : `"metadata":${metadata},`
  const referenceMember = referenceId == null ? '' : `,"referenceId":${quoteJson(referenceId)}`
  return (
    `{${adjustsMember}"customerId":${quoteJson(sent.customerId)},"delta":${quoteJson(sent.delta)},` +
    `${metadataMember}"reason":${quoteJson(sent.reason)}${referenceMember}}`
  )
}

/** SHA-256 of `contentText`, as `0x` + hex. */
export function contentHash(sent: SentDelta): Hex {
  return toHex(sha256Text(contentText(sent)))
}

/** Hash of a fact's content alone, as the Advanced API names it: `sha256_` + hex (product contract §3). */
export function factContentHash(content: string): string {
  return `sha256_${toHex(sha256Text(content)).slice(2)}`
}

function adjustsText(adjusts: SentAdjusts): string {
  return 'recordId' in adjusts
    ? `{"recordId":${quoteJson(adjusts.recordId)}}`
    : `{"referenceId":${quoteJson(adjusts.referenceId)}}`
}
