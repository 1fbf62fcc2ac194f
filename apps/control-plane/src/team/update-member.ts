import { updateMember as definition } from '@pacspace/api/definition/team'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { queueMail } from '../mail/front-door.ts'
import { findCompanyName, findMember, lockTeam, updateRole } from './team.sql.ts'
import { memberAnswer, requireOtherOwner, requireOwnerFor } from './team-role.ts'

/**
 * Gives a member another role. Admins; to and from owner takes an owner, and the last owner stays one. Ends the member's
 * sessions (check A-14) and tells them by mail. The role they have already changes nothing.
 */
export const updateMember = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock } = context
  const { tenantId, userId } = principal
  const { role } = input.body
  return await transaction(db, async (tx) => {
    await lockTeam(tx, tenantId)
    const member = await findMember(tx, tenantId, input.params.userId)
    if (member === undefined) throw new Problem('NOT_FOUND')
    requireOwnerFor(principal.role, member.role, role)
    if (member.role === role) return memberAnswer(member)
    await requireOtherOwner(tx, tenantId, member)
    await updateRole(tx, member.id, role)
    const change = { oldRole: member.role, newRole: role }
    const entry = { tenantId, actor: userId, action: 'member.role_changed', request } as const
    await audit(tx, { ...entry, target: member.id, details: change }, context)
    await queueMail(tx, {
      kind: 'role_changed',
      userId: member.id,
      createdAt: timestampOf(clock.now()),
      details: { companyName: await findCompanyName(tx, tenantId), ...change },
    })
    return memberAnswer({ ...member, role })
  })
})
