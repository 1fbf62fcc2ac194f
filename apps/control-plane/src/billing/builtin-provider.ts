import { amountOf, amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import { newId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { applyPlan, publishedPlan } from './apply-plan.ts'
import { settlePeriod } from './billing.sql.ts'
import { type ChargeLine, totalOf } from './charge.ts'
import { type InvoiceRow, insertInvoice, listInvoiceRows, type StoredLine } from './invoice.sql.ts'
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

  /** The invoice and the note that the month is settled are one transaction: whoever comes second finds the note. */
  async chargeMonth({ tenantId, period, lines }, { db, clock, randomBytes }) {
    await transaction(db, async (tx) => {
      if (!(await settlePeriod(tx, tenantId, period)) || lines.length === 0) return
      await insertInvoice(tx, {
        id: newId('bill', randomBytes),
        tenantId,
        period,
        lines: lines.map(storedLine),
        totalUsd: formatAmount(totalOf(lines)),
        issuedAt: timestampOf(clock.now()),
      })
    })
  },

  async receiveEvent() {
    throw new Problem('NOT_FOUND')
  },

  async sync() {
    throw new Error('the built-in provider has no customers elsewhere')
  },
}

function storedLine({ description, quantity, unitPriceUsd, amountUsd }: ChargeLine): StoredLine {
  return {
    description,
    quantity,
    unitPriceUsd: formatAmount(unitPriceUsd),
    amountUsd: formatAmount(amountUsd),
  }
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
