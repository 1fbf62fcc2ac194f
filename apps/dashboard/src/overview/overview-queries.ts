import type { Environment } from '@pacspace/api/environment'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import {
  getBillingUsage,
  getLedgerSummary,
  getLedgerVerification,
  listLedgerCustomers,
  listWebhooks,
} from '../api/endpoints.gen.ts'

export type Summary = DataOf<NonNullable<(typeof getLedgerSummary)['definition']>>
export type Verification = DataOf<NonNullable<(typeof getLedgerVerification)['definition']>>
export type Usage = DataOf<NonNullable<(typeof getBillingUsage)['definition']>>
export type WebhookEndpoint = DataOf<NonNullable<(typeof listWebhooks)['definition']>>['items'][number]

const REFRESH_MS = 5_000
/** Figures that move slowly, or cost the plane more. */
const SLOW_REFRESH_MS = 30_000
const CUSTOMERS_SHOWN = 5

/** All customers together, and how verification stands. */
export function summaryQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['summary', environment],
    queryFn: ({ signal }) => call(getLedgerSummary, {}, { environment, signal }),
    refetchInterval: REFRESH_MS,
  })
}

/** Verified deltas and their latency by day, of the last 30. */
export function verificationQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['verification', environment, 'days'],
    queryFn: ({ signal }) => call(getLedgerVerification, { query: {} }, { environment, signal }),
    refetchInterval: SLOW_REFRESH_MS,
  })
}

/** What the running month used of the plan. */
export const usageQuery = queryOptions({
  queryKey: ['billing', 'usage'],
  queryFn: ({ signal }) => call(getBillingUsage, { query: {} }, { signal }),
  refetchInterval: SLOW_REFRESH_MS,
})

/** Where events go, and whether they arrive. */
export function webhooksQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['webhooks', environment, 'overview'],
    queryFn: ({ signal }) => call(listWebhooks, {}, { environment, signal }),
    refetchInterval: SLOW_REFRESH_MS,
  })
}

/** A few customers, to begin with. */
export function someCustomersQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['customers', environment, 'overview'],
    queryFn: ({ signal }) =>
      call(listLedgerCustomers, { query: { limit: CUSTOMERS_SHOWN } }, { environment, signal }),
    refetchInterval: REFRESH_MS,
  })
}
