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
import { type OpenInvitation, requireInvitation, spendInvitation } from '../team/front-door.ts'
import { findUserByEmail, insertTenant, insertUser, type NewUser } from './accounts.sql.ts'
import { emailKey, parseEmail } from './email-address.ts'
import { hashPassword } from './password-hash.ts'
import { checkPassword } from './password-policy.ts'
import { parseName } from './person-name.ts'
import { checkThrottle, countAttempt, recipientRule, senderRule } from './throttle.ts'

/** Where the new person belongs: a tenant of their own, or the one that invited them. */
type Place =
  | { readonly companyName: string; readonly invitation?: undefined }
  | { readonly companyName: string; readonly invitation: OpenInvitation }

/**
 * Creates an account: a user (owner), a tenant on the Free plan, its Sandbox contract, the mail that verifies the address
 * and the jobs that provision and send, all in one transaction; with an invitation, a user in the inviting tenant. Public.
 * When it answers, all of that is durable. A taken address gets the same answer, of fresh random ids, after the same work,
 * and its owner a mail; so the answer tells nobody who has an account (product.md §4, check A-3).
 */
export const register = implement(definition, async ({ input, request }, context) => {
  const { db, clock, randomBytes, hashing } = context
  const { password } = input.body
  const email = parseEmail(input.body.email)
  const firstName = parseName('/firstName', input.body.firstName)
  const lastName = parseName('/lastName', input.body.lastName)
  const place = await placeOf(input.body, emailKey(email), context)
  checkPassword(password, { email, companyName: place.companyName })

  const rules = [recipientRule(emailKey(email)), senderRule(request.remoteAddress)]
  await checkThrottle(db, clock, rules)
  const passwordHash = await hashing.run((hasher) => hashPassword(hasher, password, randomBytes))
  await countAttempt(db, clock, rules)

  const user: NewUser = {
    id: newId('usr', randomBytes),
    tenantId: place.invitation?.tenantId ?? newId('tnt', randomBytes),
    email,
    emailKey: emailKey(email),
    firstName,
    lastName,
    passwordHash,
    role: place.invitation?.role ?? 'owner',
    createdAt: timestampOf(clock.now()),
  }
  await transaction(db, (tx) => createAccount(tx, user, place, request, context))
  const { id, tenantId } = user
  return { id, email, name: `${firstName} ${lastName}`, isVerified: false as const, tenantId }
})

/** Raises VALIDATION_ERROR unless exactly one of the two is named, and INVALID_INVITATION. */
async function placeOf(
  body: { readonly companyName?: string; readonly invitationToken?: string },
  key: string,
  context: ControlPlaneContext,
): Promise<Place> {
  const { companyName, invitationToken } = body
  if (invitationToken === undefined) {
    if (companyName === undefined) throw validationProblem('/companyName', 'is required')
    return { companyName: parseName('/companyName', companyName) }
  }
  if (companyName !== undefined)
    throw validationProblem('/companyName', 'must not be sent with an invitation')
  const invitation = await requireInvitation(context, invitationToken, key)
  return { companyName: invitation.companyName, invitation }
}

/**
 * The user comes last, and what was written for a taken address is rolled back: both ways do the same statements, so
 * that their times say nothing.
 */
async function createAccount(
  tx: Tx,
  user: NewUser,
  { companyName, invitation }: Place,
  request: RequestFacts,
  context: ControlPlaneContext,
): Promise<void> {
  const { id, tenantId, role, createdAt } = user
  await tx.query('savepoint account')
  if (invitation === undefined) {
    await insertTenant(tx, { id: tenantId, companyName, createdAt })
    await startFreePlan(tx, tenantId, createdAt)
    await requestProvisioning(tx, { tenantId, environment: 'sandbox' }, context)
  } else {
    await spendInvitation(tx, invitation, createdAt)
  }
  const action = invitation === undefined ? 'account.registered' : 'member.joined'
  await audit(tx, { tenantId, actor: id, action, target: id, details: { role }, request }, context)
  const isFree = await insertUser(tx, user)
  await tx.query(isFree ? 'release savepoint account' : 'rollback to savepoint account')
  const holder = await findUserByEmail(tx, user.emailKey)
  if (holder === undefined) throw new Error('the address was freed while it was being registered')
  await queueMail(tx, { kind: isFree ? 'verify_email' : 'address_taken', userId: holder.id, createdAt })
}
