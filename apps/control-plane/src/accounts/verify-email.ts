import { verifyEmail as definition } from '@pacspace/api/definition/accounts'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { spendVerificationToken } from './accounts.sql.ts'
import { tokenHashOf } from './mailed-token.ts'

/**
 * Marks an e-mail address as verified with the token that was mailed to it; the token is then spent. Public. The mail
 * links to a page, and only that page's click calls this, so that mail scanners spend nothing (check A-11).
 */
export const verifyEmail = implement(definition, async ({ input, request }, context) => {
  const { db, clock } = context
  await transaction(db, async (tx) => {
    const tokenHash = tokenHashOf(input.query.token)
    const owner = await spendVerificationToken(tx, tokenHash, timestampOf(clock.now()))
    if (owner === undefined) throw new Problem('INVALID_VERIFICATION_TOKEN')
    const { userId, tenantId } = owner
    await audit(
      tx,
      { tenantId, actor: userId, action: 'account.email_verified', target: userId, request },
      context,
    )
  })
  return { isVerified: true as const }
})
