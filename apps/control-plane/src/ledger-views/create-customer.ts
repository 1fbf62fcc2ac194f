import { createCustomer as definition } from '@pacspace/api/definition/customer-profile'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { audit, auditedChange } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { requestedPlane } from './view-ledger.ts'

/**
 * Creates a customer before its first delta, in the plane of the environment that the request names. Developers and above.
 * Raises CONTRACT_NOT_DEPLOYED, and what the plane answers: CUSTOMER_EXISTS, and what the state of its log refuses.
 */
export const createCustomer = implement(definition, async (call, context) => {
  const { principal, input, request } = call
  const { environment, plane } = await requestedPlane(call, context)
  const { tenantId, userId: actor } = principal
  const action = 'customer.created'
  const { customerId, displayName } = input.body
  return await auditedChange(
    { principal, request, action, environment, target: customerId ?? tenantId, details: { displayName } },
    {
      change: () => plane.call(createPlaneCustomer, { params: { tenantId }, body: input.body }),
      note: (tx, { customerId: target }) =>
        audit(
          tx,
          { tenantId, actor, action, environment, target, request, details: { displayName } },
          context,
        ),
    },
    context,
  )
})
