import { CustomerHistory, historyFilter } from '../definition/ledger-views.ts'
import { defineEndpoint } from '../endpoint.ts'
import { CustomerId, IdOf, Strict } from '../field.ts'

/** What the Dashboard API draws and lists of one customer: deltas with the balance after each. */
export const getPlaneHistory = defineEndpoint({
  id: 'getPlaneHistory',
  surface: 'internal',
  method: 'GET',
  path: '/internal/tenants/:tenantId/customers/:customerId/history',
  auth: { kind: 'internal' },
  summary: 'Deltas of a customer with the balance after each, pending ones included.',
  params: Strict({ tenantId: IdOf('tnt'), customerId: CustomerId }),
  query: historyFilter,
  success: { status: 200, data: CustomerHistory },
  problems: ['CONTRACT_NOT_DEPLOYED', 'INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND'],
})
