import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { formatAmount } from '@pacspace/api/amount'
import {
  cancelSubscription,
  changeSubscription,
  getBillingPlan,
  listInvoices,
  openBillingPortal,
} from '@pacspace/api/definition/billing'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { receiveStripeEvent } from '@pacspace/api/definition/stripe-webhook'
import type { Tier } from '@pacspace/api/plan'
import { reconcile } from '../reconcile.ts'
import { databaseAway } from '../testing/database-away.ts'
import { StripeDouble } from '../testing/stripe-double.ts'
import { PUBLIC_URL, TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { stripeProvider } from './stripe-provider.ts'

const PRICES = new Map<Tier, string>([
  ['pilot', 'price_pilot'],
  ['starter', 'price_starter'],
  ['growth', 'price_growth'],
  ['scale', 'price_scale'],
])

let plane: TestControlPlane
let stripe: StripeDouble
before(async () => {
  plane = await TestControlPlane.start({
    payments: async (clock) => {
      stripe = new StripeDouble(clock)
      await stripe.start()
      const { url: apiUrl, webhookSecret } = stripe
      return stripeProvider({ secretKey: 'sk_test_0123', webhookSecret, prices: PRICES, apiUrl })
    },
  })
})
after(async () => {
  await plane[Symbol.asyncDispose]()
  await stripe.stop()
})
afterEach(() => {
  stripe.outage = undefined
  stripe.beforeAnswer = undefined
})

const subscribe = ({ token }: TestUser, tier: string) =>
  plane.client.succeed(changeSubscription, { token, body: { tier } })
const planOf = (user: TestUser) => plane.client.succeed(getBillingPlan, user)
const deliver = (...event: Parameters<StripeDouble['delivery']>) =>
  plane.client.succeed(receiveStripeEvent, stripe.delivery(...event))
const sessionOf = (checkoutUrl: string | null) => checkoutUrl?.split('/').at(-1) ?? assert.fail('no checkout')

/** A customer who has paid, and Stripe has said so. */
async function subscriber(tier: Tier = 'pilot') {
  const user = await plane.account()
  const { checkoutUrl } = await subscribe(user, tier)
  const subscription = stripe.completeCheckout(sessionOf(checkoutUrl))
  await deliver('customer.subscription.created', subscription)
  await plane.runJobs()
  return { user, subscription, customer: String(subscription.customer) }
}

describe('Checkout', () => {
  test('sells the plan, for calendar months; it is held when Stripe says so, not before', async () => {
    const user = await plane.account()
    const answer = await subscribe(user, 'pilot')
    assert.deepEqual([answer.tier, answer.provider], ['free', 'stripe'])
    const sessionId = sessionOf(answer.checkoutUrl)
    const session = stripe.sessions.get(sessionId) ?? assert.fail()
    assert.equal(session.client_reference_id, user.tenantId)
    assert.equal(Number(session.anchor) * 1_000, Date.parse('2026-02-01T00:00:00Z'))
    const subscription = stripe.completeCheckout(sessionId)
    assert.equal((await planOf(user)).tier, 'free')
    const refused = { token: user.token, body: { environment: 'mainnet' } }
    await plane.client.refuse(provisionEnvironment, 'PLAN_UPGRADE_REQUIRED', refused)

    await deliver('checkout.session.completed', session)
    await plane.runJobs()
    assert.deepEqual(
      { ...(await planOf(user)), planPriceUsd: 0, overagePriceUsd: 0 },
      {
        tier: 'pilot',
        monthlyAllotment: 10_000,
        planPriceUsd: 0,
        overagePriceUsd: 0,
        stripeSubscriptionId: subscription.id,
        cancelAtPeriodEnd: false,
        stripeCurrentPeriodEnd: '2026-02-01T00:00:00.000Z',
        provider: 'stripe',
      },
    )
    await plane.client.succeed(provisionEnvironment, refused)
  })

  test('clicked twice closes the first page, and makes one customer even at the same moment', async () => {
    const user = await plane.account()
    await Promise.all([subscribe(user, 'pilot'), subscribe(user, 'pilot')])
    const first = sessionOf((await subscribe(user, 'pilot')).checkoutUrl)
    await subscribe(user, 'growth')
    assert.equal(stripe.sessions.get(first)?.status, 'expired')
    const owned = [...stripe.customers.values()].filter(
      ({ metadata }) => (metadata as Record<string, string>).tenantId === user.tenantId,
    )
    assert.equal(owned.length, 1)
  })

  test('SERVICE_UNAVAILABLE while Stripe is away, and nothing changes', async () => {
    const user = await plane.account()
    stripe.outage = 503
    const call = { token: user.token, body: { tier: 'pilot' } }
    await plane.client.refuse(changeSubscription, 'SERVICE_UNAVAILABLE', call)
    stripe.outage = undefined
    assert.ok((await subscribe(user, 'pilot')).checkoutUrl)
  })
})

describe('a subscription that is held', () => {
  test('changes its price at once, without a page, and the planes are told', async () => {
    const { user, subscription } = await subscriber('pilot')
    const answer = await subscribe(user, 'scale')
    assert.deepEqual(
      [answer.tier, answer.checkoutUrl, answer.stripeSubscriptionId],
      ['scale', null, subscription.id],
    )
    await plane.runJobs()
    assert.equal(plane.planes.sandbox.tenants.get(user.tenantId)?.entitlement.tier, 'scale')
  })

  test('is cancelled for the end of what is paid for; then, and not before, the plan is Free', async () => {
    const { user, subscription } = await subscriber()
    const answer = await plane.client.succeed(cancelSubscription, user)
    assert.deepEqual([answer.tier, answer.cancelAtPeriodEnd], ['pilot', true])
    await deliver('customer.subscription.updated', subscription)
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'pilot')
    subscription.status = 'canceled'
    await deliver('customer.subscription.deleted', subscription)
    await plane.runJobs()
    const plan = await planOf(user)
    assert.deepEqual([plan.tier, plan.stripeSubscriptionId, plan.cancelAtPeriodEnd], ['free', null, false])
  })

  test('that is cancelled is kept by choosing it again', async () => {
    const { user } = await subscriber()
    await plane.client.succeed(cancelSubscription, user)
    assert.equal((await subscribe(user, 'pilot')).cancelAtPeriodEnd, false)
  })

  test('is kept while a payment is asked for again, and lost when Stripe gives up', async () => {
    const { user, subscription } = await subscriber()
    const states = [
      ['past_due', 'pilot'],
      ['unpaid', 'free'],
      ['active', 'pilot'],
    ] as const
    for (const [status, tier] of states) {
      subscription.status = status
      await deliver('customer.subscription.updated', subscription)
      await plane.runJobs()
      assert.equal((await planOf(user)).tier, tier, status)
    }
  })

  test('has a portal', async () => {
    const { user, customer } = await subscriber()
    const { portalUrl } = await plane.client.succeed(openBillingPortal, user)
    assert.equal(portalUrl, `https://billing.stripe.test/p/${customer}`)
    assert.equal(stripe.calls.at(-1)?.fields.return_url, `${PUBLIC_URL}/billing`)
  })

  test('ends only the plan that it gave: an operator’s order stands', async () => {
    const { user, subscription } = await subscriber()
    await plane.putOnPlan(user.tenantId, 'enterprise')
    await deliver('invoice.paid', stripe.addInvoice(String(subscription.customer)))
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'enterprise')
    subscription.status = 'canceled'
    await deliver('customer.subscription.deleted', subscription)
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'enterprise')
  })
})

