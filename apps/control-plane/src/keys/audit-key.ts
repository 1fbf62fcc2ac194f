import type { Environment } from '@pacspace/api/environment'
import { timestampOf } from '@pacspace/api/timestamp'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { Tx } from '@pacspace/service/postgres'
import { type AuditEntry, audit } from '../audit/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { queueNotice } from '../mail/front-door.ts'
import { findActorName } from './keys.sql.ts'
import type { ApiKey } from './plane-keys.ts'

/** What a person did to a key. */
interface KeyChange {
  readonly principal: UserPrincipal
  readonly request: RequestFacts
  readonly action: Extract<AuditEntry['action'], `key.${string}`>
  readonly environment: Environment
  readonly key: Pick<ApiKey, 'id' | 'name' | 'publicKey'>
  /** Beside the key's name. */
  readonly details?: AuditEntry['details']
}

/** Changes that owners are mailed about, and whoever made them. */
const MAILED: Partial<Record<KeyChange['action'], 'created' | 'rotated' | 'revoked'>> = {
  'key.created': 'created',
  'key.rotated': 'rotated',
  'key.revoked': 'revoked',
}

/**
 * Notes in the activity log, and tells owners by mail, what was done to a key, in the caller's transaction, after its plane
 * has done it (`auditedChange`).
 */
export async function auditKey(tx: Tx, change: KeyChange, context: ControlPlaneContext): Promise<void> {
  const { principal, request, action, environment, key, details } = change
  const { tenantId, userId } = principal
  const entry = { tenantId, actor: userId, action, environment, target: key.id, request }
  await audit(tx, { ...entry, details: { name: key.name, ...details } }, context)
  const told = MAILED[action]
  if (told === undefined) return
  const by = await findActorName(tx, userId)
  const notice = { change: told, keyName: key.name, publicKey: key.publicKey, environment, by }
  const createdAt = timestampOf(context.clock.now())
  await queueNotice(tx, { tenantId, kind: 'key', details: notice, createdAt, alsoTo: userId })
}
