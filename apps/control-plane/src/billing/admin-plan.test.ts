import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { getMe } from '@pacspace/api/definition/accounts'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { reconcile } from '../reconcile.ts'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { changePlan, PlanOrderRefused, parsePlanOrder } from './admin-plan.ts'
import { pushEntitlement } from './push-entitlement.ts'

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())
beforeEach(async () => {
  user = await plane.account({ tier: 'pilot' })
  await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
  await plane.runJobs()
})

const entitlementIn = (environment: 'sandbox' | 'production') =>
  plane.planes[environment].tenants.get(user.tenantId)?.entitlement

function order(words: Parameters<typeof parsePlanOrder>[0]) {
  return changePlan(parsePlanOrder({ tenant: user.tenantId, ...words }), plane.context)
}

describe('a plan', () => {
  test('is known to both planes when the jobs have run', async () => {
    await order({ tier: 'growth' })
    await plane.runJobs()
    for (const environment of ['sandbox', 'production'] as const) {
      assert.deepEqual(entitlementIn(environment), {
        tier: 'growth',
        lifetimeCap: null,
        monthlyAllotment: 500_000,
        writesAllowed: true,
        ratePerSecond: 1_000,
        burst: 2_000,
      })
    }
    const { plan } = await plane.client.succeed(getMe, { token: user.token })
    assert.deepEqual(plan, { tier: 'growth', monthlyAllotment: 500_000 })
  })

  test('takes a rate and an allotment of its own, until an order comes without them', async () => {
    await order({ tier: 'enterprise', rate: '70', allotment: '9000000' })
    await plane.runJobs()
    assert.deepEqual(
      [entitlementIn('production')?.ratePerSecond, entitlementIn('production')?.burst],
      [70, 140],
    )
    const { plan } = await plane.client.succeed(getMe, { token: user.token })
    assert.equal(plan.monthlyAllotment, 9_000_000)
    await order({ tier: 'enterprise' })
    await plane.runJobs()
    assert.equal(entitlementIn('production')?.ratePerSecond, 5_000)
  })

  test('Free again ends writes in Production and caps the Sandbox; nothing is deleted', async () => {
    await order({ tier: 'free' })
    await plane.runJobs()
    assert.equal(entitlementIn('production')?.writesAllowed, false)
    assert.deepEqual(
      [entitlementIn('sandbox')?.writesAllowed, entitlementIn('sandbox')?.lifetimeCap],
      [true, 100],
    )
    assert.equal(plane.planes.production.tenants.get(user.tenantId)?.status, 'active')
  })

  test('reaches a plane that was away when it is back', async () => {
    await plane.planes.production.stop()
    await order({ tier: 'scale' })
    await plane.runJobs()
    assert.equal(entitlementIn('sandbox')?.tier, 'scale')
    assert.equal(entitlementIn('production')?.tier, 'pilot')
    await plane.planes.production.start()
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.equal(entitlementIn('production')?.tier, 'scale')
    const told = await plane.count('entitlement_push', 'tenant_id = $1', [user.tenantId])
    assert.equal(told, 2)
  })

  test('is told again when it changed while it was being told, whoever was first', async () => {
    const { tenantId } = user
    let hasChanged = false
    const slow = {
      ...plane.context,
      planes: {
        ...plane.context.planes,
        production: {
          // The plan changes, and is told by somebody else, while this call is on its way.
          call: async (...call: Parameters<typeof plane.context.planes.production.call>) => {
            if (!hasChanged) {
              hasChanged = true
              await order({ tier: 'scale' })
              await pushEntitlement({ tenantId, environment: 'production' }, plane.context)
            }
            return await plane.context.planes.production.call(...call)
          },
        },
      },
    } as typeof plane.context
    await pushEntitlement({ tenantId, environment: 'production' }, slow)
    assert.equal(entitlementIn('production')?.tier, 'scale')
  })
})