test('NO_SUBSCRIPTION for what Stripe knows nothing of', async () => {
  const user = await plane.account({ tier: 'pilot' })
  await plane.client.refuse(cancelSubscription, 'NO_SUBSCRIPTION', user)
  await plane.client.refuse(openBillingPortal, 'NO_SUBSCRIPTION', user)
  assert.deepEqual((await plane.client.succeed(listInvoices, user)).invoices, [])
})

describe('events', () => {
  const count = (id: string) => plane.count('stripe_event', 'id = $1', [id])
  const jobs = (customer: string) =>
    plane.count('graphile_worker._private_jobs', 'key = $1', [`sync_stripe:${customer}`])

  test('in any order and any number lead to what Stripe says now', async () => {
    const user = await plane.account()
    const { checkoutUrl } = await subscribe(user, 'pilot')
    const subscription = stripe.completeCheckout(sessionOf(checkoutUrl))
    const created = stripe.delivery('customer.subscription.created', structuredClone(subscription))
    subscription.items = {
      object: 'list',
      data: [{ id: 'si_2', price: { id: 'price_growth' }, current_period_end: 1 }],
    }
    const updated = stripe.delivery('customer.subscription.updated', structuredClone(subscription))
    subscription.status = 'canceled'
    const deleted = stripe.delivery('customer.subscription.deleted', structuredClone(subscription))
    for (const each of [deleted, created, updated, created, deleted, updated, created]) {
      await plane.client.succeed(receiveStripeEvent, each)
      await plane.runJobs()
      assert.equal((await planOf(user)).tier, 'free')
    }
    assert.equal(await plane.count('plan_change', 'tenant_id = $1', [user.tenantId]), 1)
  })

  test('of the same id are kept and acted on once, delivered at once too', async () => {
    const { subscription, customer } = await subscriber()
    const twin = stripe.delivery('customer.subscription.updated', subscription, 'evt_twin')
    await Promise.all(Array.from({ length: 8 }, () => plane.client.succeed(receiveStripeEvent, twin)))
    assert.deepEqual([await count('evt_twin'), await jobs(customer)], [1, 1])
    await plane.runJobs()
    await plane.client.succeed(receiveStripeEvent, twin)
    assert.equal(await jobs(customer), 0)
  })

  test('are not lost with their job: the next start asks Stripe', async () => {
    const { user, subscription } = await subscriber()
    subscription.status = 'canceled'
    await deliver('customer.subscription.deleted', subscription)
    await plane.owner.query('delete from graphile_worker._private_jobs')
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'free')
    assert.equal(await plane.count('stripe_event', 'synced_at is null'), 0)
  })

  test('wait while Stripe is away', async () => {
    const { user, subscription } = await subscriber()
    subscription.status = 'canceled'
    stripe.outage = 500
    await deliver('customer.subscription.deleted', subscription)
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'pilot')
    stripe.outage = undefined
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.equal((await planOf(user)).tier, 'free')
  })

  test('that overtake each other: who asked Stripe too early asks again', async () => {
    const { user, subscription, customer } = await subscriber()
    let isFirst = true
    stripe.beforeAnswer = async ({ method, path }) => {
      if (!isFirst || method !== 'GET' || path !== '/v1/subscriptions') return
      isFirst = false
      // The answer below is of before; meanwhile it changes, and somebody else has written that already.
      const before = structuredClone(subscription)
      subscription.status = 'canceled'
      await plane.context.payments.sync(customer, plane.context)
      Object.assign(subscription, before)
      queueMicrotask(() => setImmediate(() => Object.assign(subscription, { status: 'canceled' })))
    }
    await plane.context.payments.sync(customer, plane.context)
    assert.equal((await planOf(user)).tier, 'free')
  })

  test('about nobody of ours, or about no customer, are kept and change nothing', async () => {
    await deliver('customer.subscription.created', { id: 'sub_x', customer: 'cus_of_somebody_else' })
    await deliver('balance.available', { id: 'bal_x' }, 'evt_balance')
    await plane.runJobs()
    assert.equal(await plane.count('stripe_event', 'synced_at is null'), 0)
    assert.equal(await count('evt_balance'), 1)
  })

  test('INVALID_SIGNATURE: none, another secret’s, of other bytes, too old; nothing is kept', async () => {
    const { body, headers } = stripe.delivery('customer.updated', { id: 'cus_x' }, 'evt_forged')
    const seconds = Math.floor(plane.clock.now() / 1_000)
    const forged: { body: string; headers?: Record<string, string> }[] = [
      { body },
      { body, headers: { 'stripe-signature': 'v1=00' } },
      { body, headers: { 'stripe-signature': headers['stripe-signature'].replace(/v1=..../, 'v1=0000') } },
      { body: body.replace('cus_x', 'cus_y'), headers },
      { body: `${body} `, headers },
      { body, headers: { 'stripe-signature': stripe.signature(body, seconds - 301) } },
    ]
    for (const call of forged) await plane.client.refuse(receiveStripeEvent, 'INVALID_SIGNATURE', call)
    assert.equal(await count('evt_forged'), 0)
    const late = { body, headers: { 'stripe-signature': stripe.signature(body, seconds - 299) } }
    await plane.client.succeed(receiveStripeEvent, late)
  })

  test('SERVICE_UNAVAILABLE with the database away, so that Stripe delivers again', async () => {
    const { body, headers } = stripe.delivery('customer.updated', { id: 'cus_x' }, 'evt_away')
    await databaseAway(plane.database.url, async () => {
      await plane.client.refuse(receiveStripeEvent, 'SERVICE_UNAVAILABLE', { body, headers })
    })
    await plane.client.succeed(receiveStripeEvent, { body, headers })
    assert.equal(await count('evt_away'), 1)
  })
})

