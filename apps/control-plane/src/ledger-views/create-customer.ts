import { createCustomer as definition } from '@pacspace/api/definition/customer-profile'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { implement } from '../context.ts'
import { requestedPlane } from './view-ledger.ts'

/**
 * Creates a customer before its first delta, in the plane of the environment that the request names. Developers and above.
 * Raises CONTRACT_NOT_DEPLOYED, and what the plane answers: CUSTOMER_EXISTS, and what the state of its log refuses.
 */
export const createCustomer = implement(definition, async (call, context) => {
  const plane = await requestedPlane(call, context)
  const { tenantId } = call.principal
  return await plane.call(createPlaneCustomer, { params: { tenantId }, body: call.input.body })
})
