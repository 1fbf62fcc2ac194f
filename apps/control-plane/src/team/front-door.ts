/** What other capabilities may use of team. */
export { type OpenInvitation, openInvitationMail, requireInvitation, spendInvitation } from './invitation.ts'
