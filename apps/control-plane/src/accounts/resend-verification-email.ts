import { resendVerificationEmail as definition } from '@pacspace/api/definition/accounts'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { findUserByEmail } from './accounts.sql.ts'
import { emailKey, parseEmail } from './email-address.ts'
import { checkThrottle, countAttempt, recipientRule } from './throttle.ts'

/**
 * Sends the verification mail again, if the address has an account that is not verified. Public: the answer is the same
 * for any address (check A-3). How often is counted by address, known or not.
 */
export const resendVerificationEmail = implement(definition, async ({ input }, { db, clock }) => {
  const key = emailKey(parseEmail(input.body.email))
  const rules = [recipientRule(key)]
  await checkThrottle(db, clock, rules)
  await countAttempt(db, clock, rules)
  await transaction(db, async (tx) => {
    const user = await findUserByEmail(tx, key)
    if (user === undefined || user.isVerified) return
    await queueMail(tx, { kind: 'verify_email', userId: user.id, createdAt: timestampOf(clock.now()) })
  })
  return {}
})
