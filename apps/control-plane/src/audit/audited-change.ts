import type { Environment } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import { type Tx, transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { type AuditEntry, audit } from './audit.ts'
import { deleteIntent, insertIntent, takeIntents } from './audit-intent.sql.ts'

/** What a person asks a plane to do, as far as it is known before it is done. */
export interface AskedChange {
  readonly principal: UserPrincipal
  readonly request: RequestFacts
  readonly action: AuditEntry['action']
  readonly environment: Environment
  /** Default the tenant's id: what is to be made has none yet. */
  readonly target?: string
  readonly details?: AuditEntry['details']
}

/** Until when somebody may still be at work on an intent: a plane is waited for 5 s, twice at most. */
const UNDER_WAY_MS = 60_000
const INTENTS_AT_ONCE = 100

/**
 * Asks a plane for a change, and writes what it came to into the activity log. Keys, webhooks and customers are the plane's,
 * so no transaction spans both; therefore an intent is on disk before the plane is asked. Whatever dies in between, it is there
 * for `settleIntents`: no change is without an entry. `note` writes the entry, and whatever else belongs to it, in one
 * transaction with the end of the intent. What the plane refuses leaves nothing behind.
 */
export async function auditedChange<Done>(
  asked: AskedChange,
  steps: {
    readonly change: () => Promise<Done>
    readonly note: (tx: Tx, done: Done) => Promise<void>
  },
  { db, clock }: Pick<ControlPlaneContext, 'db' | 'clock'>,
): Promise<Done> {
  const { principal, request, action, environment, target, details = {} } = asked
  const { tenantId, userId } = principal
  const no = await insertIntent(db, {
    tenantId,
    actorId: userId,
    action,
    target: target ?? tenantId,
    environment,
    details,
    address: request.remoteAddress,
    requestId: request.id,
    createdAt: timestampOf(clock.now()),
  })
  const done = await steps.change().catch(async (error: unknown) => {
    if (isRefusal(error)) await deleteIntent(db, no)
    throw error
  })
  await transaction(db, async (tx) => {
    await deleteIntent(tx, no)
    await steps.note(tx, done)
  })
  return done
}

/**
 * Background step, every second: writes an entry for each change that was asked for and never noted, because a process died
 * or the database or the plane was away. Nobody knows whether the plane did it, and the entry says so: `outcome: unconfirmed`.
 * Intent and entry change places in one transaction; if the process dies, the next round does it.
 */
export async function settleIntents(
  context: Pick<ControlPlaneContext, 'db' | 'clock' | 'randomBytes'>,
): Promise<void> {
  const before = timestampOf(context.clock.now() - UNDER_WAY_MS)
  await transaction(context.db, async (tx) => {
    for (const intent of await takeIntents(tx, before, INTENTS_AT_ONCE)) {
      const { tenantId, actorId: actor, action, target, environment, address, requestId } = intent
      const details = { ...intent.details, outcome: 'unconfirmed', askedAt: intent.createdAt }
      const request = requestId === null ? undefined : { id: requestId, remoteAddress: address ?? '' }
      const entry = { tenantId, actor, action, target, environment, details }
      await audit(tx, { ...entry, ...(request && { request }) }, context)
    }
  })
}

/** True where the plane did nothing: it said so, or it never heard of it. Silence and breakage say nothing. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Problem)) return false
  if (error.code === 'SERVICE_UNAVAILABLE') return isNeverSent(error.options.cause)
  return error.code !== 'INTERNAL_ERROR'
}

/** Nobody listened at the plane's address: fetch tells by the cause of its error. */
function isNeverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}
