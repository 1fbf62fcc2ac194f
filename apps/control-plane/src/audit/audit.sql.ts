import type { AuditAction } from '@pacspace/api/audit-action'
import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredEntry } from './audit-record.ts'

/** Writes an entry, and notes that the signed log lacks it. */
export async function insertEntry(db: Db, entry: StoredEntry): Promise<void> {
  await db.query(
    `with entry as (
       insert into audit_entry
         (id, tenant_id, actor_kind, actor_id, action, target, environment, details, address, request_id, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       returning no
     )
     insert into audit_pending (entry_no) select no from entry`,
    [
      entry.id,
      entry.tenantId,
      entry.actorKind,
      entry.actorId,
      entry.action,
      entry.target,
      entry.environment,
      JSON.stringify(entry.details),
      entry.address,
      entry.requestId,
      entry.createdAt,
    ],
  )
}

/** Which entries of a tenant: null = whatever. */
export interface ActivityFilter {
  readonly tenantId: TenantId
  readonly action: AuditAction | null
  readonly actorId: string | null
  readonly target: string | null
  readonly environment: Environment | null
  readonly from: Timestamp | null
  /** Exclusive. */
  readonly until: Timestamp | null
}

export interface ActivityRow extends StoredEntry {
  /** Of the person, as it is today. */
  readonly actorName: string | null
  readonly logIndex: number | null
}

/**
 * A page of a tenant's entries, newest first. Joins accounts' table for the actor's name. Index: audit_entry_of_tenant,
 * read backwards from its end.
 */
export async function listEntries(
  db: Db,
  filter: ActivityFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<ActivityRow[]> {
  const { rows } = await db.query<ActivityRow>(
    `select e.id, e.tenant_id as "tenantId", e.actor_kind as "actorKind", e.actor_id as "actorId", e.action, e.target,
            e.environment, e.details, e.address, e.request_id as "requestId", e.created_at as "createdAt",
            (select u.first_name || ' ' || u.last_name from tenant_user u where u.id = e.actor_id) as "actorName",
            (select l.log_index from audit_leaf l where l.entry_no = e.no) as "logIndex"
     from audit_entry e
     where e.tenant_id = $1
       and ($2::text is null or e.action = $2)
       and ($3::text is null or e.actor_id = $3)
       and ($4::text is null or e.target = $4)
       and ($5::text is null or e.environment = $5)
       and ($6::timestamptz is null or e.created_at >= $6)
       and ($7::timestamptz is null or e.created_at < $7)
     order by e.no desc
     limit $8 offset $9`,
    [...valuesOf(filter), page.limit, page.offset],
  )
  return rows
}

/** How many entries of a tenant there are. Index: audit_entry_of_tenant. */
export async function countEntries(db: Db, filter: ActivityFilter): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n
     from audit_entry e
     where e.tenant_id = $1
       and ($2::text is null or e.action = $2)
       and ($3::text is null or e.actor_id = $3)
       and ($4::text is null or e.target = $4)
       and ($5::text is null or e.environment = $5)
       and ($6::timestamptz is null or e.created_at >= $6)
       and ($7::timestamptz is null or e.created_at < $7)`,
    valuesOf(filter),
  )
  return rows[0]?.n ?? 0
}

function valuesOf(filter: ActivityFilter): unknown[] {
  const { tenantId, action, actorId, target, environment, from, until } = filter
  return [tenantId, action, actorId, target, environment, from, until]
}

/** One entry of a tenant, with its place in the log. Index: unique id. */
export async function findEntry(db: Db, tenantId: TenantId, id: string): Promise<PlacedEntry | undefined> {
  const { rows } = await db.query<PlacedEntry>(
    `select e.no, e.id, e.tenant_id as "tenantId", e.actor_kind as "actorKind", e.actor_id as "actorId", e.action,
            e.target, e.environment, e.details, e.address, e.request_id as "requestId", e.created_at as "createdAt",
            l.log_index as "logIndex"
     from audit_entry e
     left join audit_leaf l on l.entry_no = e.no
     where e.id = $2 and e.tenant_id = $1`,
    [tenantId, id],
  )
  return rows[0]
}

export interface NumberedEntry extends StoredEntry {
  readonly no: number
}

export interface PlacedEntry extends NumberedEntry {
  readonly logIndex: number | null
}
