import { removeMember as definition } from '@pacspace/api/definition/team'
import { roles } from '@pacspace/api/endpoint'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { endedSessionCookie } from '../accounts/front-door.ts'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { findCompanyName, findMember, lockTeam, removeUser } from './team.sql.ts'
import { memberAnswer, requireOtherOwner, requireOwnerFor } from './team-role.ts'

/**
 * Removes a member, or with one's own id leaves. Removing takes an admin, and for an owner an owner; the last owner cannot
 * leave. Their sessions end, their address is free for another account, and they are told by mail. Nothing of the tenant's
 * is deleted: API keys belong to it, not to people.
 */
export const removeMember = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock, publicUrl } = context
  const { tenantId, userId } = principal
  const isSelf = input.params.userId === userId
  const removed = await transaction(db, async (tx) => {
    await lockTeam(tx, tenantId)
    const member = await findMember(tx, tenantId, input.params.userId)
    if (!isSelf && roles.indexOf(principal.role) < roles.indexOf('admin')) {
      throw new Problem('INSUFFICIENT_PERMISSION', { message: 'Removing others needs the role admin.' })
    }
    if (member === undefined) throw new Problem('NOT_FOUND')
    requireOwnerFor(principal.role, member.role)
    await requireOtherOwner(tx, tenantId, member)
    const now = timestampOf(clock.now())
    await removeUser(tx, member.id, now)
    const action = isSelf ? 'member.left' : 'member.removed'
    await audit(tx, { tenantId, actor: userId, action, target: member.id, request }, context)
    const companyName = await findCompanyName(tx, tenantId)
    await queueMail(tx, {
      kind: 'member_removed',
      userId: member.id,
      createdAt: now,
      details: { companyName },
    })
    return member
  })
  return answer(memberAnswer(removed), isSelf ? { cookies: [endedSessionCookie(publicUrl)] } : {})
})
