import { type Amount, amountOf, FRACTION_DIGITS_MAX } from '@pacspace/api/amount'
import { periodOf, timestampOf } from '@pacspace/api/timestamp'
import type Stripe from 'stripe'
import { amountOfCents } from './charge.ts'
import type { Stretch } from './payment-provider.ts'
import { fromStripe } from './stripe-api.ts'

/** The invoices of a customer as Stripe has them, newest first. */
export async function listStripeInvoices(stripe: Stripe, customerId: string, { limit, offset }: Stretch) {
  const all = await fromStripe(
    stripe.invoices.list({ customer: customerId, limit: 100 }).autoPagingToArray({ limit: offset + limit }),
  )
  return all.slice(offset).map(shownInvoice)
}

function shownInvoice(invoice: Stripe.Invoice) {
  const issuedAt = timestampOf(invoice.created * 1_000)
  return {
    id: invoice.id,
    period: periodOf(issuedAt),
    status: invoice.status ?? 'draft',
    lines: invoice.lines.data.map((line) => ({
      description: line.description ?? '',
      quantity: line.quantity ?? 1,
      unitPriceUsd: unitPriceOf(line.pricing?.unit_amount_decimal?.toString()),
      amountUsd: amountOfCents(line.amount),
    })),
    totalUsd: amountOfCents(invoice.total),
    issuedAt,
    url: invoice.hosted_invoice_url ?? null,
  }
}

/** Cents with decimals → dollars, exactly; null where that takes more digits than an amount has. */
function unitPriceOf(cents: string | undefined): Amount | null {
  if (cents === undefined || (cents.split('.')[1] ?? '').length > FRACTION_DIGITS_MAX - 2) return null
  return (amountOf(cents) / 100n) as Amount // divisible: it has two digits to spare
}
