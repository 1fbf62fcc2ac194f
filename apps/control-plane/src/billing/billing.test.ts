import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Amount, formatAmount } from '@pacspace/api/amount'
import { getMe } from '@pacspace/api/definition/accounts'
import { listActivity } from '@pacspace/api/definition/activity'
import {
  cancelSubscription,
  changeSubscription,
  getBillingPlan,
  getBillingUsage,
  listBillingPlans,
  openBillingPortal,
} from '@pacspace/api/definition/billing'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { createApiKey } from '@pacspace/api/definition/keys'
import { receiveStripeEvent } from '@pacspace/api/definition/stripe-webhook'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

const usd = (amount: Amount | null) => (amount === null ? null : formatAmount(amount))
const subscribe = ({ token }: TestUser, tier: string) =>
  plane.client.succeed(changeSubscription, { token, body: { tier } })
const entitlementIn = (environment: 'sandbox' | 'production', { tenantId }: TestUser) =>
  plane.planes[environment].tenants.get(tenantId)?.entitlement

describe('the plan', () => {
  test('has the published members, and prices to the last digit', async () => {
    const user = await plane.account()
    assert.deepEqual(await plane.client.succeed(getBillingPlan, user), {
      tier: 'free',
      monthlyAllotment: 100,
      planPriceUsd: 0n,
      overagePriceUsd: null,
      stripeSubscriptionId: null,
      cancelAtPeriodEnd: false,
      stripeCurrentPeriodEnd: null,
      provider: 'builtin',
    })
    await subscribe(user, 'starter')
    const { text } = await plane.client.call(getBillingPlan, user)
    assert.match(text, /"planPriceUsd":3000,"overagePriceUsd":0.012,/)
    const headers = { 'x-amount-format': 'string' }
    const exact = await plane.client.call(getBillingPlan, { token: user.token, headers })
    assert.match(exact.text, /"planPriceUsd":"3000","overagePriceUsd":"0.012",/)
  })

  test('plans are those published', async () => {
    const user = await plane.account({ tier: 'growth' })
    const { plans } = await plane.client.succeed(listBillingPlans, user)
    assert.deepEqual(
      plans.map((each) => [
        each.tier,
        usd(each.planPriceUsd),
        each.monthlyAllotment,
        usd(each.overagePriceUsd),
        each.lifetimeCap,
        each.hasProduction,
        each.ratePerSecond,
        each.burst,
        each.isCurrent,
      ]),
      [
        ['free', '0', 100, null, 100, false, 10, 20, false],
        ['pilot', '1000', 10_000, '0.02', null, true, 50, 100, false],
        ['starter', '3000', 100_000, '0.012', null, true, 200, 400, false],
        ['growth', '8000', 500_000, '0.01', null, true, 1_000, 2_000, true],
        ['scale', '15000', 2_000_000, '0.008', null, true, 5_000, 10_000, false],
        ['enterprise', null, null, null, null, true, 5_000, 10_000, false],
      ],
    )
  })
})

