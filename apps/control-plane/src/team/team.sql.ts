import type { Role } from '@pacspace/api/endpoint'
import type { InvitationId, TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/**
 * Makes changes of one tenant's team wait for each other until the transaction ends, so that no two of them take the last
 * owners away. Locks the tenant's row; take it first.
 */
export async function lockTeam(tx: Tx, tenantId: TenantId): Promise<void> {
  await tx.query('select 1 from tenant where id = $1 for no key update', [tenantId])
}

export interface MemberRow {
  readonly id: UserId
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly role: Role
  readonly isVerified: boolean
  readonly createdAt: Timestamp
  readonly lastLoginAt: Timestamp | null
}

/** The members of a tenant, owners first, then by age. Reads accounts' table. Index: tenant_user_of_tenant. */
export async function listMembers(db: Db, tenantId: TenantId): Promise<MemberRow[]> {
  const { rows } = await db.query<MemberRow>(
    `select id, email, first_name as "firstName", last_name as "lastName", role,
            verified_at is not null as "isVerified", created_at as "createdAt", last_login_at as "lastLoginAt"
     from tenant_user
     where tenant_id = $1 and removed_at is null
     order by array_position(array['owner', 'admin', 'developer', 'viewer'], role), created_at, id`,
    [tenantId],
  )
  return rows
}

/** One member of a tenant. Reads accounts' table. Index: primary key. */
export async function findMember(db: Db, tenantId: TenantId, userId: string): Promise<MemberRow | undefined> {
  const { rows } = await db.query<MemberRow>(
    `select id, email, first_name as "firstName", last_name as "lastName", role,
            verified_at is not null as "isVerified", created_at as "createdAt", last_login_at as "lastLoginAt"
     from tenant_user
     where id = $2 and tenant_id = $1 and removed_at is null`,
    [tenantId, userId],
  )
  return rows[0]
}

/** Whether somebody with this address is a member. Reads accounts' table. Index: unique email_key. */
export async function isMember(db: Db, tenantId: TenantId, emailKey: string): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    'select exists (select 1 from tenant_user where email_key = $2 and tenant_id = $1) as found',
    [tenantId, emailKey],
  )
  return rows[0]?.found ?? false
}

/** How many owners a tenant has beside this one. Call under `lockTeam`. Index: tenant_user_of_tenant. */
export async function countOtherOwners(tx: Tx, tenantId: TenantId, userId: UserId): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*) as n from tenant_user
     where tenant_id = $1 and id <> $2 and role = 'owner' and removed_at is null`,
    [tenantId, userId],
  )
  return rows[0]?.n ?? 0
}

/** Gives a member another role and ends every session. Writes accounts' table; locks the user's row. */
export async function updateRole(tx: Tx, userId: UserId, role: Role): Promise<void> {
  await tx.query('update tenant_user set role = $2, session_version = session_version + 1 where id = $1', [
    userId,
    role,
  ])
}

/**
 * Removes a member: nobody can log in as them, and their address is free. The row stays for what refers to it. Writes
 * accounts' table; locks the user's row.
 */
export async function removeUser(tx: Tx, userId: UserId, now: Timestamp): Promise<void> {
  await tx.query(
    `update tenant_user
     set removed_at = $2, email_key = null, password_hash = null, session_version = session_version + 1
     where id = $1`,
    [userId, now],
  )
}

/** Moves a user into another tenant and ends every session. Writes accounts' table; locks the user's row. */
export async function moveUser(
  tx: Tx,
  move: { readonly userId: UserId; readonly tenantId: TenantId; readonly role: Role },
): Promise<void> {
  await tx.query(
    `update tenant_user set tenant_id = $2, role = $3, session_version = session_version + 1 where id = $1`,
    [move.userId, move.tenantId, move.role],
  )
}

/** What a tenant is called. Reads accounts' table. Index: primary key. */
export async function findCompanyName(db: Db, tenantId: TenantId): Promise<string> {
  const { rows } = await db.query<{ name: string }>('select company_name as name from tenant where id = $1', [
    tenantId,
  ])
  return rows[0]?.name ?? ''
}

/** The key and name of a user's address and person. Reads accounts' table. Index: primary key. */
export async function findPerson(
  db: Db,
  userId: UserId,
): Promise<{ readonly emailKey: string; readonly name: string } | undefined> {
  const { rows } = await db.query<{ emailKey: string; name: string }>(
    `select email_key as "emailKey", first_name || ' ' || last_name as name
     from tenant_user
     where id = $1 and removed_at is null`,
    [userId],
  )
  return rows[0]
}

export interface InvitationRow {
  readonly id: InvitationId
  readonly email: string
  readonly role: Role
  /** Name of the person who invites. */
  readonly invitedBy: string
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp
}

export interface NewInvitation {
  readonly id: InvitationId
  readonly tenantId: TenantId
  readonly email: string
  readonly emailKey: string
  readonly role: Role
  readonly invitedBy: UserId
  readonly createdAt: Timestamp
  readonly expiresAt: Timestamp
}

/** Writes an open invitation. One address has one per tenant: end the older one first, under `lockTeam`. */
export async function insertInvitation(tx: Tx, invitation: NewInvitation): Promise<void> {
  const { id, tenantId, email, emailKey, role, invitedBy, createdAt, expiresAt } = invitation
  await tx.query(
    `insert into invitation (id, tenant_id, email, email_key, role, invited_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, tenantId, email, emailKey, role, invitedBy, createdAt, expiresAt],
  )
}

