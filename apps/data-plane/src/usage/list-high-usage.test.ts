import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitBatch } from '@pacspace/api/definition/ledger'
import { listHighUsage, setEntitlement } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

const running = () => new Date(plane.clock.now()).toISOString().slice(0, 7)
const list = (query: object = {}) =>
  plane.internal.succeed(listHighUsage, {
    token: plane.internalSecret,
    query: { period: running(), percent: 80, ...query },
  })
const found = async (tenants: readonly TestTenant[], query?: object) => {
  const ids = tenants.map(({ tenantId }) => tenantId)
  const { items } = await list(query)
  return items.filter(({ tenantId }) => ids.includes(tenantId))
}

/** A tenant with an allowance, who wrote that many deltas. */
async function tenantWith(count: number, allowance: { lifetimeCap?: number; monthlyAllotment?: number }) {
  const tenant = await plane.newTenant({ tier: 'free' })
  const { ratePerSecond, burst } = plans.growth
  const { lifetimeCap = null, monthlyAllotment = null } = allowance
  const tier = lifetimeCap === null ? 'pilot' : 'free'
  await plane.internal.succeed(setEntitlement, {
    token: plane.internalSecret,
    params: { tenantId: tenant.tenantId },
    body: { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst, writesAllowed: true },
  })
  await write(tenant, count)
  return tenant
}

async function write({ key }: TestTenant, count: number): Promise<void> {
  const deltas = Array.from({ length: count }, () => ({ customerId: 'c', delta: 1, reason: 'use' }))
  await plane.client.succeed(emitBatch, { key, body: { deltas } })
}

describe('high usage', () => {
  it('is listed from the share on, verified deltas alone, both sides of the edge', async () => {
    const below = await tenantWith(7, { monthlyAllotment: 10 })
    const at = await tenantWith(8, { monthlyAllotment: 10 })
    assert.deepEqual(await found([below, at]), [], 'nothing is verified yet')
    await plane.verifyAll()
    const expected = { tenantId: at.tenantId, tier: 'pilot', included: 10, consumed: 8, isForLife: false }
    assert.deepEqual(await found([below, at]), [expected])
    assert.deepEqual(await found([below, at], { percent: 81 }), [])
    await write(at, 2)
    await plane.verifyAll()
    assert.deepEqual(await found([at], { percent: 100 }), [{ ...expected, consumed: 10 }])
  })

  it('of a month counts that month alone; where there is a cap, all of life', async () => {
    const monthly = await tenantWith(9, { monthlyAllotment: 10 })
    const forLife = await tenantWith(9, { lifetimeCap: 10 })
    await plane.verifyAll()
    const consumed = async (period: string) =>
      (await found([monthly, forLife], { period })).map((usage) => [usage.isForLife, usage.consumed]).sort()
    assert.deepEqual(await consumed(running()), [
      [false, 9],
      [true, 9],
    ])
    assert.deepEqual(await consumed('2019-01'), [[true, 9]])
  })

  it('without an allowance is none', async () => {
    const unlimited = await tenantWith(9, {})
    await plane.verifyAll()
    assert.deepEqual(await found([unlimited]), [])
  })

  it('goes on after the last one that was seen', async () => {
    const { items } = await list()
    const [first, ...others] = items.map(({ tenantId }) => tenantId)
    assert.ok(first !== undefined && others.length > 0)
    const rest = await list({ after: first })
    assert.deepEqual(
      rest.items.map(({ tenantId }) => tenantId),
      others,
    )
    assert.equal(rest.next, null)
  })

  it('takes no bad input', async () => {
    for (const query of [{ percent: 0 }, { percent: 101 }, { period: '2026-13' }, { after: 'x' }]) {
      await plane.internal.refuse(listHighUsage, 'VALIDATION_ERROR', {
        token: plane.internalSecret,
        query: { period: running(), percent: 80, ...query },
      })
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
