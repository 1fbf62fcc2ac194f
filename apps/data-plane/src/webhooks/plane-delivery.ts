import { newId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { deliveryPage } from './delivery-page.ts'
import { shownDelivery } from './endpoint-answer.ts'
import { eventBody } from './event-data.ts'
import { endpointOf } from './plane-webhook.ts'
import {
  confirmNotices,
  insertOwnEvent,
  requeueDelivery,
  requeueFailures,
  selectNotices,
} from './webhooks.sql.ts'

const NOTICES_DEFAULT = 100

/** Deliveries to one endpoint with their attempts, newest first. */
export const listPlaneWebhookDeliveries = implement(
  api.listPlaneWebhookDeliveries,
  async ({ input }, { db }) => {
    const { tenantId, id } = input.params
    await endpointOf(db, tenantId, id)
    return deliveryPage(db, { tenantId, endpointId: id }, input.query)
  },
)

/** Sends a `webhook.test` event to one endpoint, whatever it subscribes to. */
export const testPlaneWebhook = implement(api.testPlaneWebhook, async ({ input }, context) => {
  const { db, clock, randomBytes, environment } = context
  const { tenantId, id } = input.params
  const endpoint = await endpointOf(db, tenantId, id)
  const createdAt = timestampOf(clock.now())
  const eventId = newId('evt', randomBytes)
  const type = 'webhook.test'
  const data = { endpointId: endpoint.id, message: 'This is a test event. Nothing has happened.' }
  const row = await insertOwnEvent(db, {
    tenantNo: endpoint.tenant_id,
    endpointId: endpoint.id,
    eventId,
    type,
    body: eventBody({ id: eventId, type, createdAt, tenantId, environment }, data),
    createdAt,
  })
  context.onDeliveryDue()
  return shownDelivery(row)
})

/** Sends one event again to one endpoint, whether it failed or arrived, under the same id. */
export const retryPlaneWebhookDelivery = implement(
  api.retryPlaneWebhookDelivery,
  async ({ input }, { db, clock, onDeliveryDue }) => {
    const { tenantId, id, eventId } = input.params
    const [row] = await requeueDelivery(db, { tenantId, endpointId: id, eventId }, timestampOf(clock.now()))
    if (row === undefined) throw new Problem('NOT_FOUND')
    onDeliveryDue()
    return shownDelivery(row)
  },
)

/** Sends every event again that failed since an instant, one after the other in the order of the log. */
export const recoverPlaneWebhook = implement(
  api.recoverPlaneWebhook,
  async ({ input }, { db, clock, onDeliveryDue }) => {
    const { tenantId, id } = input.params
    await endpointOf(db, tenantId, id)
    const { since } = input.body
    const count = await requeueFailures(db, { tenantId, endpointId: id, since }, timestampOf(clock.now()))
    onDeliveryDue()
    return { count }
  },
)

/** Endpoints that were disabled and whose owners nobody has told yet, oldest first, of all tenants. */
export const listWebhookNotices = implement(api.listWebhookNotices, async ({ input }, { db }) => {
  const rows = await selectNotices(db, input.query.limit ?? NOTICES_DEFAULT)
  return {
    notices: rows.map((row) => ({
      noticeNo: row.notice_no,
      tenantId: row.tenant_id,
      endpointId: row.endpoint_id,
      url: row.url,
      reason: row.reason,
      createdAt: row.created_at,
    })),
  }
})

/** The control plane has these notices' mails in its outbox. Safe to repeat. */
export const confirmWebhookNotices = implement(
  api.confirmWebhookNotices,
  async ({ input }, { db, clock }) => ({
    count: await confirmNotices(db, input.body.noticeNos, timestampOf(clock.now())),
  }),
)
