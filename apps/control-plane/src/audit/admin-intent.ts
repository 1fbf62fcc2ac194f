import { type Environment, environments } from '@pacspace/api/environment'
import { isId, type RandomBytes } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { type Pool, transaction } from '@pacspace/service/postgres'
import { audit } from './audit.ts'
import { insertIntent, takeIntent } from './audit-intent.sql.ts'

/** What an operator is about to do to a tenant's log in a plane, in words. */
export interface IntentWords {
  readonly tenant?: string | undefined
  readonly environment?: string | undefined
  readonly record?: string | undefined
  readonly reason?: string | undefined
  /** Deltas that become void with it, itself included. */
  readonly deltas?: string | undefined
}

/** Words that make no sense; the message tells why. */
export class IntentRefused extends Error {
  override name = 'IntentRefused'
}

/**
 * Keeps on disk that an operator is about to make a delta void, before the plane's database is touched: what was begun and
 * never ended is told by `settleIntents` (docs/decisions/0088). Gives the number to end it with. Throws IntentRefused.
 */
export async function beginVoid(
  words: IntentWords,
  { db, clock }: { readonly db: Pool; readonly clock: Clock },
) {
  const { tenant = '', environment = '', record = '', reason = '', deltas = '' } = words
  if (!isId('tnt', tenant) || !isEnvironment(environment) || !/^[1-9][0-9]*$/.test(deltas))
    throw new IntentRefused('a void is begun by pacspace admin void')
  return await insertIntent(db, {
    tenantId: tenant,
    actorId: 'operator',
    action: 'delta.voided',
    target: record,
    environment,
    details: { reason, deltas: Number(deltas) },
    address: null,
    requestId: null,
    createdAt: timestampOf(clock.now()),
  })
}

/**
 * Ends what was begun: with the entry in the tenant's activity log, in one transaction, or, where nothing was changed,
 * without one. Throws IntentRefused for a number that nobody waits for: the entry is there already, as `unconfirmed`.
 */
export async function endVoid(
  no: number,
  isDone: boolean,
  context: { readonly db: Pool; readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<void> {
  await transaction(context.db, async (tx) => {
    const intent = await takeIntent(tx, no)
    if (intent === undefined) throw new IntentRefused(`nothing was begun under ${no}, or it was settled`)
    if (!isDone) return
    const { tenantId, actorId: actor, action, target, environment, details } = intent
    await audit(tx, { tenantId, actor, action, target, environment, details }, context)
  })
}

function isEnvironment(text: string): text is Environment {
  return environments.some((environment) => environment === text)
}
