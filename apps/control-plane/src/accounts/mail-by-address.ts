import { timestampOf } from '@pacspace/api/timestamp'
import type { RequestFacts } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { queueMail } from '../mail/front-door.ts'
import { findUserByEmail } from './accounts.sql.ts'
import { emailKey, parseEmail } from './email-address.ts'
import { checkThrottle, countAttempt, recipientRule, senderRule } from './throttle.ts'

/** Mails that anybody may ask for, to any address. */
export type MailByAddress = 'verify_email' | 'reset_password'

export interface AddressedMail {
  readonly kind: MailByAddress
  readonly emailKey: string
}

/**
 * Asks for a mail to an address that somebody typed. What is done here is the same for every address, so that the time says
 * nothing: only the job looks whether there is an account. How often is counted by recipient and by sender.
 * Raises VALIDATION_ERROR, RATE_LIMITED.
 */
export async function requestMailTo(
  typed: string,
  kind: MailByAddress,
  request: RequestFacts,
  { db, clock }: ControlPlaneContext,
): Promise<void> {
  const recipient = recipientRule(emailKey(parseEmail(typed)))
  const rules = [recipient, senderRule(request.remoteAddress)]
  await checkThrottle(db, clock, rules)
  await countAttempt(db, clock, rules)
  await enqueueJob(db, {
    task: 'mail_by_address',
    payload: { kind, emailKey: emailKey(typed) },
    key: `mail_by_address:${kind}:${recipient.key.toString('hex')}`,
  })
}

/** Background step: writes the mail to the outbox, if the address has an account that it is for. Done twice, it is sent twice. */
export async function mailByAddress(
  { kind, emailKey: key }: AddressedMail,
  { db, clock }: Pick<ControlPlaneContext, 'db' | 'clock'>,
): Promise<void> {
  await transaction(db, async (tx) => {
    const user = await findUserByEmail(tx, key)
    if (user === undefined || (kind === 'verify_email' && user.isVerified)) return
    await queueMail(tx, { kind, userId: user.id, createdAt: timestampOf(clock.now()) })
  })
}
