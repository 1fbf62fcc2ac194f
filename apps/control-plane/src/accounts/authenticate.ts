import { Problem } from '@pacspace/api/problem'
import type { UserPrincipal } from '@pacspace/service/implement'
import type { Db } from '@pacspace/service/postgres'
import type { AccessTokens } from './access-token.ts'
import { findSession } from './accounts.sql.ts'

/**
 * Who a bearer token speaks for, with the role and state of this moment, not of the log-in. Looked up by primary key at
 * each request and not cached: the dashboard is a person's pace, and so a changed role or ended session counts at once.
 * Raises INVALID_TOKEN (also for a removed user or an ended session) and TOKEN_EXPIRED.
 */
export async function authenticateUser(
  bearer: string,
  { db, tokens }: { readonly db: Db; readonly tokens: AccessTokens },
): Promise<UserPrincipal> {
  const claims = await tokens.verify(bearer)
  const session = await findSession(db, claims.userId, claims.sessionId)
  if (session === undefined || session.isEnded || session.sessionVersion !== claims.sessionVersion)
    throw new Problem('INVALID_TOKEN')
  return {
    kind: 'user',
    userId: claims.userId,
    tenantId: session.tenantId,
    role: session.role,
    isVerified: session.isVerified,
    sessionId: claims.sessionId,
  }
}
