import type { Environment } from '@pacspace/api/environment'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { type createWebhook, getWebhook, listWebhookDeliveries, listWebhooks } from '../api/endpoints.gen.ts'

/** An endpoint as it may be shown, never with its secret. */
export type Webhook = DataOf<NonNullable<(typeof getWebhook)['definition']>>

/** An endpoint in an answer that shows its secret. */
export type WebhookWithSecret = DataOf<NonNullable<(typeof createWebhook)['definition']>>

/** One event on its way to one endpoint, with the attempts. */
export type Delivery = DataOf<NonNullable<(typeof listWebhookDeliveries)['definition']>>['deliveries'][number]

/** What a page of deliveries is cut by. `page` counts from 1. */
export interface DeliveryFilter {
  readonly status: Delivery['deliveryState'] | undefined
  readonly event: Delivery['event'] | undefined
  readonly page: number
}

/** Deliveries on one page. */
const DELIVERIES_ON_A_PAGE = 20
/** Something is on its way: look again soon. */
const SOON_MS = 1_500
const LATER_MS = 15_000

/** The endpoints of an environment, newest first. */
export function webhooksQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['webhooks', environment],
    queryFn: ({ signal }) => call(listWebhooks, { query: {} }, { environment, signal }),
  })
}

/** One endpoint. Looked at again by itself: it may be disabled while one watches. */
export function webhookQuery(environment: Environment, id: string) {
  return queryOptions({
    queryKey: ['webhooks', environment, id],
    queryFn: ({ signal }) => call(getWebhook, { params: { id } }, { environment, signal }),
    refetchInterval: LATER_MS,
  })
}

/** A page of deliveries to one endpoint, newest first; looked at again by itself. */
export function deliveriesQuery(environment: Environment, id: string, filter: DeliveryFilter) {
  const { page, status, event } = filter
  return queryOptions({
    queryKey: ['webhooks', environment, id, 'deliveries', filter],
    queryFn: ({ signal }) =>
      call(
        listWebhookDeliveries,
        {
          params: { id },
          query: {
            limit: DELIVERIES_ON_A_PAGE,
            offset: (page - 1) * DELIVERIES_ON_A_PAGE,
            ...(status !== undefined && { status }),
            ...(event !== undefined && { event }),
          },
        },
        { environment, signal },
      ),
    refetchInterval: ({ state }) =>
      state.data?.deliveries.some((delivery) => delivery.deliveryState === 'pending') ? SOON_MS : LATER_MS,
  })
}
