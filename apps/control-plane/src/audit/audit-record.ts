import type { AuditAction } from '@pacspace/api/audit-action'
import type { AuditDetails } from '@pacspace/api/definition/activity'
import type { Environment } from '@pacspace/api/environment'
import type { AuditEntryId, TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import { utf8Bytes } from '@pacspace/proofs/bytes'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { leafHash } from '@pacspace/proofs/merkle'

/** An entry as it is stored. */
export interface StoredEntry {
  readonly id: AuditEntryId
  readonly tenantId: TenantId
  readonly actorKind: 'user' | 'operator' | 'system' | 'unknown'
  /** Beside `user` only. */
  readonly actorId: UserId | null
  readonly action: AuditAction
  readonly target: string
  readonly environment: Environment | null
  readonly details: AuditDetails
  readonly address: string | null
  readonly requestId: string | null
  readonly createdAt: Timestamp
}

/**
 * The text that the log commits to: canonical JSON (RFC 8785) of every stored member, nulls included, and the version of
 * this form. Its 130 random bits of id keep it from being guessed.
 */
export function recordOf(entry: StoredEntry): string {
  const { id, tenantId, actorKind, actorId, action, target, environment } = entry
  const { details, address, requestId, createdAt } = entry
  return canonicalJson({
    v: 1,
    id,
    tenantId,
    actorKind,
    actorId,
    action,
    target,
    environment,
    details,
    address,
    requestId,
    createdAt,
  })
}

/** Leaf of the log: SHA-256(0x00 ‖ record), 32 bytes (RFC 6962 §2.1). */
export function leafOf(entry: StoredEntry): Uint8Array {
  return leafHash(utf8Bytes(recordOf(entry)))
}
