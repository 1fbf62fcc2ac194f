import type { InvitationId, TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { InvitationMail, NewMail, UserMail } from './mail-kind.ts'

/** Writes a mail to the outbox; gives its number. */
export async function insertMail(
  db: Db,
  mail: {
    readonly kind: NewMail['kind']
    /** One of the two. */
    readonly userId: UserId | null
    readonly invitationId: InvitationId | null
    readonly details: object
    readonly createdAt: Timestamp
    readonly nextAttemptAt: Timestamp
  },
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into mail (kind, user_id, invitation_id, details, created_at, next_attempt_at)
     values ($1, $2, $3, $4, $5, $6)
     returning id`,
    [
      mail.kind,
      mail.userId,
      mail.invitationId,
      JSON.stringify(mail.details),
      mail.createdAt,
      mail.nextAttemptAt,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('insert returned no row')
  return row.id
}

/** A mail to a user, with what its kind tells. */
export type PersonalMail = UserMail & {
  readonly email: string
  readonly firstName: string
  readonly isVerified: boolean
}

export type UnsentMail = PersonalMail | InvitationMail

/** A mail that still has to be sent, with its recipient: joins accounts' table, whose address of this moment counts. */
export async function findUnsentMail(db: Db, mailId: number): Promise<UnsentMail | undefined> {
  const { rows } = await db.query<UnsentMail>(
    `select m.kind, m.user_id as "userId", m.invitation_id as "invitationId", m.details, m.created_at as "createdAt",
            u.email, u.first_name as "firstName", u.verified_at is not null as "isVerified"
     from mail m
     left join tenant_user u on u.id = m.user_id
     where m.id = $1 and m.sent_at is null`,
    [mailId],
  )
  return rows[0]
}

/** The owners of a tenant: whom notices go to. Reads accounts' table. Index: tenant_user_of_tenant. */
export async function listOwners(db: Db, tenantId: TenantId): Promise<UserId[]> {
  const { rows } = await db.query<{ id: UserId }>(
    `select id from tenant_user
     where tenant_id = $1 and role = 'owner' and removed_at is null
     order by created_at, id`,
    [tenantId],
  )
  return rows.map(({ id }) => id)
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
