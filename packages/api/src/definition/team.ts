import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Instant, Nullable, Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'
import { Email, MailedToken, RoleName } from './accounts.ts'

export const Member = Type.Object({
  id: IdOf('usr'),
  email: Type.String(),
  name: Type.String(),
  role: RoleName,
  isVerified: Type.Boolean(),
  createdAt: Instant,
  lastLoginAt: Nullable(Instant),
})

export const Invitation = Type.Object({
  id: IdOf('inv'),
  email: Type.String(),
  role: RoleName,
  invitedBy: Type.String(),
  createdAt: Instant,
  expiresAt: Instant,
})

const ByUser = Strict({ userId: Text({ minLength: 1, maxLength: 128 }) })
const ByInvitation = Strict({ invitationId: Text({ minLength: 1, maxLength: 128 }) })

export const listTeam = defineEndpoint({
  id: 'listTeam',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/team',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'The members of this tenant, owners first.',
  success: { status: 200, data: Type.Object({ members: Type.Array(Member) }) },
  problems: [],
})

export const createInvitation = defineEndpoint({
  id: 'createInvitation',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/team/invitations',
  auth: { kind: 'user', role: 'admin', verified: true },
  summary:
    'Invite somebody by mail. Inviting an owner takes an owner. Replaces an open invitation to the same address.',
  body: Strict({ email: Email, role: RoleName }),
  success: { status: 201, data: Invitation, message: 'Invitation sent' },
  problems: ['INSUFFICIENT_PERMISSION', 'RATE_LIMITED', 'ALREADY_MEMBER'],
})

export const listInvitations = defineEndpoint({
  id: 'listInvitations',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/team/invitations',
  auth: { kind: 'user', role: 'viewer' },
  summary: 'Invitations that are open, newest first.',
  success: { status: 200, data: Type.Object({ invitations: Type.Array(Invitation) }) },
  problems: [],
})

export const revokeInvitation = defineEndpoint({
  id: 'revokeInvitation',
  surface: 'dashboard',
  method: 'DELETE',
  path: '/dashboard/team/invitations/:invitationId',
  auth: { kind: 'user', role: 'admin' },
  summary: 'Withdraw an open invitation.',
  params: ByInvitation,
  success: { status: 200, data: Invitation, message: 'Invitation withdrawn' },
  problems: ['NOT_FOUND', 'INSUFFICIENT_PERMISSION'],
})

export const acceptInvitation = defineEndpoint({
  id: 'acceptInvitation',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/team/invitations/accept',
  auth: { kind: 'user', role: 'viewer' },
  summary:
    'Move from the own tenant into the one that invites; ends every session. New people register with the token instead.',
  body: Strict({ token: MailedToken }),
  success: {
    status: 200,
    data: Type.Object({ tenantId: IdOf('tnt'), companyName: Type.String(), role: RoleName }),
    message: 'Invitation accepted. Log in again.',
  },
  problems: ['INVALID_INVITATION', 'ALREADY_MEMBER', 'LAST_OWNER'],
})

export const updateMember = defineEndpoint({
  id: 'updateMember',
  surface: 'dashboard',
  method: 'PATCH',
  path: '/dashboard/team/:userId',
  auth: { kind: 'user', role: 'admin' },
  summary: 'Change the role of a member; ends their sessions. To and from owner takes an owner.',
  params: ByUser,
  body: Strict({ role: RoleName }),
  success: { status: 200, data: Member, message: 'Role changed' },
  problems: ['NOT_FOUND', 'INSUFFICIENT_PERMISSION', 'LAST_OWNER'],
})

export const removeMember = defineEndpoint({
  id: 'removeMember',
  surface: 'dashboard',
  method: 'DELETE',
  path: '/dashboard/team/:userId',
  auth: { kind: 'user', role: 'viewer' },
  summary:
    'Remove a member, which takes an admin, and for an owner an owner; or leave, which anybody may but the last owner.',
  params: ByUser,
  success: { status: 200, data: Member, message: 'Member removed' },
  problems: ['NOT_FOUND', 'INSUFFICIENT_PERMISSION', 'LAST_OWNER'],
})
