import type { Environment } from '@pacspace/api/environment'
import { call } from '../api/client.ts'
import { listLedgerCustomers } from '../api/endpoints.gen.ts'
import { csvFile } from '../ui/csv-file.ts'
import type { Customer } from './customer-queries.ts'

const PAGE_SIZE = 100
/** Customers in one file: so many pages are asked for, one after another. */
const PAGES_MAX = 100

const COLUMNS = [
  'customerId',
  'displayName',
  'balance',
  'deltas',
  'firstDeltaAt',
  'lastDeltaAt',
  'customerReference',
] as const

/** All customers that a search finds, as a CSV file; the first 10,000 where there are more. */
export async function customersCsv(environment: Environment, search: string) {
  const rows: Customer[] = []
  let total = 0
  for (let page = 1; page <= PAGES_MAX; page++) {
    const { customers, pagination } = await call(
      listLedgerCustomers,
      { query: { page, limit: PAGE_SIZE, search } },
      { environment },
    )
    rows.push(...customers)
    total = pagination.total
    if (page >= pagination.totalPages) break
  }
  return { csv: csvFile([COLUMNS, ...rows.map(cellsOf)]), count: rows.length, isWhole: rows.length >= total }
}

function cellsOf(customer: Customer) {
  return [
    customer.customerId,
    customer.displayName,
    { number: customer.computedBalance },
    { number: String(customer.totalDeltas) },
    customer.firstDeltaAt,
    customer.lastDeltaAt,
    customer.customerReference,
  ]
}
