import { login as definition } from '@pacspace/api/definition/accounts'
import { Problem } from '@pacspace/api/problem'
import { type ControlPlaneContext, implement } from '../context.ts'
import { findUserByEmail, type LogInRow, updatePasswordHash } from './accounts.sql.ts'
import { emailKey } from './email-address.ts'
import { hashPassword, needsRehash, verifyPassword } from './password-hash.ts'
import { accountRule, addressRule, checkThrottle, countAttempt, resetThrottle } from './throttle.ts'

/**
 * Gives a token for e-mail and password, bare, exactly the six members of the published page. Public; works before the
 * e-mail is verified. An unknown address costs a hash as well, so neither answer nor time says whether it has an account
 * (check A-2). Throttled per account and per address; a refused attempt that had to wait is not counted.
 */
export const login = implement(definition, async ({ input, request }, context) => {
  const { db, clock, hashing, tokens } = context
  const { password } = input.body
  const key = emailKey(input.body.email)
  const account = accountRule(key)
  const rules = [account, addressRule(request.remoteAddress)]

  // The throttle is asked when it is this attempt's turn to hash: asked before, a burst would pass it as one.
  const user = await hashing.run(async () => {
    await checkThrottle(db, clock, rules)
    const found = await findUserByEmail(db, key)
    if (await verifyPassword(found?.passwordHash, password)) return found
    await countAttempt(db, clock, rules)
    return undefined
  })
  if (user === undefined) throw new Problem('INVALID_CREDENTIALS')
  await resetThrottle(db, account)
  await renewHash(user, password, context)

  const { id, email, role, isVerified } = user
  return {
    id,
    email,
    name: `${user.firstName} ${user.lastName}`,
    role,
    isVerified,
    token: await tokens.issue(user),
  }
})

/** Hashes anew what was hashed with less than we ask for today (check A-6). */
async function renewHash(user: LogInRow, password: string, context: ControlPlaneContext): Promise<void> {
  if (!needsRehash(user.passwordHash)) return
  const newHash = await context.hashing.run(() => hashPassword(password, context.randomBytes))
  await updatePasswordHash(context.db, { userId: user.id, oldHash: user.passwordHash, newHash })
}
