import type { TenantId, UserId } from '@pacspace/api/id'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db, Tx } from '@pacspace/service/postgres'
import { enqueueJob } from '../enqueue-job.ts'
import { insertMail, listDueMails, listOwners } from './mail.sql.ts'
import type { MailDetails, NewMail, NoticeKind } from './mail-kind.ts'

const MINUTE_MS = 60 * 1000

/** The queue tries at once, and a few times more within this; then the outbox decides when. */
const FIRST_RETRY_MS = 2 * MINUTE_MS
const RETRY_MS_MAX = 6 * 60 * MINUTE_MS

/** A mail that could not be sent for this long is given up: what it says is no longer true. */
const GIVE_UP_MS = 3 * 24 * 60 * MINUTE_MS

/** Mails that one look at the outbox finds; the next look finds the rest. */
const DUE_MAX = 1_000

/** Writes a mail to the outbox in the caller's transaction: it is sent if and only if that commits. */
export async function queueMail(tx: Tx, mail: NewMail): Promise<void> {
  const writtenMs = epochMsOf(mail.createdAt)
  const nextAttemptAt = timestampOf(nextAttemptMs(writtenMs, writtenMs))
  const mailId = await insertMail(tx, {
    kind: mail.kind,
    userId: 'userId' in mail ? mail.userId : null,
    invitationId: 'invitationId' in mail ? mail.invitationId : null,
    details: 'details' in mail ? mail.details : {},
    createdAt: mail.createdAt,
    nextAttemptAt,
  })
  await enqueueMail(tx, mailId)
}

export interface NewNotice<Kind extends NoticeKind> {
  readonly tenantId: TenantId
  readonly kind: Kind
  readonly details: MailDetails[Kind]
  readonly createdAt: Timestamp
  /** Told too, if no owner: the person who did it, whose account may not be in their own hands. */
  readonly alsoTo?: UserId
}

/** Writes a mail to every owner of a tenant, in the caller's transaction. */
export async function queueNotice<Kind extends NoticeKind>(tx: Tx, notice: NewNotice<Kind>): Promise<void> {
  const { tenantId, kind, details, createdAt, alsoTo } = notice
  const owners = await listOwners(tx, tenantId)
  const recipients = new Set(alsoTo === undefined ? owners : [...owners, alsoTo])
  // `details` is that of `kind`, by the generic above, which the union cannot see.
  for (const userId of recipients) await queueMail(tx, { kind, userId, createdAt, details } as NewMail)
}

/** Asks again for every mail that is due and unsent. Safe at any time. */
export async function requestDueMails(db: Db, clock: Clock): Promise<void> {
  const now = clock.now()
  const due = await listDueMails(db, timestampOf(now - GIVE_UP_MS), timestampOf(now), DUE_MAX)
  for (const mailId of due) await enqueueMail(db, mailId)
}

/** When a mail is tried again: after as long as it has waited already, from two minutes to six hours. */
export function nextAttemptMs(writtenMs: number, nowMs: number): number {
  return nowMs + Math.min(RETRY_MS_MAX, Math.max(FIRST_RETRY_MS, nowMs - writtenMs))
}

async function enqueueMail(db: Db, mailId: number): Promise<void> {
  await enqueueJob(db, { task: 'send_mail', payload: { mailId }, key: `send_mail:${mailId}` })
}
