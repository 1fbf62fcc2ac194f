import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { sha256Text } from '@pacspace/proofs/sha256'

/** What one request wants kept: a content, named by its hash. */
export interface FactUnit {
  readonly content: string
  /** SHA-256 of the content alone, 32 bytes. */
  readonly contentHash: Uint8Array
  /** RFC 8785 text. */
  readonly metadata: string | null
  readonly keyDigest: Uint8Array | null
}

/** A fact that stands in the log. */
export interface KeptFact {
  readonly logIndex: number
  readonly contentHash: Uint8Array
  readonly createdAt: Timestamp
}

/** `isReplay`: the fact stood before, by the same key or by the same content; nothing was written. */
export type FactOutcome =
  | { readonly kind: 'done'; readonly fact: KeptFact; readonly isReplay: boolean }
  | { readonly kind: 'refused'; readonly code: ProblemCode }

/** Binds an Idempotency-Key to content and metadata. */
export function factRequestHash(unit: Pick<FactUnit, 'content' | 'metadata'>): Uint8Array {
  return sha256Text(`fact\n${unit.metadata ?? ''}\n${unit.content}`)
}
