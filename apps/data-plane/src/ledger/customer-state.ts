import type { Db } from '@pacspace/service/postgres'
import { type CustomerState, selectCustomerState, selectIsCreated } from './read.sql.ts'

/** Of a customer that was created and has no delta yet: no row bears the number. */
const EMPTY_LEDGER: CustomerState = { customer_no: 0, verified_seq: 0, last_seq: 0 }

/**
 * Where a customer's ledger stands; undefined for an unknown customer. A ledger exists from its first delta, or since its
 * customer was created (product.md §1 "Words"); only who has no delta costs a second look.
 */
export async function findCustomer(
  db: Db,
  tenantNo: number,
  customerId: string,
): Promise<CustomerState | undefined> {
  const state = await selectCustomerState(db, tenantNo, customerId)
  if (state !== undefined) return state
  return (await selectIsCreated(db, tenantNo, customerId)) ? EMPTY_LEDGER : undefined
}
