import type { TenantId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import { type Db, type Tx, transaction } from '@pacspace/service/postgres'
import type Stripe from 'stripe'
import type { ControlPlaneContext } from '../context.ts'
import { applyPlan, publishedPlan } from './apply-plan.ts'
import {
  findStripeCustomer,
  findTenantOfCustomer,
  listWaitingEvents,
  markEventsSynced,
  type StripeCustomerRow,
  type SubscriptionFacts,
  updateSubscription,
} from './stripe.sql.ts'
import { fromStripe, type StripeSettings, tierOfPrice } from './stripe-api.ts'
import { getTenantPlan } from './tenant-plan.ts'

/** Stripe's states in which a plan is held: a payment that fails is asked for again before the subscription ends. */
const HELD: readonly Stripe.Subscription['status'][] = ['active', 'trialing', 'past_due']

/**
 * Background step: asks Stripe which subscription a customer holds now, and puts the tenant on its plan. Events are only the
 * occasion, so it does not matter in which order, or how often, they come. Of several at once, whoever asked Stripe before
 * another wrote asks again (`version`), so what stands last was true last. If the process dies, the events still wait and
 * `requestDueSyncs` asks again. Raises SERVICE_UNAVAILABLE while Stripe is away.
 */
export async function syncCustomer(
  customerId: string,
  { stripe, settings }: { readonly stripe: Stripe; readonly settings: StripeSettings },
  context: ControlPlaneContext,
): Promise<void> {
  const { db, clock } = context
  for (;;) {
    const events = await listWaitingEvents(db, customerId)
    const tenantId = await findTenantOfCustomer(db, customerId)
    const known = tenantId === undefined ? undefined : await findStripeCustomer(db, tenantId)
    // A customer that is not ours: this account of Stripe serves others too.
    const facts = known && (await askStripe(customerId, stripe, settings))
    const isWritten = await transaction(db, async (tx) => {
      if (known !== undefined && facts !== undefined) {
        if (!(await updateSubscription(tx, known.tenantId, known.version, facts))) return false
        await follow(tx, known, facts, context)
      }
      await markEventsSynced(tx, events, timestampOf(clock.now()))
      return true
    })
    if (isWritten) return
  }
}

/** Of the subscriptions of a customer the newest that is held. */
async function askStripe(
  customerId: string,
  stripe: Stripe,
  { prices }: StripeSettings,
): Promise<SubscriptionFacts> {
  const { data } = await fromStripe(
    stripe.subscriptions.list({ customer: customerId, status: 'all', limit: 100 }),
  )
  const held = data.filter(({ status }) => HELD.includes(status)).sort((a, b) => b.created - a.created)[0]
  const item = held?.items.data[0]
  if (held === undefined || item === undefined) {
    return { subscriptionId: null, tier: null, cancelAtPeriodEnd: false, currentPeriodEnd: null }
  }
  const tier = tierOfPrice(prices, item.price.id)
  if (tier === undefined)
    throw new Error(`subscription ${held.id} has the price ${item.price.id}, which is no plan's`)
  return {
    subscriptionId: held.id,
    tier,
    // The portal may set a date instead of the flag.
    cancelAtPeriodEnd: held.cancel_at_period_end || held.cancel_at !== null,
    currentPeriodEnd: timestampOf(item.current_period_end * 1_000),
  }
}

/**
 * The plan follows the subscription where that has changed. What an operator decided meanwhile stays: an event that changes
 * nothing does not undo it, and the end of a subscription ends only the plan that it gave.
 */
async function follow(
  tx: Tx,
  before: StripeCustomerRow,
  { tier }: SubscriptionFacts,
  context: ControlPlaneContext,
): Promise<void> {
  if (tier === before.tier) return
  const { tenantId } = before
  if (tier === null && !(await isOnPlan(tx, tenantId, before.tier))) return
  await applyPlan(tx, publishedPlan(tenantId, tier ?? 'free'), { actor: 'system' }, context)
}

async function isOnPlan(db: Db, tenantId: TenantId, tier: string | null): Promise<boolean> {
  return (await getTenantPlan(db, tenantId)).tier === tier
}
