import type { Environment } from '@pacspace/api/environment'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import {
  getLedgerCustomer,
  getLedgerHistory,
  getLedgerReceipt,
  listLedgerCheckpoints,
  listLedgerCustomers,
} from '../api/endpoints.gen.ts'

/** A customer as the list shows it. */
export type Customer = DataOf<NonNullable<(typeof listLedgerCustomers)['definition']>>['customers'][number]

/** A delta with the balance after it. */
export type HistoryDelta = DataOf<NonNullable<(typeof getLedgerHistory)['definition']>>['deltas'][number]

/** Totals of one month of a customer. */
export type Month = DataOf<NonNullable<(typeof getLedgerReceipt)['definition']>>['windowSummaries'][number]

export const CUSTOMERS_A_PAGE = 25
export const DELTAS_A_PAGE = 25
/** Deltas that the line of balances is drawn from, evenly spaced. */
export const DRAWN_MAX = 300
/** How often a page about a ledger looks whether it has grown. */
export const REFRESH_MS = 5_000

/** One page of customers. The old page stays while a new one is fetched. */
export function customersQuery(environment: Environment, page: number, search: string) {
  return queryOptions({
    queryKey: ['customers', environment, page, search],
    queryFn: ({ signal }) =>
      call(
        listLedgerCustomers,
        { query: { page, limit: CUSTOMERS_A_PAGE, search } },
        { environment, signal },
      ),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  })
}

/** One customer with its totals. */
export function customerQuery(environment: Environment, customerId: string) {
  return queryOptions({
    queryKey: ['customer', environment, customerId, 'facts'],
    queryFn: ({ signal }) =>
      call(getLedgerCustomer, { params: { customerId }, query: { deltaLimit: 1 } }, { environment, signal }),
    refetchInterval: REFRESH_MS,
  })
}

/** One page of a customer's deltas, newest first, with the balance after each. */
export function deltasQuery(environment: Environment, customerId: string, page: number) {
  const query = { limit: DELTAS_A_PAGE, offset: (page - 1) * DELTAS_A_PAGE }
  return queryOptions({
    queryKey: ['customer', environment, customerId, 'deltas', page],
    queryFn: ({ signal }) =>
      call(getLedgerHistory, { params: { customerId }, query }, { environment, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  })
}

/** What the line of balances is drawn from: of the last days, or of all time. */
export function lineQuery(environment: Environment, customerId: string, startDate: string | undefined) {
  const scope = startDate === undefined ? {} : { startDate, endDate: END_OF_TIME }
  return queryOptions({
    queryKey: ['customer', environment, customerId, 'line', startDate ?? 'all'],
    queryFn: ({ signal }) =>
      call(
        getLedgerHistory,
        // The server reads any ISO 8601 date; the types know only the form that it answers.
        { params: { customerId }, query: { ...scope, evenly: true, limit: DRAWN_MAX } as object },
        { environment, signal },
      ),
    placeholderData: keepPreviousData,
  })
}

const END_OF_TIME = '9999-12-31'

/** Totals by month, oldest first. */
export function monthsQuery(environment: Environment, customerId: string) {
  return queryOptions({
    queryKey: ['customer', environment, customerId, 'months'],
    queryFn: ({ signal }) =>
      call(getLedgerReceipt, { params: { customerId }, query: { limit: 1 } }, { environment, signal }),
  })
}

/** The newest checkpoints of a customer, its part of those of all included. */
export function customerCheckpointsQuery(environment: Environment, customerId: string, limit: number) {
  return queryOptions({
    queryKey: ['checkpoints', environment, customerId, limit],
    queryFn: ({ signal }) =>
      call(listLedgerCheckpoints, { params: { customerId }, query: { limit } }, { environment, signal }),
    refetchInterval: REFRESH_MS,
  })
}
