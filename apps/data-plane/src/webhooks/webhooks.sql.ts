import type { EventId, TenantId, WebhookId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { Db } from '@pacspace/service/postgres'

/** An endpoint as it may be shown, with the number of its tenant. */
export interface EndpointRow {
  readonly tenant_id: number
  readonly id: WebhookId
  readonly url: string
  readonly events: WebhookEventType[] | null
  readonly description: string | null
  readonly active: boolean
  readonly created_at: Timestamp
  readonly disabled_reason: 'gone' | 'failing' | null
  readonly disabled_at: Timestamp | null
  readonly old_secret_until: Timestamp | null
  readonly failing_since: Timestamp | null
}

/**
 * Keeps a new endpoint with its cursor at the verified end of the log, and the tenant's event key if it is the first. One
 * statement, so all of it or nothing. False when the tenant is unknown here, or has `countMax` endpoints already.
 */
export async function insertEndpoint(
  db: Db,
  endpoint: {
    readonly tenantId: TenantId
    readonly id: WebhookId
    readonly url: string
    readonly events: readonly WebhookEventType[] | null
    readonly description: string | null
    readonly createdAt: Timestamp
    readonly sealedSecret: Uint8Array
    readonly eventKey: Uint8Array
    readonly countMax: number
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'insert_webhook_endpoint',
      text: `with owner as (
               select t.id from tenant t
                where t.public_id = $1
                  and (select count(*) from webhook_endpoint e where e.tenant_id = t.id and e.deleted_at is null) < $9
             ), source as (
               insert into webhook_source (tenant_id, event_key) select id, $8 from owner
               on conflict (tenant_id) do nothing
             ), endpoint as (
               insert into webhook_endpoint (tenant_id, id, url, events, description, created_at, sealed_secret)
               select id, $2, $3, $4, $5, $6, $7 from owner
               returning tenant_id, id
             )
             insert into webhook_cursor (tenant_id, endpoint_id, next_index)
             select e.tenant_id, e.id, coalesce((select v.size from verified_head v where v.tenant_id = e.tenant_id), 0)
               from endpoint e`,
    },
    [
      endpoint.tenantId,
      endpoint.id,
      endpoint.url,
      endpoint.events,
      endpoint.description,
      endpoint.createdAt,
      endpoint.sealedSecret,
      endpoint.eventKey,
      endpoint.countMax,
    ],
  )
  return rowCount > 0
}

/** True when the plane knows the tenant. Unique index. */
export async function selectHasTenant(db: Db, tenantId: TenantId): Promise<boolean> {
  const { rowCount } = await db.query(
    { name: 'select_has_tenant', text: 'select from tenant where public_id = $1' },
    [tenantId],
  )
  return rowCount > 0
}

/** Endpoints of a tenant that are not deleted, newest first; of one id where it is given. Primary keys. */
export async function selectEndpoints(db: Db, tenantId: TenantId, id?: string): Promise<EndpointRow[]> {
  const { rows } = await db.query<EndpointRow>(
    {
      name: 'select_webhook_endpoints',
      text: `select e.tenant_id, e.id, e.url, e.events, e.description, e.active, e.created_at, e.disabled_reason,
                    e.disabled_at, e.old_secret_until, c.failing_since
               from tenant t
               join webhook_endpoint e on e.tenant_id = t.id
               join webhook_cursor c on c.tenant_id = e.tenant_id and c.endpoint_id = e.id
              where t.public_id = $1 and e.deleted_at is null and ($2::text is null or e.id = $2)
              order by e.created_at desc, e.id`,
    },
    [tenantId, id ?? null],
  )
  return rows
}

/**
 * Changes what is given and leaves the rest (`events`, `description`: undefined for leave). Enabling clears why it was
 * disabled. True when there was such an endpoint.
 */
export async function updateEndpoint(
  db: Db,
  tenantId: TenantId,
  id: string,
  change: {
    readonly url?: string | undefined
    readonly events?: readonly WebhookEventType[] | undefined
    readonly description?: string | null | undefined
    readonly active?: boolean | undefined
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'update_webhook_endpoint',
      text: `with changed as (
               update webhook_endpoint e
                  set url = coalesce($3, e.url), events = coalesce($4, e.events),
                      description = case when $5 then $6 else e.description end,
                      active = coalesce($7, e.active),
                      disabled_reason = case when $7 then null else e.disabled_reason end,
                      disabled_at = case when $7 then null else e.disabled_at end
                 from tenant t
                where t.public_id = $1 and e.tenant_id = t.id and e.id = $2 and e.deleted_at is null
               returning e.tenant_id, e.id
             )
             update webhook_cursor c
                set failing_since = case when $7 then null else c.failing_since end
               from changed
              where c.tenant_id = changed.tenant_id and c.endpoint_id = changed.id`,
    },
    [
      tenantId,
      id,
      change.url ?? null,
      change.events ?? null,
      change.description !== undefined,
      change.description ?? null,
      change.active ?? null,
    ],
  )
  return rowCount > 0
}

