import { amountOfNumeric, ZERO } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { customerReference } from '@pacspace/proofs/customer-reference'
import { implement } from '../context.ts'
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
    customers: rows.map((row) => {
      const reference = customerReference(principal.tenantId, row.customer_id)
      return {
        customerId: row.customer_id,
        ledgerIdentifier: reference,
        customerReference: reference,
        totalDeltas: row.verified_seq,
        computedBalance: row.balance === null ? ZERO : amountOfNumeric(row.balance),
        firstDeltaAt: row.first_created_at,
        lastDeltaAt: row.last_created_at ?? row.first_created_at,
      }
    }),
    pagination: { total, page, limit, totalPages: Math.ceil(total / limit) },
  }
})
