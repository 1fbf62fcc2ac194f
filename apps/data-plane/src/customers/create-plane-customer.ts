import { newId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-customers'
import { Problem } from '@pacspace/api/problem'
import { customerReference } from '@pacspace/proofs/customer-reference'
import { implement } from '../context.ts'
import { selectTenantNo } from '../tenants/front-door.ts'

/**
 * Creates a customer before its first delta (product.md §4 "Ledger views"): from now on it is listed, with an empty ledger.
 * When the answer leaves, the customer and the deliveries of `customer.created` are on disk. Raises CONTRACT_NOT_DEPLOYED,
 * what the state of the log refuses, and CUSTOMER_EXISTS for one that was created or has deltas.
 */
export const createPlaneCustomer = implement(api.createPlaneCustomer, async ({ input }, context) => {
  const { db, randomBytes } = context
  const { tenantId } = input.params
  const { customerId = newId('cus', randomBytes), displayName, ...hints } = input.body
  const tenantNo = await selectTenantNo(db, tenantId)
  if (tenantNo === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
  const outcome = await context.createCustomer(tenantNo, {
    tenantId,
    customerId,
    displayName,
    sharingStateHint: hints.sharingStateHint ?? null,
    eventCadence: hints.eventCadence ?? null,
    unitLabel: hints.unitLabel ?? null,
  })
  if (outcome.kind === 'refused') throw new Problem(outcome.code)
  context.onDeliveryDue()
  const reference = customerReference(tenantId, customerId)
  return {
    customerId,
    displayName,
    ...hints,
    ledgerIdentifier: reference,
    customerReference: reference,
    createdAt: outcome.createdAt,
  }
})
