import { login as definition } from '@pacspace/api/definition/accounts'
import { newId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { answer, type RequestFacts } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { type ControlPlaneContext, implement } from '../context.ts'
import { findUserByEmail, type LogInRow, recordLogin, updatePasswordHash } from './accounts.sql.ts'
import { emailKey } from './email-address.ts'
import {
  DEVICE_SECONDS,
  rememberDevice,
  type SeenDevice,
  seenDevice,
  throttleRulesOf,
} from './known-device.ts'
import { hashPassword, needsRehash, verifyPassword } from './password-hash.ts'
import { deviceCookie, sessionCookie } from './session-cookie.ts'
import { checkThrottle, countAttempt, resetThrottle, type ThrottleRule } from './throttle.ts'

/**
 * Gives a token for e-mail and password, bare, exactly the six members of the published page; and the same token as a
 * cookie for the dashboard. Public; works before the e-mail is verified. An unknown address costs the same hash and the
 * same statements, so neither answer nor time says whether it has an account (check A-2). Throttled per account and per
 * address, from a known device by itself (check A-1); an attempt that had to wait is not counted.
 */
export const login = implement(definition, async ({ input, request }, context) => {
  const { db, clock, hashing, tokens, publicUrl } = context
  const { password } = input.body
  const account = emailKey(input.body.email)
  const device = seenDevice(account, request, context)
  const rules = await throttleRulesOf(db, clock, account, device, request.remoteAddress)

  // The throttle is asked when it is this attempt's turn to hash: asked before, a burst would pass it as one.
  const user = await hashing.run(async (hasher) => {
    await checkThrottle(db, clock, rules)
    const found = await findUserByEmail(db, account)
    if (await verifyPassword(hasher, found?.passwordHash, password)) return found
    await refuse(found, rules, request, context)
    return undefined
  })
  if (user === undefined) throw new Problem('INVALID_CREDENTIALS')
  await enter(user, rules, device, request, context)
  await renewHash(user, password, context)

  const { id, email, role, isVerified } = user
  const token = await tokens.issue(user)
  const cookies = [
    sessionCookie(publicUrl, token, tokens.lifetimeSeconds),
    deviceCookie(publicUrl, device.cookie, DEVICE_SECONDS),
  ]
  return answer(
    { id, email, name: `${user.firstName} ${user.lastName}`, role, isVerified, token },
    { cookies },
  )
})

/** Counts the attempt and tells the activity log of its account; without one that entry is written too, and rolled back. */
async function refuse(
  found: LogInRow | undefined,
  rules: readonly ThrottleRule[],
  request: RequestFacts,
  context: ControlPlaneContext,
): Promise<void> {
  const { db, clock, randomBytes } = context
  await transaction(db, async (tx) => {
    await countAttempt(tx, clock, rules)
    await tx.query('savepoint entry')
    const tenantId = found?.tenantId ?? newId('tnt', randomBytes)
    const target = found?.id ?? newId('usr', randomBytes)
    await audit(tx, { tenantId, actor: 'unknown', action: 'session.refused', target, request }, context)
    await tx.query(found === undefined ? 'rollback to savepoint entry' : 'release savepoint entry')
  })
}

/**
 * Notes a log-in: the device is known from now on, and its own count is forgotten, but not that of its address, nor, where
 * it was known before, that of strangers who guess at the account.
 */
async function enter(
  user: LogInRow,
  [own]: readonly ThrottleRule[],
  device: SeenDevice,
  request: RequestFacts,
  context: ControlPlaneContext,
): Promise<void> {
  const { db, clock } = context
  const { id, tenantId } = user
  await transaction(db, async (tx) => {
    await rememberDevice(tx, clock, device)
    await recordLogin(tx, id, timestampOf(clock.now()))
    if (own !== undefined) await resetThrottle(tx, own)
    await audit(tx, { tenantId, actor: id, action: 'session.started', target: id, request }, context)
  })
}

/** Hashes anew what was hashed with less than we ask for today (check A-6). */
async function renewHash(user: LogInRow, password: string, context: ControlPlaneContext): Promise<void> {
  if (!needsRehash(user.passwordHash)) return
  const newHash = await context.hashing.run((hasher) => hashPassword(hasher, password, context.randomBytes))
  await updatePasswordHash(context.db, { userId: user.id, oldHash: user.passwordHash, newHash })
}