describe('bills', () => {
  test('are Stripe’s, newest first, to the cent', async () => {
    const { user, customer } = await subscriber()
    stripe.addInvoice(customer, { status: 'paid', total: 100_000 })
    plane.clock.advance(60_000)
    const lines = {
      object: 'list',
      has_more: false,
      data: [
        { amount: 100_000, description: 'Pilot', quantity: 1, pricing: { unit_amount_decimal: '100000' } },
        { amount: -1, description: 'Unused time', quantity: 1, pricing: null },
      ],
    }
    stripe.addInvoice(customer, {
      status: 'open',
      total: 99_999,
      hosted_invoice_url: 'https://i.test',
      lines,
    })
    const { invoices } = await plane.client.succeed(listInvoices, user)
    assert.deepEqual(
      invoices.map(({ status, totalUsd, url }) => [status, formatAmount(totalUsd), url]),
      [
        ['open', '999.99', 'https://i.test'],
        ['paid', '1000', null],
      ],
    )
    assert.deepEqual(
      invoices[0]?.lines.map(({ amountUsd, unitPriceUsd }) => [
        formatAmount(amountUsd),
        unitPriceUsd && formatAmount(unitPriceUsd),
      ]),
      [
        ['1000', '1000'],
        ['-0.01', null],
      ],
    )
    const second = await plane.client.succeed(listInvoices, {
      token: user.token,
      query: { page: 2, limit: 1 },
    })
    assert.deepEqual(
      second.invoices.map(({ status }) => status),
      ['paid'],
    )
  })

  test('what a month used above its allotment is on the next bill, once', async () => {
    const { user, customer } = await subscriber()
    await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
    await plane.runJobs()
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_501, reserved: 0 })
    plane.clock.set('2026-02-01T00:01:00.000Z')
    const draft = stripe.addInvoice(customer)
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    // As if the process had died before it noted that the month is settled, a day ago.
    await plane.owner.query('update tenant_plan set settled_period = null where tenant_id = $1', [
      user.tenantId,
    ])
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    const items = [...stripe.invoiceItems.values()].filter((item) => item.customer === customer)
    assert.deepEqual(
      items.map(({ amount, currency, invoice, description }) => [amount, currency, invoice, description]),
      [['1002', 'usd', draft.id, 'Verified deltas above 10000, 2026-01']],
    )
    assert.equal(await plane.count('invoice', 'tenant_id = $1', [user.tenantId]), 0)
    assert.equal(
      await plane.count('tenant_plan', `tenant_id = $1 and settled_period = '2026-01'`, [user.tenantId]),
      1,
    )
  })
})
