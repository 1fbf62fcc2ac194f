import { listInvitations as definition } from '@pacspace/api/definition/team'
import { timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { listOpenInvitations } from './team.sql.ts'

/** Invitations of the caller's tenant that can still be accepted, newest first. Any role. */
export const listInvitations = implement(definition, async ({ principal }, { db, clock }) => {
  return { invitations: await listOpenInvitations(db, principal.tenantId, timestampOf(clock.now())) }
})
