import type { Role } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import type { TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Writes a new organisation. */
export async function insertTenant(
  db: Db,
  tenant: { readonly id: TenantId; readonly companyName: string; readonly createdAt: Timestamp },
): Promise<void> {
  await db.query('insert into tenant (id, company_name, created_at) values ($1, $2, $3)', [
    tenant.id,
    tenant.companyName,
    tenant.createdAt,
  ])
}

export interface NewUser {
  readonly id: UserId
  readonly tenantId: TenantId
  readonly email: string
  readonly emailKey: string
  readonly firstName: string
  readonly lastName: string
  readonly passwordHash: string
  readonly role: Role
  readonly createdAt: Timestamp
}

/**
 * Writes a new person; false, and nothing written, if the address is taken. The unique index on email_key decides between
 * two who register it at once: the later waits for the earlier's commit.
 */
export async function insertUser(db: Db, user: NewUser): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into tenant_user
       (id, tenant_id, email, email_key, first_name, last_name, password_hash, role, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (email_key) do nothing`,
    [
      user.id,
      user.tenantId,
      user.email,
      user.emailKey,
      user.firstName,
      user.lastName,
      user.passwordHash,
      user.role,
      user.createdAt,
    ],
  )
  return rowCount === 1
}

export interface LogInRow {
  readonly id: UserId
  readonly tenantId: TenantId
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly role: Role
  readonly isVerified: boolean
  readonly passwordHash: string
  readonly sessionVersion: number
}

/** The person with this address, for a log-in. Index: unique email_key. */
export async function findUserByEmail(db: Db, emailKey: string): Promise<LogInRow | undefined> {
  const { rows } = await db.query<LogInRow>(
    `select id, tenant_id as "tenantId", email, first_name as "firstName", last_name as "lastName", role,
            verified_at is not null as "isVerified", password_hash as "passwordHash",
            session_version as "sessionVersion"
     from tenant_user
     where email_key = $1`,
    [emailKey],
  )
  return rows[0]
}

/** Replaces a hash by a stronger one of the same password, unless the password was changed meanwhile. */
export async function updatePasswordHash(
  db: Db,
  input: { readonly userId: UserId; readonly oldHash: string; readonly newHash: string },
): Promise<void> {
  await db.query('update tenant_user set password_hash = $3 where id = $1 and password_hash = $2', [
    input.userId,
    input.oldHash,
    input.newHash,
  ])
}

export interface SessionRow {
  readonly tenantId: TenantId
  readonly role: Role
  readonly isVerified: boolean
  readonly sessionVersion: number
  /** This log-in was ended by itself. */
  readonly isEnded: boolean
}

/** What a token's claims are checked against at each request; undefined for a removed user. Index: primary keys. */
export async function findSession(
  db: Db,
  userId: UserId,
  sessionId: string,
): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(
    `select tenant_id as "tenantId", role, verified_at is not null as "isVerified",
            session_version as "sessionVersion",
            exists (select 1 from ended_session where session_id = $2) as "isEnded"
     from tenant_user
     where id = $1 and removed_at is null`,
    [userId, sessionId],
  )
  return rows[0]
}

/** Keeps a new token, by its hash. Older ones stay valid: the first mail may arrive after the second. */
export async function insertVerificationToken(
  db: Db,
  token: {
    readonly tokenHash: Buffer
    readonly userId: UserId
    readonly createdAt: Timestamp
    readonly expiresAt: Timestamp
  },
): Promise<void> {
  await db.query(
    'insert into email_verification (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)',
    [token.tokenHash, token.userId, token.createdAt, token.expiresAt],
  )
}

/**
 * Spends a token and marks its owner verified, in one statement; gives the owner, or undefined if there is no such token,
 * or it is spent or expired. The row lock lets one of two simultaneous uses win. Index: primary key.
 */
export async function spendVerificationToken(
  db: Db,
  tokenHash: Buffer,
  now: Timestamp,
): Promise<{ readonly userId: UserId; readonly tenantId: TenantId } | undefined> {
  const { rows } = await db.query<{ userId: UserId; tenantId: TenantId }>(
    `with spent as (
       update email_verification set used_at = $2::timestamptz
       where token_hash = $1 and used_at is null and expires_at > $2::timestamptz
       returning user_id
     )
     update tenant_user u set verified_at = coalesce(u.verified_at, $2::timestamptz)
     from spent where u.id = spent.user_id and u.removed_at is null
     returning u.id as "userId", u.tenant_id as "tenantId"`,
    [tokenHash, now],
  )
  return rows[0]
}

/** Saves the environment a person works in. */
export async function updatePreferredEnvironment(
  db: Db,
  userId: UserId,
  environment: Environment,
): Promise<void> {
  await db.query('update tenant_user set preferred_environment = $2 where id = $1', [userId, environment])
}

export interface ProfileRow {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly preferredEnvironment: Environment
  readonly createdAt: Timestamp
  readonly companyName: string
  readonly tenantCreatedAt: Timestamp
}

/** A person with their organisation. Index: primary keys. */
export async function findProfile(db: Db, userId: UserId): Promise<ProfileRow | undefined> {
  const { rows } = await db.query<ProfileRow>(
    `select u.email, u.first_name as "firstName", u.last_name as "lastName",
            u.preferred_environment as "preferredEnvironment", u.created_at as "createdAt",
            t.company_name as "companyName", t.created_at as "tenantCreatedAt"
     from tenant_user u
     join tenant t on t.id = u.tenant_id
     where u.id = $1`,
    [userId],
  )
  return rows[0]
}

/** Notes when somebody logged in last. Locks the user's row. */
export async function recordLogin(db: Db, userId: UserId, now: Timestamp): Promise<void> {
  await db.query('update tenant_user set last_login_at = $2 where id = $1', [userId, now])
}

/** Ends one log-in. Ended again, nothing changes. */
export async function insertEndedSession(db: Db, sessionId: string, now: Timestamp): Promise<void> {
  await db.query(
    'insert into ended_session (session_id, ended_at) values ($1, $2) on conflict (session_id) do nothing',
    [sessionId, now],
  )
}

/** Ends every log-in of a user. Locks the user's row. */
export async function endAllSessions(db: Db, userId: UserId): Promise<void> {
  await db.query('update tenant_user set session_version = session_version + 1 where id = $1', [userId])
}

/** Forgets log-ins ended before `before`, 10,000 at most. Index: ended_session_age. Skips rows in use. */
export async function deleteOldEndedSessions(db: Db, before: Timestamp): Promise<void> {
  await db.query(
    `delete from ended_session
     where session_id in (
       select session_id from ended_session where ended_at < $1::timestamptz
       order by ended_at limit 10000 for update skip locked
     )`,
    [before],
  )
}

/** Changes a name in part: null stays. Gives what it is then. Locks the user's row. */
export async function updateName(
  db: Db,
  userId: UserId,
  name: { readonly firstName: string | null; readonly lastName: string | null },
): Promise<{ readonly email: string; readonly firstName: string; readonly lastName: string } | undefined> {
  const { rows } = await db.query<{ email: string; firstName: string; lastName: string }>(
    `update tenant_user set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name)
     where id = $1
     returning email, first_name as "firstName", last_name as "lastName"`,
    [userId, name.firstName, name.lastName],
  )
  return rows[0]
}
