import * as api from '@pacspace/api/definition/webhooks'
import type { EventId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { shownDelivery } from './endpoint-answer.ts'
import { requeueDelivery } from './webhooks.sql.ts'

/** Sends an event again to every endpoint that it went to, under the same id. Listeners get it too. */
export const retryDelivery = implement(
  api.retryDelivery,
  async ({ principal, input }, { db, clock, onDeliveryDue }) => {
    const { tenantId } = principal
    const { eventId } = input.params
    const rows = await requeueDelivery(db, { tenantId, endpointId: null, eventId }, timestampOf(clock.now()))
    const [first] = rows
    if (first === undefined) throw new Problem('NOT_FOUND')
    onDeliveryDue()
    const id: EventId = first.event_id
    return { eventId: id, deliveries: rows.map(shownDelivery) }
  },
)