/** Deletes an endpoint for good: its secrets are gone, nothing is claimed for it again. Its deliveries stay as history. */
export async function deleteEndpoint(
  db: Db,
  tenantId: TenantId,
  id: string,
  now: Timestamp,
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'delete_webhook_endpoint',
      text: `update webhook_endpoint e
                set deleted_at = $3, active = false, sealed_secret = null, sealed_old_secret = null,
                    old_secret_until = null
               from tenant t
              where t.public_id = $1 and e.tenant_id = t.id and e.id = $2 and e.deleted_at is null`,
    },
    [tenantId, id, now],
  )
  return rowCount > 0
}

/** Puts a new secret in the place of the present one, which signs beside it until `oldUntil`. */
export async function rotateSecret(
  db: Db,
  tenantId: TenantId,
  id: string,
  rotation: { readonly sealedSecret: Uint8Array; readonly oldUntil: Timestamp },
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'rotate_webhook_secret',
      text: `update webhook_endpoint e
                set sealed_old_secret = e.sealed_secret, old_secret_until = $4, sealed_secret = $3
               from tenant t
              where t.public_id = $1 and e.tenant_id = t.id and e.id = $2 and e.deleted_at is null`,
    },
    [tenantId, id, rotation.sealedSecret, rotation.oldUntil],
  )
  return rowCount > 0
}

export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'exhausted'

/** One attempt as it is kept. */
export interface AttemptRecord {
  readonly attempt: number
  readonly attemptedAt: Timestamp
  readonly status: number | null
  readonly latencyMs: number
  readonly error: string | null
  readonly responseExcerpt: string | null
}

export interface DeliveryRow {
  readonly event_id: EventId
  readonly endpoint_id: WebhookId
  readonly event: WebhookEventType
  readonly state: DeliveryState
  readonly created_at: Timestamp
  readonly attempt_count: number
  readonly next_attempt_at: Timestamp | null
  readonly attempts: readonly AttemptRecord[]
}

/** Which deliveries; null = any. */
export interface DeliveryFilter {
  readonly tenantId: TenantId
  readonly endpointId: string | null
  readonly state: DeliveryState | null
  readonly event: WebhookEventType | null
}

/** A page of deliveries, newest first. Index (tenant_id, created_at desc, event_id), filtered while walking. */
export async function selectDeliveries(
  db: Db,
  filter: DeliveryFilter,
  limit: number,
  offset: number,
): Promise<DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>(
    {
      name: 'select_webhook_deliveries',
      text: `select event_id, endpoint_id, event, state, created_at, attempt_count, next_attempt_at, attempts
               from webhook_delivery
              where tenant_id = (select id from tenant where public_id = $1)
                and ($2::text is null or endpoint_id = $2)
                and ($3::text is null or state = $3)
                and ($4::text is null or event = $4)
              order by created_at desc, event_id, endpoint_id
              limit $5 offset $6`,
    },
    [filter.tenantId, filter.endpointId, filter.state, filter.event, limit, offset],
  )
  return rows
}

/** How many deliveries `selectDeliveries` pages over; counted no further than `countMax`. */
export async function countDeliveries(db: Db, filter: DeliveryFilter, countMax: number): Promise<number> {
  const { rows } = await db.query<{ total: number }>(
    {
      name: 'count_webhook_deliveries',
      text: `select count(*) as total
               from (select from webhook_delivery
                      where tenant_id = (select id from tenant where public_id = $1)
                        and ($2::text is null or endpoint_id = $2)
                        and ($3::text is null or state = $3)
                        and ($4::text is null or event = $4)
                      limit $5) counted`,
    },
    [filter.tenantId, filter.endpointId, filter.state, filter.event, countMax],
  )
  return rows[0]?.total ?? 0
}

/**
 * Asks for an event to be sent again, at once, to one endpoint or to each it went to (null) that is not deleted. The
 * schedule begins anew. Gives the deliveries; none when there is no such event.
 */
