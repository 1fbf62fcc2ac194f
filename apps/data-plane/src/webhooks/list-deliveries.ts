import * as api from '@pacspace/api/definition/webhooks'
import { implement } from '../context.ts'
import { deliveryPage } from './delivery-page.ts'

/** Webhook deliveries of the key's tenant to all its endpoints, newest first (product.md §3 "The rest"). */
export const listDeliveries = implement(api.listDeliveries, async ({ principal, input }, { db }) =>
  deliveryPage(db, { tenantId: principal.tenantId, endpointId: null }, input.query),
)
