import { resetPassword as definition } from '@pacspace/api/definition/passwords'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { tokenHashOf } from './mailed-token.ts'
import { hashPassword } from './password-hash.ts'
import { checkPassword } from './password-policy.ts'
import { endPasswordResets, findOwnerByReset, replacePassword, spendPasswordReset } from './passwords.sql.ts'
import { accountRule, resetThrottle } from './throttle.ts'

/**
 * Sets a new password with a mailed token, which is then spent. Public. Ends every session, makes other tokens void, tells
 * the owner by mail, and logs nobody in (checks ). A password that is refused does not spend the token.
 */
export const resetPassword = implement(definition, async ({ input, request }, context) => {
  const { db, clock, hashing, randomBytes } = context
  const tokenHash = tokenHashOf(input.body.token)
  const owner = await findOwnerByReset(db, tokenHash, timestampOf(clock.now()))
  if (owner === undefined) throw new Problem('INVALID_RESET_TOKEN')
  checkPassword(input.body.password, owner)
  const newHash = await hashing.run((hasher) => hashPassword(hasher, input.body.password, randomBytes))

  const { userId, tenantId, passwordHash: oldHash } = owner
  const now = timestampOf(clock.now())
  await transaction(db, async (tx) => {
    const isSpent = await spendPasswordReset(tx, tokenHash, now)
    if (!isSpent || !(await replacePassword(tx, { userId, oldHash, newHash }))) {
      throw new Problem('INVALID_RESET_TOKEN')
    }
    await endPasswordResets(tx, userId, now)
    await resetThrottle(tx, accountRule(owner.emailKey))
    await audit(tx, { tenantId, actor: userId, action: 'password.reset', target: userId, request }, context)
    await queueMail(tx, { kind: 'password_changed', userId, createdAt: now })
  })
  return {}
})