describe('a paid plan that Stripe is to charge for', () => {
  const place = (tier: string, isUnbilled = false, provider: 'stripe' | 'builtin' = 'stripe') =>
    changePlan(parsePlanOrder({ tenant: user.tenantId, tier }), plane.context, { provider, isUnbilled })
  const tierNow = async () => (await plane.client.succeed(getMe, { token: user.token })).plan.tier
  const unbilledNotes = () =>
    plane.count('audit_entry', 'tenant_id = $1 and details @> \'{"unbilled": true}\'', [user.tenantId])

  test('is refused for a tenant without a subscription there, and nothing changes', async () => {
    for (const tier of ['pilot', 'starter', 'growth', 'scale'])
      await assert.rejects(place(tier), { name: 'PlanOrderRefused', message: /no subscription at Stripe/ })
    await plane.owner.query('insert into stripe_customer (tenant_id, customer_id) values ($1, $2)', [
      user.tenantId,
      `cus_${user.tenantId}`,
    ])
    await assert.rejects(
      place('growth'),
      PlanOrderRefused,
      'a customer without a subscription is not charged either',
    )
    assert.equal(await tierNow(), 'pilot')
  })

  test('is granted where the operator says that nobody charges for it, and the activity log says so too', async () => {
    await place('growth', true)
    assert.equal(await tierNow(), 'growth')
    assert.equal(await unbilledNotes(), 1)
  })

  test('is granted to whoever has a subscription; Free and Enterprise need none', async () => {
    await plane.owner.query(
      "insert into stripe_customer (tenant_id, customer_id, subscription_id, tier) values ($1, $2, 'sub_1', 'pilot')",
      [user.tenantId, `cus_${user.tenantId}`],
    )
    await place('scale')
    assert.equal(await tierNow(), 'scale')
    await plane.owner.query('delete from stripe_customer where tenant_id = $1', [user.tenantId])
    await place('enterprise')
    await place('free')
    assert.equal(await tierNow(), 'free')
    assert.equal(await unbilledNotes(), 0)
  })

  test('unbilled is refused where it is not true', async () => {
    await assert.rejects(place('scale', true, 'builtin'), /charged by invoice/)
    await assert.rejects(place('enterprise', true), /says nothing/)
    await assert.rejects(place('free', true), /says nothing/)
    await plane.owner.query(
      "insert into stripe_customer (tenant_id, customer_id, subscription_id, tier) values ($1, $2, 'sub_2', 'pilot')",
      [user.tenantId, `cus_${user.tenantId}`],
    )
    await assert.rejects(place('scale', true), /charged by Stripe/)
    assert.equal(await tierNow(), 'pilot')
  })
})

describe('an order that makes no sense', () => {
  test('names what is wrong', () => {
    const tenant = 'tnt_00000000000000000000000000'
    const wrong: [Parameters<typeof parsePlanOrder>[0], RegExp][] = [
      [{ tier: 'pilot' }, /TENANT is missing/],
      [{ tenant: 'acme', tier: 'pilot' }, /acme is no tenant id/],
      [{ tenant }, /--tier must be one of free, pilot/],
      [{ tenant, tier: 'gold' }, /--tier/],
      [{ tenant, tier: 'toString' }, /--tier/],
      [{ tenant, tier: 'pilot', rate: '0' }, /--rate/],
      [{ tenant, tier: 'pilot', rate: '500001' }, /--rate/],
      [{ tenant, tier: 'pilot', allotment: '1e3' }, /--allotment/],
    ]
    for (const [words, message] of wrong) {
      assert.throws(() => parsePlanOrder(words), { name: 'PlanOrderRefused', message })
    }
    assert.equal(parsePlanOrder({ tenant, tier: 'pilot', rate: '500000' }).ratePerSecond, 500_000)
  })

  test('an unknown tenant is refused', async () => {
    await assert.rejects(order({ tenant: 'tnt_00000000000000000000000000', tier: 'pilot' }), PlanOrderRefused)
  })
})
