import type { TenantId } from '@pacspace/api/id'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { Db } from '@pacspace/service/postgres'
import { shownDelivery } from './endpoint-answer.ts'
import { countDeliveries, type DeliveryState, selectDeliveries } from './webhooks.sql.ts'

const LIMIT_DEFAULT = 20
/** Counting stops here: a page costs the same for a log of millions. */
const TOTAL_MAX = 10_000

/** A page of deliveries of a tenant, to one endpoint or to all. */
export async function deliveryPage(
  db: Db,
  of: { readonly tenantId: TenantId; readonly endpointId: string | null },
  query: {
    readonly status?: DeliveryState | undefined
    readonly event?: WebhookEventType | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  },
) {
  const { status = null, event = null, limit = LIMIT_DEFAULT, offset = 0 } = query
  const filter = { ...of, state: status, event }
  const [rows, total] = await Promise.all([
    selectDeliveries(db, filter, limit, offset),
    countDeliveries(db, filter, Math.max(TOTAL_MAX, offset + limit + 1)),
  ])
  const hasMore = offset + rows.length < total
  return { deliveries: rows.map(shownDelivery), pagination: { total, limit, offset, hasMore } }
}
