import { createCustomer, NewCustomer, newCustomerBody } from '../definition/customer-profile.ts'
import { defineEndpoint } from '../endpoint.ts'
import { IdOf, Strict } from '../field.ts'

/** Customers that exist before their first delta; no endpoint of the Balance API makes one. */
export const createPlaneCustomer = defineEndpoint({
  id: 'createPlaneCustomer',
  surface: 'internal',
  method: 'POST',
  path: '/internal/tenants/:tenantId/customers',
  auth: { kind: 'internal' },
  summary: createCustomer.summary,
  params: Strict({ tenantId: IdOf('tnt') }),
  body: newCustomerBody,
  success: { status: 201, data: NewCustomer },
  problems: createCustomer.problems,
})
