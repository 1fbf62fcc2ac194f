import type { AuditAction } from '@pacspace/api/audit-action'
import type { AuditDetails } from '@pacspace/api/definition/activity'
import type { Environment } from '@pacspace/api/environment'
import type { RequestId, TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/** A change that a plane is about to be asked for. */
export interface AuditIntent {
  readonly tenantId: TenantId
  /** A person, or an operator's command. */
  readonly actorId: UserId | 'operator'
  readonly action: AuditAction
  readonly target: string
  readonly environment: Environment
  readonly details: AuditDetails
  readonly address: string | null
  readonly requestId: RequestId | null
  readonly createdAt: Timestamp
}

/** Keeps an intent; durable when it returns. Gives its number. */
export async function insertIntent(db: Db, intent: AuditIntent): Promise<number> {
  const { rows } = await db.query<{ no: number }>(
    `insert into audit_intent (tenant_id, actor_id, action, target, environment, details, address, request_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     returning no`,
    [
      intent.tenantId,
      intent.actorId,
      intent.action,
      intent.target,
      intent.environment,
      intent.details,
      intent.address,
      intent.requestId,
      intent.createdAt,
    ],
  )
  const [row] = rows
  if (row === undefined) throw new Error('insert returned no row')
  return row.no
}

/** Takes one intent; undefined where it was settled. Primary key. */
export async function takeIntent(tx: Tx, no: number): Promise<AuditIntent | undefined> {
  const { rows } = await tx.query<AuditIntent>(
    `delete from audit_intent where no = $1
     returning tenant_id as "tenantId", actor_id as "actorId", action, target, environment, details, address,
               request_id as "requestId", created_at as "createdAt"`,
    [no],
  )
  return rows[0]
}

/** Forgets an intent: its entry is written in the same transaction, or nothing happened. Primary key. */
export async function deleteIntent(db: Db, no: number): Promise<void> {
  await db.query('delete from audit_intent where no = $1', [no])
}

/** Takes the oldest intents from before an instant; who comes second waits, and gets others or none. Primary key of a table that is nearly always empty. */
export async function takeIntents(tx: Tx, before: Timestamp, limit: number): Promise<AuditIntent[]> {
  const { rows } = await tx.query<AuditIntent>(
    `delete from audit_intent
     where no in (select no from audit_intent where created_at < $1 order by no limit $2)
     returning tenant_id as "tenantId", actor_id as "actorId", action, target, environment, details, address,
               request_id as "requestId", created_at as "createdAt"`,
    [before, limit],
  )
  return rows
}
