import { revokeInvitation as definition } from '@pacspace/api/definition/team'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { endInvitation, findOpenInvitation } from './team.sql.ts'
import { requireOwnerFor } from './team-role.ts'

/** Withdraws an open invitation: its link is worth nothing from then on. Admins; one to an owner's place takes an owner. */
export const revokeInvitation = implement(definition, async ({ principal, input, request }, context) => {
  const { db, clock } = context
  const { tenantId, userId } = principal
  const now = timestampOf(clock.now())
  return await transaction(db, async (tx) => {
    const invitation = await findOpenInvitation(tx, tenantId, input.params.invitationId, now)
    if (invitation === undefined) throw new Problem('NOT_FOUND')
    requireOwnerFor(principal.role, invitation.role)
    if (!(await endInvitation(tx, invitation.id, now))) throw new Problem('NOT_FOUND')
    await audit(
      tx,
      { tenantId, actor: userId, action: 'member.invitation_revoked', target: invitation.id, request },
      context,
    )
    return invitation
  })
})
