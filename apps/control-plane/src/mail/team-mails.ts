import type { Role } from '@pacspace/api/endpoint'
import { asName, type MailText, mailOf } from './mail-body.ts'

/** The mail that offers a place in a tenant. It goes to somebody who may never have heard of us. */
export function invitationMail(invitation: {
  readonly companyName: string
  readonly invitedBy: string
  readonly role: Role
  readonly token: string
  readonly publicUrl: string
}): MailText {
  const { role, token, publicUrl } = invitation
  const company = asName(invitation.companyName, 'their company')
  const person = asName(invitation.invitedBy, 'A colleague')
  return mailOf({
    subject: 'You are invited to a PacSpace team',
    blocks: [
      `${person} invites you to join ${company} on PacSpace as ${role}.`,
      { label: 'Accept the invitation', link: `${publicUrl}/accept-invitation?token=${token}` },
      'The link works once, within 7 days. If you do not know what this is about, ignore this mail.',
    ],
  })
}

/** Told to a member whose role was changed. */
export function roleChangedMail(change: {
  readonly firstName: string
  readonly companyName: string
  readonly oldRole: string
  readonly newRole: string
  readonly publicUrl: string
}): MailText {
  return mailOf({
    subject: 'Your role on PacSpace was changed',
    firstName: change.firstName,
    blocks: [
      `Your role at ${asName(change.companyName, 'your company')} is now ${change.newRole}; it was ${change.oldRole}.`,
      'Log in again to go on.',
      { label: 'Log in', link: `${change.publicUrl}/login` },
    ],
  })
}

/** Told to somebody who was removed. */
export function memberRemovedMail(removal: {
  readonly firstName: string
  readonly companyName: string
}): MailText {
  return mailOf({
    subject: 'You were removed from a PacSpace team',
    firstName: removal.firstName,
    blocks: [
      `You are no longer a member of ${asName(removal.companyName, 'your company')} on PacSpace.`,
      'If that was a mistake, ask an owner or admin of the team to invite you again.',
    ],
  })
}
