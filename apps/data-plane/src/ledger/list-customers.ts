import * as api from '@pacspace/api/definition/ledger'
import { implement } from '../context.ts'
import { listedCustomer } from './customer-answer.ts'
import { countCustomers, selectCustomers } from './read.sql.ts'

/** The tenant's customers with their verified balances, in byte order of their names (product.md §3 "Customers"). */
export const listCustomers = implement(api.listCustomers, async ({ principal, input }, { db }) => {
  const { page = 1, limit = 25 } = input.query
  const search = (input.query.search ?? '').toLowerCase()
  const [rows, total] = await Promise.all([
    selectCustomers(db, principal.tenantNo, { search, limit, offset: (page - 1) * limit }),
    countCustomers(db, principal.tenantNo, search),
  ])
  return {
    customers: rows.map((row) => listedCustomer(principal.tenantId, row)),
    pagination: { total, page, limit, totalPages: Math.ceil(total / limit) },
  }
})
