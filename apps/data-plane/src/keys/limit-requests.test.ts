import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getLogKey } from '@pacspace/api/definition/public-log'
import { setEntitlement } from '@pacspace/api/internal/plane'
import { plans, type Tier } from '@pacspace/api/plan'
import type { HttpService } from '@pacspace/service/http'
import { silentLog } from '@pacspace/service/log'
import { type TestAnswer, type TestClient, testClient } from '@pacspace/testing/test-client'
import { createDataPlane } from '../data-plane.ts'
import {
  startTestDataPlane,
  type TestDataPlane,
  type TestTenant,
  unknownKey,
} from '../testing/test-data-plane.ts'
import { RequestLimits, type RequestLimitsOptions } from './limit-requests.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

const time = { ms: 0 }
let service: HttpService
let client: TestClient

/** The plane with its real limits, under a clock that moves when told to. */
async function serve(options: RequestLimitsOptions = {}, trustedProxies?: readonly string[]): Promise<void> {
  time.ms = 0
  const limits = new RequestLimits({ nowMs: () => time.ms, ...options })
  service = await createDataPlane(plane.context, plane.keys, limits, {
    log: silentLog,
    ...(trustedProxies && { trustedProxies }),
  })
  client = testClient((await service.listen({ host: '127.0.0.1', port: 0 })).url)
}

async function onPlan(tier: Tier): Promise<void> {
  const { lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans[tier]
  const body = { tier, lifetimeCap, monthlyAllotment, writesAllowed: true, ratePerSecond, burst }
  await plane.internal.succeed(setEntitlement, {
    token: plane.internalSecret,
    params: { tenantId: tenant.tenantId },
    body,
  })
}

beforeEach(async () => {
  tenant = await plane.newTenant()
  await onPlan('free')
  await serve()
})
afterEach(() => service.close())

const read = (key: string) => client.call(listCustomers, { key })
/** How many of so many calls at once are let through; every other one must be RATE_LIMITED. */
async function passing(count: number, call: () => Promise<TestAnswer<unknown>>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, call))
  const refused = answers.filter(({ problem }) => problem !== undefined)
  for (const { problem } of refused) assert.equal(problem?.code, 'RATE_LIMITED')
  return count - refused.length
}

describe('K13 requests with a key', () => {
  it('pass as the plan says: its burst, then its rate; the refused write nothing', async () => {
    const call = () =>
      client.call(emitDelta, { key: tenant.key, body: { customerId: 'c', delta: 1, reason: 'x' } })
    assert.equal(await passing(60, call), 20)
    time.ms = 500
    assert.equal(await passing(20, call), 5)
    time.ms = 1_000
    assert.equal(await passing(20, call), 5)
    const { rows } = await plane.owner.query('select from delta where tenant_id = $1', [tenant.tenantNo])
    assert.equal(rows.length, 30)
  })

  it('are counted by key and, for the sum, by tenant; another tenant never notices', async () => {
    const second = (await plane.newKey(tenant.tenantId)).fullKey
    const other = await plane.newTenant()
    assert.equal(await passing(12, () => read(tenant.key)), 12)
    assert.equal(await passing(12, () => read(second)), 8)
    const { headers } = await read(second)
    assert.equal(headers.get('ratelimit-policy'), '"key";q=20;w=2, "tenant";q=20;w=2')
    assert.equal(headers.get('ratelimit'), '"key";r=12;t=1, "tenant";r=0;t=2')
    assert.equal(await passing(100, () => read(other.key)), 100)
  })

  it('get the headers on every answer, refusals included, and Retry-After when there is no token', async () => {
    const good = await read(tenant.key)
    assert.equal(good.headers.get('ratelimit'), '"key";r=19;t=1, "tenant";r=19;t=1')
    const bad = await client.call(listCustomers, { key: tenant.key, query: { nonsense: 1 } })
    assert.equal(bad.problem?.code, 'VALIDATION_ERROR')
    assert.equal(bad.headers.get('ratelimit'), '"key";r=18;t=1, "tenant";r=18;t=1')
    await passing(18, () => read(tenant.key))
    const { problem, headers } = await read(tenant.key)
    assert.equal(problem?.code, 'RATE_LIMITED')
    assert.equal(problem?.retryAfterSeconds, 1)
    assert.equal(headers.get('ratelimit'), '"key";r=0;t=2, "tenant";r=0;t=2')
    const unknown = await read(unknownKey('sandbox'))
    assert.match(unknown.headers.get('ratelimit') ?? '', /^"address";r=\d+;t=\d+$/)
  })

  it('are limited anew as soon as the plan changes', async () => {
    await passing(20, () => read(tenant.key))
    await onPlan('pilot')
    time.ms = 2_000
    assert.equal(await passing(150, () => read(tenant.key)), 100)
    time.ms = 3_000
    assert.equal(await passing(100, () => read(tenant.key)), 50)
  })

  it('share the limit with the other processes of the plane', async () => {
    await service.close()
    await serve({ processes: 4 })
    assert.equal(await passing(20, () => read(tenant.key)), 5)
    time.ms = 2_000
    assert.equal(await passing(20, () => read(tenant.key)), 5)
  })
})

describe('K13 requests without a key', () => {
  const getKey = (headers?: Record<string, string>) =>
    client.call(getLogKey, { params: { logId: '0'.repeat(32) }, ...(headers && { headers }) })
  const isFound = async (count: number, headers?: Record<string, string>) => {
    const answers = await Promise.all(Array.from({ length: count }, () => getKey(headers)))
    return answers.filter(({ problem }) => problem?.code === 'NOT_FOUND').length
  }

  it('pass 20 a second of one address', async () => {
    assert.equal(await isFound(30), 20)
    const { headers } = await getKey()
    assert.equal(headers.get('ratelimit-policy'), '"address";q=20;w=1')
    assert.equal(headers.get('ratelimit'), '"address";r=0;t=1')
    assert.equal(headers.get('retry-after'), '1')
    time.ms = 500
    assert.equal(await isFound(30), 10)
  })

  it('K15 count for the address that connected, whatever the headers claim', async () => {
    const claims = (n: number) => ({ 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` })
    assert.equal(await isFound(20, claims(1)), 20)
    assert.equal(await isFound(20, claims(2)), 0)
  })

  it('K15 count for the client behind a proxy that is trusted', async () => {
    await service.close()
    await serve({}, ['127.0.0.1'])
    assert.equal(await isFound(25, { 'x-forwarded-for': '203.0.113.1' }), 20)
    assert.equal(await isFound(25, { 'x-forwarded-for': '203.0.113.2' }), 20)
    // Only the last hop is the proxy's own word.
    assert.equal(await isFound(25, { 'x-forwarded-for': '203.0.113.77, 203.0.113.2' }), 0)
  })

  it('with keys that nobody has are refused before long, without a look-up; a known key still opens', async () => {
    await read(tenant.key)
    const answers = []
    for (let i = 0; i < 205; i++) answers.push(await read(unknownKey('sandbox')))
    const codes = answers.map(({ problem }) => problem?.code)
    assert.equal(codes.filter((code) => code === 'INVALID_API_KEY').length, 200)
    assert.equal(codes.filter((code) => code === 'RATE_LIMITED').length, 5)
    assert.equal((await read(tenant.key)).status, 200)
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
