import { epochMsOf, timestampOf } from '@pacspace/api/timestamp'
import { createResetToken, createVerificationToken } from '../accounts/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { openInvitationMail } from '../team/front-door.ts'
import { addressTakenMail, passwordChangedMail, resetPasswordMail, verifyEmailMail } from './account-mails.ts'
import {
  findUnsentMail,
  markMailSent,
  type PersonalMail,
  recordMailAttempt,
  type UnsentMail,
} from './mail.sql.ts'
import type { MailText } from './mail-body.ts'
import { keyMail, planMail, usageMail, webhookMail } from './notice-mails.ts'
import { nextAttemptMs } from './queue-mail.ts'
import { invitationMail, memberRemovedMail, roleChangedMail } from './team-mails.ts'

/**
 * Background step: sends one mail of the outbox and notes so. If the process dies between the two, it is sent again: twice
 * rather than never. A transport that fails throws, and the job is tried again.
 */
export async function sendMail(mailId: number, context: ControlPlaneContext): Promise<void> {
  const { db, clock } = context
  const mail = await findUnsentMail(db, mailId)
  if (mail === undefined) return
  await recordMailAttempt(db, mailId, timestampOf(nextAttemptMs(epochMsOf(mail.createdAt), clock.now())))
  const letter = await letterOf(mail, context)
  const now = timestampOf(clock.now())
  if (letter !== undefined) await context.sendMail({ ...letter, createdAt: now })
  await markMailSent(db, mailId, now)
}

interface Letter extends MailText {
  readonly to: string
}

/** Undefined when there is nothing left to say. Tokens are made here, so that their clear text never is in the database. */
async function letterOf(mail: UnsentMail, context: ControlPlaneContext): Promise<Letter | undefined> {
  if (mail.kind === 'invitation') {
    const invitation = await openInvitationMail(context, mail.invitationId)
    if (invitation === undefined) return undefined
    return { to: invitation.email, ...invitationMail({ ...invitation, publicUrl: context.publicUrl }) }
  }
  const text = await personalText(mail, context)
  return text === undefined ? undefined : { to: mail.email, ...text }
}

async function personalText(mail: PersonalMail, context: ControlPlaneContext): Promise<MailText | undefined> {
  const { firstName } = mail
  const { publicUrl } = context
  const recipient = { firstName, publicUrl }
  switch (mail.kind) {
    case 'verify_email': {
      if (mail.isVerified) return undefined
      return verifyEmailMail({ ...recipient, token: await createVerificationToken(mail.userId, context) })
    }
    case 'reset_password':
      return resetPasswordMail({ ...recipient, token: await createResetToken(mail.userId, context) })
    case 'address_taken':
      return addressTakenMail(recipient)
    case 'password_changed':
      return passwordChangedMail(recipient)
    case 'role_changed':
      return roleChangedMail({ ...recipient, ...mail.details })
    case 'member_removed':
      return memberRemovedMail({ ...recipient, ...mail.details })
    case 'key':
      return keyMail({ ...recipient, ...mail.details })
    case 'webhook':
      return webhookMail({ ...recipient, ...mail.details })
    case 'usage':
      return usageMail({ ...recipient, ...mail.details })
    case 'plan':
      return planMail({ ...recipient, ...mail.details })
    default:
      return mail satisfies never
  }
}
