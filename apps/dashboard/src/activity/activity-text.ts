import type { AuditAction } from '@pacspace/api/audit-action'
import type { ActivityEntry } from './activity-queries.ts'

/** What was done, in words that follow the name of who did it. */
export const actionTexts: Readonly<Record<AuditAction, string>> = {
  'account.registered': 'created the account',
  'account.email_verified': 'verified the e-mail address',
  'account.updated': 'changed the own name',
  'session.started': 'logged in',
  'session.refused': 'was refused at log-in',
  'session.ended': 'logged out',
  'session.all_ended': 'ended every session',
  'password.changed': 'changed the password',
  'password.reset': 'reset the password',
  'tenant.updated': 'changed settings of the tenant',
  'member.invited': 'invited somebody',
  'member.invitation_revoked': 'withdrew an invitation',
  'member.joined': 'joined the team',
  'member.role_changed': 'changed a role',
  'member.removed': 'removed a member',
  'member.left': 'left the team',
  'environment.requested': 'asked for an environment',
  'environment.activated': 'activated an environment',
  'environment.failed': 'could not set up an environment',
  'key.created': 'created an API key',
  'key.updated': 'changed an API key',
  'key.rotated': 'rotated an API key',
  'key.revoked': 'revoked an API key',
  'webhook.created': 'added a webhook endpoint',
  'webhook.updated': 'changed a webhook endpoint',
  'webhook.deleted': 'deleted a webhook endpoint',
  'webhook.secret_rotated': 'rotated the secret of a webhook endpoint',
  'webhook.disabled': 'disabled a webhook endpoint',
  'customer.created': 'added a customer',
  'checkpoint.taken': 'took a checkpoint',
  'plan.changed': 'changed the plan',
  'plan.cancelled': 'cancelled the plan',
  'delta.voided': 'made a damaged delta void',
}

/** Who did it: a name, or what it is that has none. */
export function actorText({ kind, id, name }: ActivityEntry['actor']): string {
  switch (kind) {
    case 'user':
      return name ?? id ?? 'Somebody'
    case 'operator':
      return 'An operator'
    case 'system':
      return 'PacSpace'
    case 'unknown':
      return 'Somebody unknown'
    default:
      return kind satisfies never
  }
}

/** What changed, in few words: `role viewer, email a@b.example`. Empty where the action says it all. */
export function detailsText(details: ActivityEntry['details']): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${wordsOf(name)} ${String(value)}`)
    .join(', ')
}

/** `oldRole` as people read it: `old role`. */
export function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
