/**
 * What the activity log tells (product.md §4, check K20): every change of accounts, keys, members, webhooks, plans and
 * environments. A name is API and part of what is signed: never renamed, never reused.
 */
export const auditActions = [
  'account.registered',
  'account.email_verified',
  'account.updated',
  'session.started',
  'session.refused',
  'session.ended',
  'session.all_ended',
  'password.changed',
  'password.reset',
  'tenant.updated',
  'member.invited',
  'member.invitation_revoked',
  'member.joined',
  'member.role_changed',
  'member.removed',
  'member.left',
  'environment.requested',
  'environment.activated',
  'environment.failed',
  'key.created',
  'key.updated',
  'key.rotated',
  'key.revoked',
  'customer.created',
  'checkpoint.taken',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.secret_rotated',
  'webhook.disabled',
  'plan.changed',
  'plan.cancelled',
  'delta.voided',
] as const

export type AuditAction = (typeof auditActions)[number]
