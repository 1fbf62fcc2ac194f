import type { UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** What a mail says: `verify_email` the link to verify with, `address_taken` that somebody tried to register the address. */
export type MailKind = 'verify_email' | 'address_taken'

export interface NewMail {
  readonly kind: MailKind
  readonly userId: UserId
  readonly createdAt: Timestamp
}

/** Writes a mail to the outbox; gives its number. */
export async function insertMail(
  db: Db,
  mail: NewMail & { readonly nextAttemptAt: Timestamp },
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    'insert into mail (kind, user_id, created_at, next_attempt_at) values ($1, $2, $3, $4) returning id',
    [mail.kind, mail.userId, mail.createdAt, mail.nextAttemptAt],
  )
  const [row] = rows
  if (row === undefined) throw new Error('insert returned no row')
  return row.id
}

export interface UnsentMail {
  readonly kind: MailKind
  readonly userId: UserId
  readonly email: string
  readonly firstName: string
  readonly isVerified: boolean
  readonly createdAt: Timestamp
}

/** A mail that still has to be sent, with its recipient: joins accounts' table, whose address of this moment counts. */
export async function findUnsentMail(db: Db, mailId: number): Promise<UnsentMail | undefined> {
  const { rows } = await db.query<UnsentMail>(
    `select m.kind, m.user_id as "userId", m.created_at as "createdAt", u.email, u.first_name as "firstName",
            u.verified_at is not null as "isVerified"
     from mail m
     join tenant_user u on u.id = m.user_id
     where m.id = $1 and m.sent_at is null`,
    [mailId],
  )
  return rows[0]
}

/** Notes that a mail is being tried, and when to try next if it is not sent by then. */
export async function recordMailAttempt(db: Db, mailId: number, nextAttemptAt: Timestamp): Promise<void> {
  await db.query('update mail set next_attempt_at = $2 where id = $1', [mailId, nextAttemptAt])
}

/** Notes that a mail was handed over. */
export async function markMailSent(db: Db, mailId: number, now: Timestamp): Promise<void> {
  await db.query('update mail set sent_at = $2 where id = $1 and sent_at is null', [mailId, now])
}

/** Unsent mails that are due and not older than `from`, the longest due first. Index: mail_unsent. */
export async function listDueMails(
  db: Db,
  from: Timestamp,
  now: Timestamp,
  limit: number,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select id from mail
     where sent_at is null and next_attempt_at <= $2::timestamptz and created_at >= $1::timestamptz
     order by next_attempt_at
     limit $3`,
    [from, now, limit],
  )
  return rows.map(({ id }) => id)
}
