import { epochMsOf, timestampOf } from '@pacspace/api/timestamp'
import { createVerificationToken } from '../accounts/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { findUnsentMail, markMailSent, recordMailAttempt, type UnsentMail } from './mail.sql.ts'
import { addressTakenText, type MailText, verifyEmailText } from './mail-text.ts'
import { nextAttemptMs } from './queue-mail.ts'

/**
 * Background step: sends one mail of the outbox and notes so. If the process dies between the two, it is sent again: twice
 * rather than never. A transport that fails throws, and the job is tried again.
 */
export async function sendMail(mailId: number, context: ControlPlaneContext): Promise<void> {
  const { db, clock } = context
  const mail = await findUnsentMail(db, mailId)
  if (mail === undefined) return
  await recordMailAttempt(db, mailId, timestampOf(nextAttemptMs(epochMsOf(mail.createdAt), clock.now())))
  const text = await textOf(mail, context)
  const now = timestampOf(clock.now())
  if (text !== undefined) await context.sendMail({ to: mail.email, ...text, createdAt: now })
  await markMailSent(db, mailId, now)
}

/** Undefined when there is nothing left to say. A token is made here, so that its clear text never is in the database. */
async function textOf(mail: UnsentMail, context: ControlPlaneContext): Promise<MailText | undefined> {
  const { publicUrl } = context
  const { firstName } = mail
  switch (mail.kind) {
    case 'verify_email': {
      if (mail.isVerified) return undefined
      const token = await createVerificationToken(mail.userId, context)
      return verifyEmailText({ firstName, token, publicUrl })
    }
    case 'address_taken':
      return addressTakenText({ firstName, publicUrl })
    default:
      return mail.kind satisfies never
  }
}
