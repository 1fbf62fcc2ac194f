import { DeltaPage, deltaFilter } from '../definition/ledger-views.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Strict, Whole } from '../field.ts'
import { Type } from '../schema.ts'

/** What the Dashboard API lists: deltas of all customers, which no endpoint of the Balance API does. */
export const listPlaneDeltas = defineEndpoint({
  id: 'listPlaneDeltas',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/deltas',
  auth: { kind: 'internal' },
  summary: 'Deltas of a tenant, newest first, by customer, status, recordId or referenceId.',
  params: Strict({ tenantId: IdOf('tnt') }),
  // Exports read more at once than a page of the dashboard shows.
  query: Strict({
    ...deltaFilter.properties,
    limit: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 25 })),
  }),
  success: { status: 200, data: DeltaPage },
  problems: ['CONTRACT_NOT_DEPLOYED', 'CUSTOMER_NOT_FOUND'],
})
