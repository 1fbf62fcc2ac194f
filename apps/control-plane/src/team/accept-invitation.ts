import { acceptInvitation as definition } from '@pacspace/api/definition/team'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { endedSessionCookie } from '../accounts/front-door.ts'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { requireInvitation, spendInvitation } from './invitation.ts'
import { findMember, findPerson, lockTeam, moveUser } from './team.sql.ts'
import { requireOtherOwner } from './team-role.ts'

/**
 * Takes the place that an invitation offers. Anybody who is logged in with the invited address; who has no account yet
 * registers with the token instead. A person belongs to one tenant: they leave the one they are in, which its last owner
 * cannot. Ends every session, since the role changes. Both tenants' activity tells it.
 */
export const acceptInvitation = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock, publicUrl } = context
  const { userId, tenantId } = principal
  const person = await findPerson(db, userId)
  if (person === undefined)
    throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
  const invitation = await requireInvitation(context, input.body.token, person.emailKey)
  if (invitation.tenantId === tenantId) throw new Problem('ALREADY_MEMBER')

  const { role, companyName } = invitation
  await transaction(db, async (tx) => {
    await lockTeam(tx, tenantId)
    const member = await findMember(tx, tenantId, userId)
    if (member === undefined) throw new Problem('INVALID_TOKEN', { internal: 'moved during the request' })
    await requireOtherOwner(tx, tenantId, member)
    await spendInvitation(tx, invitation, timestampOf(clock.now()))
    await moveUser(tx, { userId, tenantId: invitation.tenantId, role })
    const entry = { actor: userId, target: userId, request } as const
    await audit(tx, { ...entry, tenantId, action: 'member.left' }, context)
    await audit(
      tx,
      { ...entry, tenantId: invitation.tenantId, action: 'member.joined', details: { role } },
      context,
    )
  })
  return answer(
    { tenantId: invitation.tenantId, companyName, role },
    { cookies: [endedSessionCookie(publicUrl)] },
  )
})