describe('a subscription', () => {
  test('takes effect at once: Production is unlocked by the next call, and each plane is told', async () => {
    const user = await plane.account()
    const { token } = user
    const body = { environment: 'mainnet' }
    await plane.client.refuse(provisionEnvironment, 'PLAN_UPGRADE_REQUIRED', { token, body })
    const answer = await subscribe(user, 'pilot')
    assert.deepEqual([answer.tier, answer.checkoutUrl], ['pilot', null])
    await plane.client.succeed(provisionEnvironment, { token, body })
    await plane.client.succeed(createApiKey, { token, body: { name: 'live', environment: 'live' } })
    await plane.runJobs()
    for (const environment of ['sandbox', 'production'] as const) {
      const { tier, lifetimeCap, writesAllowed } = entitlementIn(environment, user) ?? {}
      assert.deepEqual([tier, lifetimeCap, writesAllowed], ['pilot', null, true])
    }
  })

  test('up and down again, each step in the history and in the activity log; the same plan twice is one step', async () => {
    const user = await plane.account()
    for (const tier of ['pilot', 'scale', 'scale', 'starter']) await subscribe(user, tier)
    const { rows } = await plane.owner.query<{ tier: string }>(
      'select tier from plan_change where tenant_id = $1 order by version',
      [user.tenantId],
    )
    assert.deepEqual(
      rows.map(({ tier }) => tier),
      ['free', 'pilot', 'scale', 'starter'],
    )
    const { items } = await plane.client.succeed(listActivity, {
      token: user.token,
      query: { action: 'plan.changed' },
    })
    assert.deepEqual(
      items.map(({ details, actor }) => [details.from, details.to, actor.id]),
      [
        ['scale', 'starter', user.userId],
        ['pilot', 'scale', user.userId],
        ['free', 'pilot', user.userId],
      ],
    )
  })

  test('is mailed to the owners, once for each change', async () => {
    const user = await plane.account()
    for (const tier of ['pilot', 'pilot', 'scale']) await subscribe(user, tier)
    await plane.runJobs()
    const mails = plane.mails.filter(({ to, subject }) => to === user.email && subject.includes('plan'))
    assert.equal(mails.length, 2)
    assert.ok(mails.some(({ text }) => text.includes('now Scale; it was Pilot')))
  })

  test('withdraws what an operator had granted', async () => {
    const user = await plane.account()
    await plane.owner.query(
      `update tenant_plan set tier = 'pilot', rate_per_second = 70, monthly_allotment = 9 where tenant_id = $1`,
      [user.tenantId],
    )
    assert.equal((await subscribe(user, 'pilot')).monthlyAllotment, 10_000)
    const { plan } = await plane.client.succeed(getMe, user)
    assert.equal(plan.monthlyAllotment, 10_000)
  })

  test('two changes at once: one after the other, and the planes know the last', async () => {
    const user = await plane.account({ tier: 'pilot' })
    await Promise.all(
      ['starter', 'growth', 'scale', 'starter', 'growth'].map((tier) => subscribe(user, tier)),
    )
    await plane.runJobs()
    const { tier } = await plane.client.succeed(getBillingPlan, user)
    assert.equal(entitlementIn('sandbox', user)?.tier, tier)
    const versions = await plane.count('plan_change', 'tenant_id = $1', [user.tenantId])
    assert.equal(
      await plane.count('tenant_plan', 'tenant_id = $1 and version = $2', [user.tenantId, versions]),
      1,
    )
  })

  test('ENTERPRISE_BY_CONTRACT, there and back, with whom to write to', async () => {
    const user = await plane.account({ tier: 'pilot' })
    const { token } = user
    const to = { token, body: { tier: 'enterprise' } }
    const { message } = await plane.client.refuse(changeSubscription, 'ENTERPRISE_BY_CONTRACT', to)
    assert.match(message, /sales@pacspace\.io/)
    await plane.putOnPlan(user.tenantId, 'enterprise')
    const from = { token, body: { tier: 'pilot' } }
    await plane.client.refuse(changeSubscription, 'ENTERPRISE_BY_CONTRACT', from)
    await plane.client.refuse(cancelSubscription, 'ENTERPRISE_BY_CONTRACT', { token })
    assert.equal((await plane.client.succeed(getBillingPlan, { token })).tier, 'enterprise')
  })

  test('VALIDATION_ERROR: no tier, an unknown one, Free, a price of their own', async () => {
    const { token } = await plane.account()
    for (const body of [{}, { tier: 'gold' }, { tier: 'free' }, { tier: 'pilot', planPriceUsd: 1 }])
      await plane.client.refuse(changeSubscription, 'VALIDATION_ERROR', { token, body })
  })

  test('INSUFFICIENT_PERMISSION for everybody but owners, and nothing changes', async () => {
    for (const role of ['admin', 'developer', 'viewer'] as const) {
      const user = await plane.account({ role })
      const body = { tier: 'pilot' }
      await plane.client.refuse(changeSubscription, 'INSUFFICIENT_PERMISSION', { token: user.token, body })
      await plane.client.refuse(cancelSubscription, 'INSUFFICIENT_PERMISSION', user)
      assert.equal(await plane.count('plan_change', 'tenant_id = $1', [user.tenantId]), 1)
    }
  })
})

