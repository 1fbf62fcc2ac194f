import { getLedgerHistory as definition } from '@pacspace/api/definition/ledger-views'
import { getPlaneHistory } from '@pacspace/api/internal/plane-history'
import { implement } from '../context.ts'
import { requestedPlane } from './view-ledger.ts'

/** Deltas of a customer with the balance after each, newest first or evenly spaced. Any role. */
export const getLedgerHistory = implement(definition, async (call, context) => {
  const { plane } = await requestedPlane(call, context)
  const params = { ...call.input.params, tenantId: call.principal.tenantId }
  return await plane.call(getPlaneHistory, { params, query: call.input.query })
})
