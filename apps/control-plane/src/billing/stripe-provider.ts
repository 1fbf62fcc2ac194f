import type { TenantId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, periodBounds, periodOf, timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type Stripe from 'stripe'
import type { ControlPlaneContext } from '../context.ts'
import type { PaymentProvider, PlanWish } from './payment-provider.ts'
import { findStripeCustomer, insertStripeCustomer, type StripeCustomerRow } from './stripe.sql.ts'
import { createStripe, fromStripe, type StripeSettings } from './stripe-api.ts'
import { receiveStripeEvent } from './stripe-event.ts'
import { listStripeInvoices } from './stripe-invoices.ts'
import { chargeOverage } from './stripe-overage.ts'
import { syncCustomer } from './sync-subscription.ts'

interface StripeAccess {
  readonly stripe: Stripe
  readonly settings: StripeSettings
}

/**
 * Plans paid through Stripe: Checkout for the first one, its API for changes, its portal for cards and invoices. A plan
 * changes when Stripe says that it is held (`sync-subscription.ts`), never because somebody came back from a page.
 */
export function stripeProvider(settings: StripeSettings): PaymentProvider {
  const access = { stripe: createStripe(settings), settings }
  const { stripe } = access
  return {
    name: 'stripe',
    subscribe: (wish, context) => subscribe(wish, access, context),

    async cancel({ tenantId }, context) {
      const { customerId, subscriptionId } = await requireSubscription(context.db, tenantId)
      await fromStripe(stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true }))
      await syncCustomer(customerId, access, context)
    },

    async openPortal(tenantId, { db, publicUrl }) {
      const known = await findStripeCustomer(db, tenantId)
      if (known === undefined) throw new Problem('NO_SUBSCRIPTION')
      const session = { customer: known.customerId, return_url: `${publicUrl}/billing` }
      return (await fromStripe(stripe.billingPortal.sessions.create(session))).url
    },

    async subscriptionOf(tenantId, { db }) {
      const known = await findStripeCustomer(db, tenantId)
      return {
        stripeSubscriptionId: known?.subscriptionId ?? null,
        cancelAtPeriodEnd: known?.cancelAtPeriodEnd ?? false,
        stripeCurrentPeriodEnd: known?.currentPeriodEnd ?? null,
      }
    },

    async listInvoices(tenantId, stretch, { db }) {
      const known = await findStripeCustomer(db, tenantId)
      return known === undefined ? [] : await listStripeInvoices(stripe, known.customerId, stretch)
    },

    chargeMonth: (charge, context) => chargeOverage(charge, stripe, context),
    receiveEvent: (body, signature, context) => receiveStripeEvent({ body, signature }, access, context),
    sync: (customerId, context) => syncCustomer(customerId, access, context),
  }
}

/** A subscription that is held changes its price; without one Checkout sells it. */
async function subscribe(
  { tenantId, tier }: PlanWish,
  access: StripeAccess,
  context: ControlPlaneContext,
): Promise<{ readonly checkoutUrl: string | null }> {
  const { stripe, settings } = access
  const price = settings.prices.get(tier)
  if (price === undefined) throw new Error(`no price is configured for ${tier}`)
  const { customerId, subscriptionId } = await ensureCustomer(tenantId, stripe, context.db)
  if (subscriptionId === null) {
    return { checkoutUrl: await openCheckout({ tenantId, customerId, price }, stripe, context) }
  }
  const subscription = await fromStripe(stripe.subscriptions.retrieve(subscriptionId))
  const [item] = subscription.items.data
  if (item === undefined) throw new Error(`subscription ${subscriptionId} has no item`)
  await fromStripe(
    stripe.subscriptions.update(subscriptionId, {
      items: [{ id: item.id, price }],
      proration_behavior: 'create_prorations',
      cancel_at_period_end: false,
    }),
  )
  await syncCustomer(customerId, access, context)
  return { checkoutUrl: null }
}

/** Twice at once is one customer: the key makes Stripe answer the same, and the first row stays. */
async function ensureCustomer(tenantId: TenantId, stripe: Stripe, db: Db): Promise<StripeCustomerRow> {
  const known = await findStripeCustomer(db, tenantId)
  if (known !== undefined) return known
  const customer = await fromStripe(
    stripe.customers.create({ metadata: { tenantId } }, { idempotencyKey: `customer:${tenantId}` }),
  )
  await insertStripeCustomer(db, tenantId, customer.id)
  const kept = await findStripeCustomer(db, tenantId)
  if (kept === undefined) throw new Error(`tenant ${tenantId} has no customer after one was kept`)
  return kept
}

/**
 * A page of Stripe where a plan is bought. Earlier pages that are still open are closed, so that who clicked twice cannot
 * pay twice. Billing months are calendar months, as usage is counted: Stripe prorates the first one.
 */
async function openCheckout(
  { tenantId, customerId, price }: { tenantId: TenantId; customerId: string; price: string },
  stripe: Stripe,
  { clock, publicUrl }: Pick<ControlPlaneContext, 'clock' | 'publicUrl'>,
): Promise<string> {
  const open = await fromStripe(
    stripe.checkout.sessions.list({ customer: customerId, status: 'open', limit: 100 }),
  )
  for (const { id } of open.data) await fromStripe(stripe.checkout.sessions.expire(id))
  const { end } = periodBounds(periodOf(timestampOf(clock.now())))
  const session = await fromStripe(
    stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customerId,
      client_reference_id: tenantId,
      line_items: [{ price, quantity: 1 }],
      subscription_data: { billing_cycle_anchor: epochMsOf(end) / 1_000, metadata: { tenantId } },
      success_url: `${publicUrl}/billing?checkout=done`,
      cancel_url: `${publicUrl}/billing?checkout=cancelled`,
    }),
  )
  if (session.url === null) throw new Error(`Stripe gave Checkout session ${session.id} no page`)
  return session.url
}

async function requireSubscription(db: Db, tenantId: TenantId) {
  const known = await findStripeCustomer(db, tenantId)
  const subscriptionId = known?.subscriptionId ?? null
  if (known === undefined || subscriptionId === null) {
    throw new Problem('NO_SUBSCRIPTION', {
      message: 'This plan is not paid through Stripe. Ask your operator.',
    })
  }
  return { customerId: known.customerId, subscriptionId }
}