describe('a cancellation', () => {
  test('takes effect at once: live writes end, the Sandbox is capped, nothing is deleted', async () => {
    const user = await plane.account({ tier: 'pilot' })
    const { token } = user
    await plane.client.succeed(provisionEnvironment, { token, body: { environment: 'mainnet' } })
    await plane.runJobs()
    const answer = await plane.client.succeed(cancelSubscription, { token })
    assert.deepEqual([answer.tier, answer.cancelAtPeriodEnd], ['free', false])
    await plane.runJobs()
    assert.equal(entitlementIn('production', user)?.writesAllowed, false)
    const { lifetimeCap, writesAllowed } = entitlementIn('sandbox', user) ?? {}
    assert.deepEqual([lifetimeCap, writesAllowed], [100, true])
    assert.equal(plane.planes.production.tenants.get(user.tenantId)?.status, 'active')
    const body = { name: 'x', environment: 'live' }
    await plane.client.refuse(createApiKey, 'PLAN_UPGRADE_REQUIRED', { token, body })
    await subscribe(user, 'pilot')
    await plane.runJobs()
    assert.equal(entitlementIn('production', user)?.writesAllowed, true)
  })

  test('NO_SUBSCRIPTION on Free; and there is no portal', async () => {
    const user = await plane.account()
    await plane.client.refuse(cancelSubscription, 'NO_SUBSCRIPTION', user)
    await plane.client.refuse(openBillingPortal, 'NO_SUBSCRIPTION', user)
    await plane.client.refuse(receiveStripeEvent, 'NOT_FOUND', { body: {} })
  })
})

describe('usage', () => {
  const usageOf = (user: TestUser, period?: string) =>
    plane.client.succeed(getBillingUsage, { token: user.token, query: { period } })

  test('of a paid month is Production’s, with overage and days; the Sandbox is not billed', async () => {
    const user = await plane.account({ tier: 'pilot' })
    await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
    await plane.runJobs()
    plane.planes.sandbox.use(user.tenantId, '2026-01', { consumed: 77, reserved: 7 })
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_003, reserved: 2 })
    const { overageChargesUsd, days, ...usage } = await usageOf(user)
    assert.deepEqual(usage, {
      period: '2026-01',
      tier: 'pilot',
      includedDeltas: 10_000,
      consumedDeltas: 10_003,
      overageCount: 3,
      remainingDeltas: 0,
      reservedDeltas: 2,
    })
    assert.equal(formatAmount(overageChargesUsd), '0.06')
    assert.deepEqual(days[0], { date: '2026-01-01', consumedDeltas: 10_003, reservedDeltas: 2 })
  })

  test('on Free is the Sandbox’s, and what remains is for life', async () => {
    const user = await plane.account()
    plane.planes.sandbox.use(user.tenantId, '2025-12', { consumed: 60, reserved: 0 })
    plane.planes.sandbox.use(user.tenantId, '2026-01', { consumed: 10, reserved: 5 })
    const { consumedDeltas, reservedDeltas, remainingDeltas, overageCount } = await usageOf(user)
    assert.deepEqual([consumedDeltas, reservedDeltas, remainingDeltas, overageCount], [10, 5, 25, 0])
    assert.equal((await usageOf(user, '2025-12')).consumedDeltas, 60)
  })

  test('of a month that was paid for, after the cancellation, is still Production’s', async () => {
    const user = await plane.account({ tier: 'pilot' })
    await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
    await plane.runJobs()
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 12_000, reserved: 0 })
    await plane.client.succeed(cancelSubscription, user)
    const usage = await usageOf(user)
    assert.deepEqual([usage.tier, usage.overageCount], ['pilot', 2_000])
  })

  test('where nothing was provisioned is nothing; by contract nothing remains to be said', async () => {
    const user = await plane.account({ tier: 'enterprise' })
    const { consumedDeltas, includedDeltas, remainingDeltas, days } = await usageOf(user)
    assert.deepEqual([consumedDeltas, includedDeltas, remainingDeltas, days], [0, null, null, []])
  })

  test('VALIDATION_ERROR for a month that has not begun, and for what is no month', async () => {
    const { token } = await plane.account()
    for (const period of ['2026-02', '2026-13', '2026', '2026-1', '0000-01', ''])
      await plane.client.refuse(getBillingUsage, 'VALIDATION_ERROR', { token, query: { period } })
  })

  test('SERVICE_UNAVAILABLE while the plane is away, and the plan is told all the same', async () => {
    const user = await plane.account()
    await plane.planes.sandbox.stop()
    await plane.client.refuse(getBillingUsage, 'SERVICE_UNAVAILABLE', user)
    await plane.client.succeed(getBillingPlan, user)
    await plane.planes.sandbox.start()
  })
})