/** Ends the open invitation of an address, if there is one. Index: invitation_open. */
export async function endInvitationTo(
  tx: Tx,
  tenantId: TenantId,
  emailKey: string,
  now: Timestamp,
): Promise<void> {
  await tx.query(
    'update invitation set ended_at = $3 where tenant_id = $1 and email_key = $2 and ended_at is null',
    [tenantId, emailKey, now],
  )
}

/** Ends one open invitation; false if it is not open. Locks its row: one of two uses wins. Index: primary key. */
export async function endInvitation(tx: Tx, id: InvitationId, now: Timestamp): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update invitation set ended_at = $2::timestamptz
     where id = $1 and ended_at is null and expires_at > $2::timestamptz`,
    [id, now],
  )
  return rowCount === 1
}

/** The open invitations of a tenant, newest first. Joins accounts' table for the inviter. Index: invitation_open. */
export async function listOpenInvitations(
  db: Db,
  tenantId: TenantId,
  now: Timestamp,
): Promise<InvitationRow[]> {
  const { rows } = await db.query<InvitationRow>(
    `select i.id, i.email, i.role, u.first_name || ' ' || u.last_name as "invitedBy", i.created_at as "createdAt",
            i.expires_at as "expiresAt"
     from invitation i
     join tenant_user u on u.id = i.invited_by
     where i.tenant_id = $1 and i.ended_at is null and i.expires_at > $2::timestamptz
     order by i.created_at desc, i.id`,
    [tenantId, now],
  )
  return rows
}

/** One open invitation of a tenant. Joins accounts' table for the inviter. Index: primary key. */
export async function findOpenInvitation(
  db: Db,
  tenantId: TenantId,
  id: string,
  now: Timestamp,
): Promise<InvitationRow | undefined> {
  const { rows } = await db.query<InvitationRow>(
    `select i.id, i.email, i.role, u.first_name || ' ' || u.last_name as "invitedBy", i.created_at as "createdAt",
            i.expires_at as "expiresAt"
     from invitation i
     join tenant_user u on u.id = i.invited_by
     where i.id = $2 and i.tenant_id = $1 and i.ended_at is null and i.expires_at > $3::timestamptz`,
    [tenantId, id, now],
  )
  return rows[0]
}

/** An open invitation by the hash of its token. Joins accounts' tables. Index: unique token_hash. */
export async function findInvitationByToken(
  db: Db,
  tokenHash: Buffer,
  now: Timestamp,
): Promise<
  | {
      readonly id: InvitationId
      readonly tenantId: TenantId
      readonly companyName: string
      readonly emailKey: string
      readonly role: Role
    }
  | undefined
> {
  const { rows } = await db.query<{
    id: InvitationId
    tenantId: TenantId
    companyName: string
    emailKey: string
    role: Role
  }>(
    `select i.id, i.tenant_id as "tenantId", t.company_name as "companyName", i.email_key as "emailKey", i.role
     from invitation i
     join tenant t on t.id = i.tenant_id
     where i.token_hash = $1 and i.ended_at is null and i.expires_at > $2::timestamptz`,
    [tokenHash, now],
  )
  return rows[0]
}

/** Gives an open invitation a new token, and what its mail says; undefined if it is not open any more. Locks its row. */
export async function setInvitationToken(
  db: Db,
  id: InvitationId,
  tokenHash: Buffer,
  now: Timestamp,
): Promise<
  | {
      readonly email: string
      readonly role: Role
      readonly companyName: string
      readonly invitedBy: string
    }
  | undefined
> {
  const { rows } = await db.query<{ email: string; role: Role; companyName: string; invitedBy: string }>(
    `update invitation i set token_hash = $2
     from tenant t, tenant_user u
     where i.id = $1 and i.ended_at is null and i.expires_at > $3::timestamptz
       and t.id = i.tenant_id and u.id = i.invited_by
     returning i.email, i.role, t.company_name as "companyName", u.first_name || ' ' || u.last_name as "invitedBy"`,
    [id, tokenHash, now],
  )
  return rows[0]
}
