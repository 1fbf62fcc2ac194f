import { epochMsOf, periodBounds } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import type Stripe from 'stripe'
import type { ControlPlaneContext } from '../context.ts'
import { settlePeriod } from './billing.sql.ts'
import { centsOf } from './charge.ts'
import type { MonthCharge } from './payment-provider.ts'
import { findStripeCustomer } from './stripe.sql.ts'
import { fromStripe } from './stripe-api.ts'

/**
 * Puts what a month used above its allotment on the customer's bill; the plan itself is Stripe's to charge. On the draft that
 * Stripe has just made for the next month, or on an invoice of its own after a subscription has ended. Twice is once: Stripe
 * answers the same for the same key, and an item of that month that is there already is found. If the process dies before the
 * note that the month is settled, it is asked for again.
 */
export async function chargeOverage(
  { tenantId, period, lines }: MonthCharge,
  stripe: Stripe,
  { db }: Pick<ControlPlaneContext, 'db'>,
): Promise<void> {
  const known = await findStripeCustomer(db, tenantId)
  const overage = lines.find(({ kind }) => kind === 'overage')
  if (known !== undefined && overage !== undefined && centsOf(overage.amountUsd) > 0) {
    const { customerId } = known
    if (!(await hasItem(stripe, customerId, tenantId, period))) {
      const [draft] = (
        await fromStripe(stripe.invoices.list({ customer: customerId, status: 'draft', limit: 1 }))
      ).data
      await fromStripe(
        stripe.invoiceItems.create(
          {
            customer: customerId,
            currency: 'usd',
            amount: centsOf(overage.amountUsd),
            description: overage.description,
            metadata: { tenantId, period },
            ...(draft && { invoice: draft.id }),
          },
          { idempotencyKey: `overage:${tenantId}:${period}` },
        ),
      )
    }
    if (known.subscriptionId === null) await invoiceNow(stripe, customerId, `${tenantId}:${period}`)
  }
  await transaction(db, (tx) => settlePeriod(tx, tenantId, period))
}

async function hasItem(
  stripe: Stripe,
  customerId: string,
  tenantId: string,
  period: MonthCharge['period'],
): Promise<boolean> {
  const since = epochMsOf(periodBounds(period).end) / 1_000
  const { data } = await fromStripe(
    stripe.invoiceItems.list({ customer: customerId, created: { gte: since }, limit: 100 }),
  )
  return data.some(({ metadata }) => metadata?.tenantId === tenantId && metadata.period === period)
}

/** No subscription will send a bill any more. */
async function invoiceNow(stripe: Stripe, customerId: string, month: string): Promise<void> {
  const invoice = {
    customer: customerId,
    auto_advance: true,
    pending_invoice_items_behavior: 'include',
  } as const
  await fromStripe(stripe.invoices.create(invoice, { idempotencyKey: `final:${month}` }))
}
