import { getLedgerVerification as definition } from '@pacspace/api/definition/ledger-views'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'
import { implement } from '../context.ts'
import { requestedPlane } from './view-ledger.ts'

/** Verified and pending deltas by day, and how long verification took. Any role. */
export const getLedgerVerification = implement(definition, async (call, context) => {
  const { plane } = await requestedPlane(call, context)
  const { tenantId } = call.principal
  return await plane.call(getPlaneVerification, { params: { tenantId }, query: call.input.query })
})
