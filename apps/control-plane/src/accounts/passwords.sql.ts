import type { TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Keeps a new reset token, by its hash. */
export async function insertPasswordReset(
  db: Db,
  token: {
    readonly tokenHash: Buffer
    readonly userId: UserId
    readonly createdAt: Timestamp
    readonly expiresAt: Timestamp
  },
): Promise<void> {
  await db.query(
    'insert into password_reset (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)',
    [token.tokenHash, token.userId, token.createdAt, token.expiresAt],
  )
}

/** Makes every open reset token of a user void. Index: password_reset_open. Locks those rows. */
export async function endPasswordResets(db: Db, userId: UserId, now: Timestamp): Promise<void> {
  await db.query('update password_reset set ended_at = $2 where user_id = $1 and ended_at is null', [
    userId,
    now,
  ])
}

/** Spends a reset token; false if there is none, or it is spent, void or expired. The row lock lets one of two uses win. */
export async function spendPasswordReset(db: Db, tokenHash: Buffer, now: Timestamp): Promise<boolean> {
  const { rowCount } = await db.query(
    `update password_reset set ended_at = $2::timestamptz
     where token_hash = $1 and ended_at is null and expires_at > $2::timestamptz`,
    [tokenHash, now],
  )
  return rowCount === 1
}

export interface PasswordOwnerRow {
  readonly userId: UserId
  readonly tenantId: TenantId
  readonly email: string
  readonly emailKey: string
  readonly companyName: string
  readonly passwordHash: string
}

/** Whose password an open reset token replaces. Locks nothing. Index: primary keys. */
export async function findOwnerByReset(
  db: Db,
  tokenHash: Buffer,
  now: Timestamp,
): Promise<PasswordOwnerRow | undefined> {
  const { rows } = await db.query<PasswordOwnerRow>(
    `select u.id as "userId", u.tenant_id as "tenantId", u.email, u.email_key as "emailKey",
            u.password_hash as "passwordHash", t.company_name as "companyName"
     from password_reset r
     join tenant_user u on u.id = r.user_id
     join tenant t on t.id = u.tenant_id
     where r.token_hash = $1 and r.ended_at is null and r.expires_at > $2::timestamptz and u.removed_at is null`,
    [tokenHash, now],
  )
  return rows[0]
}

/** What a new password of a user is held against. Index: primary keys. */
export async function findPasswordOwner(db: Db, userId: UserId): Promise<PasswordOwnerRow | undefined> {
  const { rows } = await db.query<PasswordOwnerRow>(
    `select u.id as "userId", u.tenant_id as "tenantId", u.email, u.email_key as "emailKey",
            u.password_hash as "passwordHash", t.company_name as "companyName"
     from tenant_user u
     join tenant t on t.id = u.tenant_id
     where u.id = $1 and u.removed_at is null`,
    [userId],
  )
  return rows[0]
}

/** Replaces a password, unless it was replaced meanwhile (false), and ends every session. Locks the user's row. */
export async function replacePassword(
  db: Db,
  input: { readonly userId: UserId; readonly oldHash: string; readonly newHash: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update tenant_user set password_hash = $3, session_version = session_version + 1
     where id = $1 and password_hash = $2`,
    [input.userId, input.oldHash, input.newHash],
  )
  return rowCount === 1
}
