import { amountOfNumeric, ZERO } from '@pacspace/api/amount'
import type { TenantId } from '@pacspace/api/id'
import { customerReference } from '@pacspace/proofs/customer-reference'
import type { ListedCustomer } from './read.sql.ts'

/** A customer as lists show it: totals of what is verified. */
export function listedCustomer(tenantId: TenantId, row: ListedCustomer) {
  const reference = customerReference(tenantId, row.customer_id)
  return {
    customerId: row.customer_id,
    displayName: row.display_name,
    ledgerIdentifier: reference,
    customerReference: reference,
    totalDeltas: row.verified_seq,
    computedBalance: row.balance === null ? ZERO : amountOfNumeric(row.balance),
    firstDeltaAt: row.first_created_at,
    lastDeltaAt: row.last_created_at ?? row.first_created_at,
  }
}
