import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { sha256Text } from '@pacspace/proofs/sha256'
import type { ScopeFields } from '../ledger/front-door.ts'
import type { FoundCheckpoint } from './checkpoint.sql.ts'

/** What one request wants locked. */
export interface CheckpointUnit {
  /** Null: all customers. */
  readonly customerId: string | null
  readonly scope: Pick<ScopeFields, 'period' | 'timePreset' | 'startDate' | 'endDate'>
  readonly mode: string | null
  /** RFC 8785 text. */
  readonly fingerprints: string | null
  readonly keyDigest: Uint8Array | null
}

/** A stretch of time to lock, as the log's time has it. */
export interface Cut {
  readonly cutSize: number
  readonly cutAt: Timestamp
  readonly startAt: Timestamp | null
  readonly endAt: Timestamp | null
  readonly period: string | null
  readonly closed: boolean
}

/** `isReplay`: it stood before, by the same key or because the month was closed; nothing was written. */
export type CheckpointOutcome =
  | { readonly kind: 'done'; readonly checkpoint: FoundCheckpoint; readonly isReplay: boolean }
  | { readonly kind: 'refused'; readonly code: ProblemCode; readonly message?: string }

/** Binds an Idempotency-Key to what was asked for. */
export function checkpointRequestHash(unit: CheckpointUnit): Uint8Array {
  const { customerId, scope, mode, fingerprints } = unit
  return sha256Text(`checkpoint\n${canonicalJson({ customerId, ...scope, mode, fingerprints })}`)
}
