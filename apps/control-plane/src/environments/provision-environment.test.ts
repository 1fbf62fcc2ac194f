import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  getEnvironmentStatus,
  listEnvironments,
  provisionEnvironment,
} from '@pacspace/api/definition/environments'
import { plans } from '@pacspace/api/plan'
import { timestampOf } from '@pacspace/api/timestamp'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())
beforeEach(() => {
  plane.planes.production.outcome = 'active'
})

const mainnet = { environment: 'mainnet' }
const BEING_PROVISIONED = 'Environment is being provisioned. This usually takes a few seconds.'

describe('success', () => {
  test('201 with the published members, then active; asked again, 200 with the same members', async () => {
    const { token, tenantId } = await plane.account({ tier: 'pilot', role: 'admin' })
    const first = await plane.client.call(provisionEnvironment, { token, body: mainnet })
    assert.equal(first.status, 201)
    assert.deepEqual(JSON.parse(first.text), {
      success: true,
      statusCode: 201,
      data: { tenantId, environment: 'mainnet', status: 'provisioning', message: BEING_PROVISIONED },
    })
    const under = await plane.client.call(provisionEnvironment, { token, body: mainnet })
    assert.equal(under.status, 200)
    assert.deepEqual(under.data, first.data)

    plane.clock.advance(5_000)
    await plane.runJobs()
    const active = await plane.client.call(provisionEnvironment, { token, body: mainnet })
    assert.equal(active.status, 200)
    assert.deepEqual(Object.keys(active.data), Object.keys(first.data))
    assert.equal(active.data.status, 'active')
    assert.equal(
      await plane.count('contract', `tenant_id = $1 and environment = 'production'`, [tenantId]),
      1,
    )

    const provisionedAt = timestampOf(plane.clock.now())
    const { environments } = await plane.client.succeed(getEnvironmentStatus, { token, params: { tenantId } })
    assert.deepEqual(environments[1], { environment: 'mainnet', status: 'active', provisionedAt })
  })

  test('the plane is told what the plan allows there', async () => {
    const { token, tenantId } = await plane.account({ tier: 'growth' })
    await plane.client.succeed(provisionEnvironment, { token, body: mainnet })
    await plane.runJobs()
    const { ratePerSecond, burst } = plans.growth
    assert.deepEqual(plane.planes.production.tenants.get(tenantId)?.entitlement, {
      tier: 'growth',
      lifetimeCap: null,
      monthlyAllotment: 500_000,
      writesAllowed: true,
      ratePerSecond,
      burst,
    })
  })

  test('ten requests at once start one provisioning', async () => {
    const { token, tenantId } = await plane.account({ tier: 'pilot' })
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => plane.client.call(provisionEnvironment, { token, body: mainnet })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(9).fill(200), 201])
    assert.equal(await plane.count('contract', 'tenant_id = $1', [tenantId]), 2)
  })

  test('a failed provisioning says why, and starts again when asked', async () => {
    const { token, tenantId } = await plane.account({ tier: 'pilot' })
    plane.planes.production.outcome = { error: 'the anchor folder is not writable' }
    await plane.client.succeed(provisionEnvironment, { token, body: mainnet })
    await plane.runJobs()
    assert.deepEqual(await productionOf({ token, tenantId }), {
      environment: 'mainnet',
      status: 'error',
      provisionedAt: null,
      reason: 'the anchor folder is not writable',
    })

    plane.planes.production.outcome = 'active'
    const again = await plane.client.call(provisionEnvironment, { token, body: mainnet })
    assert.equal(again.status, 201)
    assert.equal(again.data.status, 'provisioning')
    await plane.runJobs()
    const state = await productionOf({ token, tenantId })
    assert.equal(state?.status, 'active')
    assert.equal(state?.reason, undefined)
  })

  test('the Sandbox may be asked for again on any plan', async () => {
    const { token } = await plane.account()
    const answer = await plane.client.call(provisionEnvironment, { token, body: { environment: 'testnet' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.data.status, 'active')
  })
})

test('PLAN_UPGRADE_REQUIRED on Free, and nothing is asked of Production', async () => {
  const { token, tenantId } = await plane.account()
  await plane.client.refuse(provisionEnvironment, 'PLAN_UPGRADE_REQUIRED', { token, body: mainnet })
  await plane.runJobs()
  assert.equal(plane.planes.production.tenants.has(tenantId), false)
  assert.equal(await plane.count('contract', `tenant_id = $1 and environment = 'production'`, [tenantId]), 0)
})

test('VALIDATION_ERROR for the other spellings of the same two', async () => {
  const { token } = await plane.account({ tier: 'pilot' })
  for (const environment of ['production', 'live', 'sandbox', 'test', 'MAINNET', '', null]) {
    await plane.client.refuse(provisionEnvironment, 'VALIDATION_ERROR', { token, body: { environment } })
  }
})

describe('other tenants', () => {
  test('their status is a 404, like that of an id that nobody has', async () => {
    const [mine, theirs] = [await plane.account(), await plane.account()]
    const refusals = []
    for (const tenantId of [theirs.tenantId, 'tnt_00000000000000000000000000', 'tnt_1', 'anything']) {
      const call = { token: mine.token, params: { tenantId } }
      const { status, text } = await plane.client.call(getEnvironmentStatus, call)
      refusals.push(`${status} ${text.replace(/req_\w+/, 'req')}`)
    }
    assert.equal(new Set(refusals).size, 1)
    assert.match(refusals[0] ?? '', /^404 .*"NOT_FOUND"/)
  })

  test('their environments are not listed', async () => {
    const [mine, theirs] = [await plane.account({ tier: 'pilot' }), await plane.account()]
    await plane.client.succeed(provisionEnvironment, { token: mine.token, body: mainnet })
    const now = timestampOf(plane.clock.now())
    const listed = await plane.client.succeed(listEnvironments, { token: mine.token })
    assert.deepEqual(
      listed.map(({ id: _id, ...contract }) => contract),
      [
        { tenantId: mine.tenantId, environment: 'testnet', status: 'active', provisionedAt: now },
        { tenantId: mine.tenantId, environment: 'mainnet', status: 'provisioning', provisionedAt: null },
      ],
    )
    const [only, ...more] = await plane.client.succeed(listEnvironments, { token: theirs.token })
    assert.equal(only?.tenantId, theirs.tenantId)
    assert.deepEqual(more, [])
  })
})

async function productionOf({ token, tenantId }: Pick<TestUser, 'token' | 'tenantId'>) {
  const { environments } = await plane.client.succeed(getEnvironmentStatus, { token, params: { tenantId } })
  return environments.find(({ environment }) => environment === 'mainnet')
}
