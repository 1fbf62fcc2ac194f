import { createInvitation as definition } from '@pacspace/api/definition/team'
import { newId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import {
  checkThrottle,
  countAttempt,
  emailKey,
  inviterRule,
  parseEmail,
  recipientRule,
} from '../accounts/front-door.ts'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { INVITATION_MS } from './invitation.ts'
import {
  endInvitationTo,
  findPerson,
  insertInvitation,
  isMember,
  lockTeam,
  type NewInvitation,
} from './team.sql.ts'
import { requireOwnerFor } from './team-role.ts'

/**
 * Invites an address to the caller's tenant. Admins with a verified address, since it makes us write to strangers; an
 * owner's place takes an owner. Invitation and mail stand when it answers; an open one to the same address is void. Whether
 * the address has an account elsewhere shows in nothing.
 */
export const createInvitation = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock, randomBytes } = context
  const { tenantId, userId } = principal
  const { role } = input.body
  requireOwnerFor(principal.role, role)
  const email = parseEmail(input.body.email)
  const key = emailKey(email)
  const rules = [recipientRule(key), inviterRule(tenantId)]
  await checkThrottle(db, clock, rules)
  await countAttempt(db, clock, rules)

  const now = clock.now()
  const invitation: NewInvitation = {
    id: newId('inv', randomBytes),
    tenantId,
    email,
    emailKey: key,
    role,
    invitedBy: userId,
    createdAt: timestampOf(now),
    expiresAt: timestampOf(now + INVITATION_MS),
  }
  const { id, createdAt, expiresAt } = invitation
  const invitedBy = await transaction(db, async (tx) => {
    await lockTeam(tx, tenantId)
    if (await isMember(tx, tenantId, key)) throw new Problem('ALREADY_MEMBER')
    await endInvitationTo(tx, tenantId, key, createdAt)
    await insertInvitation(tx, invitation)
    await queueMail(tx, { kind: 'invitation', invitationId: id, createdAt })
    const entry = { tenantId, actor: userId, action: 'member.invited', target: id, request } as const
    await audit(tx, { ...entry, details: { email, role } }, context)
    return (await findPerson(tx, userId))?.name ?? ''
  })
  return { id, email, role, invitedBy, createdAt, expiresAt }
})