export async function requeueDelivery(
  db: Db,
  of: { readonly tenantId: TenantId; readonly endpointId: string | null; readonly eventId: string },
  now: Timestamp,
): Promise<DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>(
    {
      name: 'requeue_webhook_delivery',
      text: `update webhook_delivery d
                set state = 'pending', next_attempt_at = $4, requested_at = $4, retries_used = 0, in_order = false
               from tenant t, webhook_endpoint e
              where t.public_id = $1 and d.tenant_id = t.id and d.event_id = $3
                and e.tenant_id = t.id and e.id = d.endpoint_id and e.deleted_at is null
                and ($2::text is null or d.endpoint_id = $2)
          returning d.event_id, d.endpoint_id, d.event, d.state, d.created_at, d.attempt_count, d.next_attempt_at,
                    d.attempts`,
    },
    [of.tenantId, of.endpointId, of.eventId, now],
  )
  return rows
}

/** Asks for every event since an instant that failed, or was given up, to be sent again in order. Gives how many. */
export async function requeueFailures(
  db: Db,
  of: { readonly tenantId: TenantId; readonly endpointId: string; readonly since: Timestamp },
  now: Timestamp,
): Promise<number> {
  const { rowCount } = await db.query(
    {
      name: 'requeue_webhook_failures',
      text: `update webhook_delivery d
                set state = 'pending', next_attempt_at = $4, requested_at = $4, retries_used = 0, in_order = true
               from tenant t
              where t.public_id = $1 and d.tenant_id = t.id and d.endpoint_id = $2 and d.created_at >= $3
                and d.state in ('failed', 'exhausted')`,
    },
    [of.tenantId, of.endpointId, of.since, now],
  )
  return rowCount
}

/** Keeps an event that tells of no log entry, due at once. Its delivery as it stands. */
export async function insertOwnEvent(
  db: Db,
  event: {
    readonly tenantNo: number
    readonly endpointId: WebhookId
    readonly eventId: EventId
    readonly type: WebhookEventType
    readonly body: string
    readonly createdAt: Timestamp
  },
): Promise<DeliveryRow> {
  const { rows } = await db.query<DeliveryRow>(
    {
      name: 'insert_webhook_own_event',
      text: `insert into webhook_delivery (tenant_id, event_id, endpoint_id, event, body, created_at, state,
                                           next_attempt_at, requested_at)
             values ($1, $2, $3, $4, $5, $6, 'pending', $6, $6)
          returning event_id, endpoint_id, event, state, created_at, attempt_count, next_attempt_at, attempts`,
    },
    [event.tenantNo, event.eventId, event.endpointId, event.type, event.body, event.createdAt],
  )
  const [row] = rows
  if (row === undefined) throw new Error('insert returned no row')
  return row
}

export interface NoticeRow {
  readonly notice_no: number
  readonly tenant_id: TenantId
  readonly endpoint_id: WebhookId
  readonly url: string
  readonly reason: 'gone' | 'failing'
  readonly created_at: Timestamp
}

/** Notices whose owners are not told yet, oldest first. Partial index. */
export async function selectNotices(db: Db, limit: number): Promise<NoticeRow[]> {
  const { rows } = await db.query<NoticeRow>(
    {
      name: 'select_webhook_notices',
      text: `select n.notice_no, t.public_id as tenant_id, n.endpoint_id, e.url, n.reason, n.created_at
               from webhook_notice n
               join tenant t on t.id = n.tenant_id
               join webhook_endpoint e on e.tenant_id = n.tenant_id and e.id = n.endpoint_id
              where n.told_at is null
              order by n.notice_no
              limit $1`,
    },
    [limit],
  )
  return rows
}

/** Notes that notices are told. Gives how many were not before. */
export async function confirmNotices(db: Db, noticeNos: readonly number[], now: Timestamp): Promise<number> {
  const { rowCount } = await db.query(
    {
      name: 'confirm_webhook_notices',
      text: 'update webhook_notice set told_at = $2 where notice_no = any($1::bigint[]) and told_at is null',
    },
    [noticeNos, now],
  )
  return rowCount
}

/** Wakes the workers: something is due that no growth of the log announces. A hint; they poll as well. */
export async function notifyDeliveryDue(db: Db): Promise<void> {
  await db.query(`notify ${DELIVERY_DUE}`)
}

/** The channel of `notifyDeliveryDue`. */
export const DELIVERY_DUE = 'webhook_delivery_due'
