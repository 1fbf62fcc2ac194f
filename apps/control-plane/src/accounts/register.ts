import { register as definition } from '@pacspace/api/definition/accounts'
import { newId } from '@pacspace/api/id'
import { validationProblem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import type { RequestFacts } from '@pacspace/service/implement'
import { type Tx, transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { startFreePlan } from '../billing/front-door.ts'
import { type ControlPlaneContext, implement } from '../context.ts'
import { requestProvisioning } from '../environments/front-door.ts'
import { queueMail } from '../mail/front-door.ts'
import { findUserByEmail, insertTenant, insertUser, type NewUser } from './accounts.sql.ts'
import { emailKey, parseEmail } from './email-address.ts'
import { hashPassword } from './password-hash.ts'
import { checkPassword } from './password-policy.ts'
import { checkThrottle, countAttempt, recipientRule } from './throttle.ts'

/**
 * Creates an account: a user (owner), a tenant on the Free plan, its Sandbox contract, the mail that verifies the address
 * and the jobs that provision and send, all in one transaction. Public. When it answers, all of that is durable.
 * A taken address gets the same answer, of fresh random ids, after the same work, and its owner a mail; so the answer
 * tells nobody who has an account (product.md §4, check A-3).
 */
export const register = implement(definition, async ({ input, request }, context) => {
  const { db, clock, randomBytes, hashing } = context
  const { password } = input.body
  const email = parseEmail(input.body.email)
  const companyName = parseName('/companyName', input.body.companyName)
  const firstName = parseName('/firstName', input.body.firstName)
  const lastName = parseName('/lastName', input.body.lastName)
  checkPassword(password, { email, companyName })

  const rules = [recipientRule(emailKey(email))]
  await checkThrottle(db, clock, rules)
  const passwordHash = await hashing.run(() => hashPassword(password, randomBytes))
  await countAttempt(db, clock, rules)

  const user: NewUser = {
    id: newId('usr', randomBytes),
    tenantId: newId('tnt', randomBytes),
    email,
    emailKey: emailKey(email),
    firstName,
    lastName,
    passwordHash,
    role: 'owner',
    createdAt: timestampOf(clock.now()),
  }
  await transaction(db, (tx) => createAccount(tx, user, companyName, { ...context, request }))
  const { id, tenantId } = user
  return { id, email, name: `${firstName} ${lastName}`, isVerified: false as const, tenantId }
})

/**
 * The user comes last, and what was written for a taken address is rolled back: both ways do the same statements, so
 * that their times say nothing.
 */
async function createAccount(
  tx: Tx,
  user: NewUser,
  companyName: string,
  context: ControlPlaneContext & { readonly request: RequestFacts },
): Promise<void> {
  const { id, tenantId, createdAt } = user
  const { request } = context
  await tx.query('savepoint account')
  await insertTenant(tx, { id: tenantId, companyName, createdAt })
  await startFreePlan(tx, tenantId, createdAt)
  await requestProvisioning(tx, { tenantId, environment: 'sandbox' }, context)
  await audit(tx, { tenantId, actor: id, action: 'account.registered', target: id, request }, context)
  if (await insertUser(tx, user)) {
    await queueMail(tx, { kind: 'verify_email', userId: id, createdAt })
    return
  }
  await tx.query('rollback to savepoint account')
  const owner = await findUserByEmail(tx, user.emailKey)
  if (owner !== undefined) await queueMail(tx, { kind: 'address_taken', userId: owner.id, createdAt })
}

function parseName(path: string, typed: string): string {
  const name = typed.trim()
  if (name === '') throw validationProblem(path, 'must not be blank')
  return name
}
