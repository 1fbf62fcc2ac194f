import { listInvoices as definition } from '@pacspace/api/definition/billing'
import { implement } from '../context.ts'

const LIMIT_DEFAULT = 24

/** A page of the tenant's invoices, newest first. Any role. */
export const listInvoices = implement(definition, async ({ principal, input }, context) => {
  const { page = 1, limit = LIMIT_DEFAULT } = input.query
  const stretch = { limit, offset: (page - 1) * limit }
  const invoices = await context.payments.listInvoices(principal.tenantId, stretch, context)
  return { invoices, page, limit }
})
