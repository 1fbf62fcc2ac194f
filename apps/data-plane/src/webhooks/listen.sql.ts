import type { EventId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { Db } from '@pacspace/service/postgres'

/** Gives a tenant its event key, if it has none: event ids are derived with it. */
export async function ensureSource(db: Db, tenantNo: number, eventKey: Uint8Array): Promise<void> {
  await db.query(
    {
      name: 'ensure_webhook_source',
      text: `insert into webhook_source (tenant_id, event_key) values ($1, $2)
             on conflict (tenant_id) do nothing`,
    },
    [tenantNo, eventKey],
  )
}

/** The verified end of a tenant's log. Primary key. */
export async function selectListenEnd(db: Db, tenantNo: number): Promise<number> {
  const { rows } = await db.query<{ size: number }>(
    { name: 'select_listen_end', text: 'select size from verified_head where tenant_id = $1' },
    [tenantNo],
  )
  return rows[0]?.size ?? 0
}

export interface RequestedEvent {
  readonly event_id: EventId
  readonly event: WebhookEventType
  readonly log_index: number | null
  readonly body: string | null
  readonly requested_at: Timestamp
}

/**
 * Events that were asked for in a stretch of time, `after` exclusive, `until` inclusive, each once however many endpoints it
 * went to; all of one instant or none, so a page may be longer than `limit`. Partial index.
 */
export async function selectRequested(
  db: Db,
  tenantNo: number,
  stretch: { readonly after: Timestamp; readonly until: Timestamp; readonly limit: number },
): Promise<RequestedEvent[]> {
  const { rows } = await db.query<RequestedEvent>(
    {
      name: 'select_webhook_requested',
      text: `select distinct on (requested_at, event_id) event_id, event, log_index, body, requested_at
               from webhook_delivery
              where tenant_id = $1 and requested_at > $2
                and requested_at <= coalesce((select requested_at from webhook_delivery
                                               where tenant_id = $1 and requested_at > $2 and requested_at <= $3
                                               order by requested_at offset $4 - 1 limit 1), $3)
              order by requested_at, event_id`,
    },
    [tenantNo, stretch.after, stretch.until, stretch.limit],
  )
  return rows
}
