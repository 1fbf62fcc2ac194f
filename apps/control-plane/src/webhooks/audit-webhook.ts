import type { Environment } from '@pacspace/api/environment'
import type { WebhookId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { Tx } from '@pacspace/service/postgres'
import { findProfile } from '../accounts/front-door.ts'
import { type AuditEntry, audit } from '../audit/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { queueNotice } from '../mail/front-door.ts'

/** What a person did to a webhook endpoint. */
interface WebhookChange {
  readonly principal: UserPrincipal
  readonly request: RequestFacts
  readonly action: Extract<AuditEntry['action'], `webhook.${string}`>
  readonly environment: Environment
  readonly endpointId: WebhookId
  readonly details?: AuditEntry['details']
}

/** Changes that owners are mailed about, and whoever made them: a secret was made or has ended (check A-17). */
const MAILED: Partial<Record<WebhookChange['action'], 'created' | 'secret_rotated' | 'deleted'>> = {
  'webhook.created': 'created',
  'webhook.secret_rotated': 'secret_rotated',
  'webhook.deleted': 'deleted',
}

/**
 * Notes in the activity log, and tells owners by mail, what was done to an endpoint, in the caller's transaction, after its
 * plane has done it (`auditedChange`).
 */
export async function auditWebhook(
  tx: Tx,
  change: WebhookChange,
  context: ControlPlaneContext,
): Promise<void> {
  const { principal, request, action, environment, endpointId, details = {} } = change
  const { tenantId, userId } = principal
  const entry = { tenantId, actor: userId, action, environment, target: endpointId, request, details }
  await audit(tx, entry, context)
  const told = MAILED[action]
  if (told === undefined) return
  const person = await findProfile(tx, userId)
  const by = person === undefined ? null : `${person.firstName} ${person.lastName}`
  const createdAt = timestampOf(context.clock.now())
  const notice = { change: told, endpointId, environment, by }
  await queueNotice(tx, { tenantId, kind: 'webhook', details: notice, createdAt, alsoTo: userId })
}
