import { logout as definition } from '@pacspace/api/definition/accounts'
import { timestampOf } from '@pacspace/api/timestamp'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { endAllSessions, insertEndedSession } from './accounts.sql.ts'
import { endedSessionCookie } from './session-cookie.ts'

/**
 * Ends the token that was sent, or with `everywhere` all of this person; from the next request on, in every process. The
 * browser's cookie is deleted either way. Any role.
 */
export const logout = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock, publicUrl } = context
  const { userId, tenantId, sessionId } = principal
  const { everywhere = false } = input.body
  await transaction(db, async (tx) => {
    if (everywhere) await endAllSessions(tx, userId)
    else await insertEndedSession(tx, sessionId, timestampOf(clock.now()))
    const action = everywhere ? 'session.all_ended' : 'session.ended'
    await audit(tx, { tenantId, actor: userId, action, target: userId, request }, context)
  })
  return answer({}, { cookies: [endedSessionCookie(publicUrl)] })
})
