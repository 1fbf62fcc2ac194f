import type { Role } from '@pacspace/api/endpoint'
import type { InvitationId, TenantId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Tx } from '@pacspace/service/postgres'
import { newMailedToken, tokenHashOf } from '../accounts/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { endInvitation, findInvitationByToken, setInvitationToken } from './team.sql.ts'

/** How long an invitation may be accepted. */
export const INVITATION_MS = 7 * 24 * 60 * 60 * 1000

/** An invitation whose token was shown, by the person it is for. */
export interface OpenInvitation {
  readonly id: InvitationId
  readonly tenantId: TenantId
  readonly companyName: string
  readonly role: Role
}

/**
 * The invitation that a mailed token belongs to. `emailKey`: of the person who shows it; a token is worth nothing to
 * anybody else. Raises INVALID_INVITATION.
 */
export async function requireInvitation(
  { db, clock }: Pick<ControlPlaneContext, 'db' | 'clock'>,
  token: string,
  emailKey: string,
): Promise<OpenInvitation> {
  const found = await findInvitationByToken(db, tokenHashOf(token), timestampOf(clock.now()))
  if (found === undefined || found.emailKey !== emailKey) throw new Problem('INVALID_INVITATION')
  const { id, tenantId, companyName, role } = found
  return { id, tenantId, companyName, role }
}

/** Accepts an invitation in the caller's transaction; of two who do, one. Raises INVALID_INVITATION. */
export async function spendInvitation(tx: Tx, { id }: OpenInvitation, now: Timestamp): Promise<void> {
  if (!(await endInvitation(tx, id, now))) throw new Problem('INVALID_INVITATION')
}

/** What the mail of an invitation says, with a fresh token, which makes an earlier one void; undefined if it is closed. */
export async function openInvitationMail(
  { db, clock, randomBytes }: Pick<ControlPlaneContext, 'db' | 'clock' | 'randomBytes'>,
  id: InvitationId,
): Promise<
  | {
      readonly email: string
      readonly role: Role
      readonly companyName: string
      readonly invitedBy: string
      readonly token: string
    }
  | undefined
> {
  const token = newMailedToken(randomBytes)
  const invitation = await setInvitationToken(db, id, tokenHashOf(token), timestampOf(clock.now()))
  return invitation === undefined ? undefined : { ...invitation, token }
}
