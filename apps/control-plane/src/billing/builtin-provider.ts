import { amountOf, amountOfNumeric } from '@pacspace/api/amount'
import { Problem } from '@pacspace/api/problem'
import { transaction } from '@pacspace/service/postgres'
import { applyPlan, publishedPlan } from './apply-plan.ts'
import { type InvoiceRow, listInvoiceRows } from './invoice.sql.ts'
import type { PaymentProvider } from './payment-provider.ts'

/**
 * The provider of a self-hosted PacSpace (product.md §4 "Billing"): a change takes effect at once, and finished months are
 * charged by invoices that `settle-month.ts` computes. How they are paid is between the two parties.
 */
export const builtinProvider: PaymentProvider = {
  name: 'builtin',

  async subscribe({ tenantId, tier, ...by }, context) {
    await transaction(context.db, (tx) => applyPlan(tx, publishedPlan(tenantId, tier), by, context))
    return { checkoutUrl: null }
  },

  async cancel({ tenantId, ...by }, context) {
    await transaction(context.db, (tx) => applyPlan(tx, publishedPlan(tenantId, 'free'), by, context))
  },

  async openPortal() {
    throw new Problem('NO_SUBSCRIPTION', { message: 'There is no payment page: invoices are listed here.' })
  },

  async subscriptionOf() {
    return { stripeSubscriptionId: null, cancelAtPeriodEnd: false, stripeCurrentPeriodEnd: null }
  },

  async listInvoices(tenantId, stretch, { db }) {
    const rows = await listInvoiceRows(db, tenantId, stretch)
    return rows.map(shownInvoice)
  },
}

function shownInvoice(row: InvoiceRow) {
  return {
    id: row.id,
    period: row.period,
    status: 'issued',
    lines: row.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unitPriceUsd: amountOf(line.unitPriceUsd),
      amountUsd: amountOf(line.amountUsd),
    })),
    totalUsd: amountOfNumeric(row.totalUsd),
    issuedAt: row.issuedAt,
    url: null,
  }
}
