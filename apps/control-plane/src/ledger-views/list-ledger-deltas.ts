import { listLedgerDeltas as definition } from '@pacspace/api/definition/ledger-views'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { implement } from '../context.ts'
import { requestedPlane } from './view-ledger.ts'

/** Deltas of all customers, newest first, by customer, status, recordId or referenceId. Any role. */
export const listLedgerDeltas = implement(definition, async (call, context) => {
  const { plane } = await requestedPlane(call, context)
  const { tenantId } = call.principal
  return await plane.call(listPlaneDeltas, { params: { tenantId }, query: call.input.query })
})
