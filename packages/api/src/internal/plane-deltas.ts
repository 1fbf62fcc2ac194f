import { DeltaPage, deltaFilter } from '../definition/ledger-views.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Strict } from '../field.ts'

/** What the Dashboard API lists: deltas of all customers, which no endpoint of the Balance API does. */
export const listPlaneDeltas = defineEndpoint({
  id: 'listPlaneDeltas',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/deltas',
  auth: { kind: 'internal' },
  summary: 'Deltas of a tenant, newest first, by customer, status, recordId or referenceId.',
  params: Strict({ tenantId: IdOf('tnt') }),
  query: deltaFilter,
  success: { status: 200, data: DeltaPage },
  problems: ['CONTRACT_NOT_DEPLOYED', 'CUSTOMER_NOT_FOUND'],
})
