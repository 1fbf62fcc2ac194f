import { listTeam as definition } from '@pacspace/api/definition/team'
import { implement } from '../context.ts'
import { listMembers } from './team.sql.ts'
import { memberAnswer } from './team-role.ts'

/** The members of the caller's tenant, owners first. Any role. */
export const listTeam = implement(definition, async ({ principal }, { db }) => {
  const members = await listMembers(db, principal.tenantId)
  return { members: members.map(memberAnswer) }
})
