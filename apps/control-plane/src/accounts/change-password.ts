import { changePassword as definition } from '@pacspace/api/definition/passwords'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { hashPassword, verifyPassword } from './password-hash.ts'
import { checkPassword } from './password-policy.ts'
import { endPasswordResets, findPasswordOwner, replacePassword } from './passwords.sql.ts'
import { endedSessionCookie } from './session-cookie.ts'
import { checkThrottle, countAttempt, passwordRule, resetThrottle } from './throttle.ts'

/**
 * Changes the own password; the current one is asked again, since a stolen token must not be enough (check A-17). Ends every
 * session, this one too, makes reset links void and tells the owner by mail. Any role. A wrong current password is a 400:
 * on a 401 clients log in again and repeat (authentication page, "Token Lifecycle").
 */
export const changePassword = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock, hashing, randomBytes, publicUrl } = context
  const { userId, tenantId } = principal
  const { currentPassword, newPassword } = input.body
  const owner = await findPasswordOwner(db, userId)
  if (owner === undefined) throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
  const rule = passwordRule(userId)
  const isRight = await hashing.run(async (hasher) => {
    await checkThrottle(db, clock, [rule])
    if (await verifyPassword(hasher, owner.passwordHash, currentPassword)) return true
    await countAttempt(db, clock, [rule])
    return false
  })
  if (!isRight) throw wrongPassword()
  checkPassword(newPassword, owner, '/newPassword')
  const newHash = await hashing.run((hasher) => hashPassword(hasher, newPassword, randomBytes))

  const now = timestampOf(clock.now())
  await transaction(db, async (tx) => {
    const isReplaced = await replacePassword(tx, { userId, oldHash: owner.passwordHash, newHash })
    if (!isReplaced) throw wrongPassword() // changed meanwhile
    await endPasswordResets(tx, userId, now)
    await resetThrottle(tx, rule)
    await audit(tx, { tenantId, actor: userId, action: 'password.changed', target: userId, request }, context)
    await queueMail(tx, { kind: 'password_changed', userId, createdAt: now })
  })
  return answer({}, { cookies: [endedSessionCookie(publicUrl)] })
})

function wrongPassword(): Problem {
  return validationProblem('/currentPassword', 'is wrong')
}
