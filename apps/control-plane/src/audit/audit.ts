import type { AuditAction } from '@pacspace/api/audit-action'
import type { AuditDetails } from '@pacspace/api/definition/activity'
import type { Environment } from '@pacspace/api/environment'
import { newId, type RandomBytes, type TenantId, type UserId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { RequestFacts } from '@pacspace/service/implement'
import type { Tx } from '@pacspace/service/postgres'
import { insertEntry } from './audit.sql.ts'

/** One thing that was done. */
export interface AuditEntry {
  readonly tenantId: TenantId
  /** The person, by id; or a command on the server, a background step, or somebody who had no right to it. */
  readonly actor: UserId | 'operator' | 'system' | 'unknown'
  readonly action: AuditAction
  /** Id of what it was done to; default the tenant's. */
  readonly target?: string
  readonly environment?: Environment
  /** Names, old and new values; flat, short. Never a secret, never more of a person than the change is about. Default none. */
  readonly details?: AuditDetails
  /** The request that asked for it. Left out by commands and background steps. */
  readonly request?: Pick<RequestFacts, 'id' | 'remoteAddress'>
}

/**
 * Writes what was done into the activity log, in the caller's transaction: it stands if and only if the change stands
 * (check K20). Within a second it is part of the signed tree (`grow-audit-log.ts`). Locks nothing.
 */
export async function audit(
  tx: Tx,
  entry: AuditEntry,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<void> {
  const { tenantId, actor, action, request } = entry
  const isPerson = actor !== 'operator' && actor !== 'system' && actor !== 'unknown'
  await insertEntry(tx, {
    id: newId('aud', randomBytes),
    tenantId,
    actorKind: isPerson ? 'user' : actor,
    actorId: isPerson ? actor : null,
    action,
    target: entry.target ?? tenantId,
    environment: entry.environment ?? null,
    details: entry.details ?? {},
    address: request?.remoteAddress ?? null,
    requestId: request?.id ?? null,
    createdAt: timestampOf(clock.now()),
  })
}
