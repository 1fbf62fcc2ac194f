import { webhookEventTypes } from '@pacspace/api/webhook-event'
import type { Delivery, DeliveryFilter } from './webhook-queries.ts'

/** What the address of an endpoint's page says beside the endpoint. */
export interface DeliverySearch {
  readonly status?: Delivery['deliveryState'] | undefined
  readonly event?: Delivery['event'] | undefined
  /** From 1; absent = 1. */
  readonly page?: number | undefined
  /** The event whose attempts are shown. */
  readonly delivery?: string | undefined
}

const states: readonly Delivery['deliveryState'][] = ['pending', 'delivered', 'failed', 'exhausted']

/** Reads an address that anybody may have written: what is not understood is left out. */
export function readDeliverySearch(search: Readonly<Record<string, unknown>>): DeliverySearch {
  const status = states.find((state) => state === search.status)
  const event = webhookEventTypes.find((type) => type === search.event)
  const page = Number(search.page ?? 1)
  return {
    ...(status !== undefined && { status }),
    ...(event !== undefined && { event }),
    ...(Number.isSafeInteger(page) && page > 1 && { page }),
    ...(typeof search.delivery === 'string' && { delivery: search.delivery }),
  }
}

/** The part of it that decides which deliveries are listed. */
export function filterOf({ status, event, page = 1 }: DeliverySearch): DeliveryFilter {
  return { status, event, page }
}
