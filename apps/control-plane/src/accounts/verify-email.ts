import { verifyEmail as definition } from '@pacspace/api/definition/accounts'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { spendVerificationToken } from './accounts.sql.ts'
import { tokenHashOf } from './verification-token.ts'

/**
 * Marks an e-mail address as verified with the token that was mailed to it; the token is then spent. Public. The mail
 * links to a page, and only that page's click calls this, so that mail scanners spend nothing (check A-11).
 */
export const verifyEmail = implement(definition, async ({ input }, { db, clock }) => {
  const isSpent = await spendVerificationToken(db, tokenHashOf(input.query.token), timestampOf(clock.now()))
  if (!isSpent) throw new Problem('INVALID_VERIFICATION_TOKEN')
  return { isVerified: true as const }
})
