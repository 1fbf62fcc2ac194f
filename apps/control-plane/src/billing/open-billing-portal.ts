import { openBillingPortal as definition } from '@pacspace/api/definition/billing'
import { implement } from '../context.ts'

/** A page where the tenant's payment method and invoices are kept, with the provider that has one. Owners. Raises NO_SUBSCRIPTION. */
export const openBillingPortal = implement(definition, async ({ principal }, context) => ({
  portalUrl: await context.payments.openPortal(principal.tenantId, context),
}))
