import type { InvitationId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { KeyNotice, PlanNotice, UsageNotice, WebhookNotice } from './notice-mails.ts'

/** Mails that say the same to everybody: links and warnings about the own account. */
export type AccountMailKind = 'verify_email' | 'address_taken' | 'reset_password' | 'password_changed'

/** What mails of the other kinds tell; stored until they are sent. Names and figures, never a secret. */
export interface MailDetails {
  readonly role_changed: {
    readonly companyName: string
    readonly oldRole: string
    readonly newRole: string
  }
  readonly member_removed: { readonly companyName: string }
  readonly key: KeyNotice
  readonly webhook: WebhookNotice
  readonly usage: UsageNotice
  readonly plan: PlanNotice
}

/** Kinds that tell a tenant's owners what was done. */
export type NoticeKind = 'key' | 'webhook' | 'usage' | 'plan'

/** A mail to a user, whose address of the moment of sending counts. */
export type UserMail = { readonly userId: UserId; readonly createdAt: Timestamp } & (
  | { readonly kind: AccountMailKind }
  | {
      [Kind in keyof MailDetails]: { readonly kind: Kind; readonly details: MailDetails[Kind] }
    }[keyof MailDetails]
)

/** A mail to somebody who is invited. */
export interface InvitationMail {
  readonly kind: 'invitation'
  readonly invitationId: InvitationId
  readonly createdAt: Timestamp
}

export type NewMail = UserMail | InvitationMail
