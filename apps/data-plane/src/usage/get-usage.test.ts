import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import { getUsage } from '@pacspace/api/definition/usage'
import { newId } from '@pacspace/api/id'
import { getPlaneUsage, setEntitlement } from '@pacspace/api/internal/plane'
import { plans, type Tier } from '@pacspace/api/plan'
import { randomBytes } from '@pacspace/service/random'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
  await stopTimeAt(plane, '2031-01-30T12:00:00.000Z')
})
after(() => plane[Symbol.asyncDispose]())

const usage = ({ key }: TestTenant) => plane.client.succeed(getUsage, { key })
const planeUsage = ({ tenantId }: Pick<TestTenant, 'tenantId'>, period: string) =>
  plane.internal.succeed(getPlaneUsage, {
    token: plane.internalSecret,
    params: { tenantId },
    query: { period },
  })
const emit = (tenant: TestTenant, customerId = 'cust') =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta: 1, reason: 'x' } })
async function emitMany(tenant: TestTenant, count: number) {
  const deltas = Array.from({ length: count }, () => ({ customerId: 'cust', delta: 1, reason: 'x' }))
  return plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
}
function entitle({ tenantId }: TestTenant, tier: Tier, change: object = {}) {
  const { lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans[tier]
  const body = {
    tier,
    lifetimeCap,
    monthlyAllotment,
    writesAllowed: true,
    ratePerSecond,
    burst,
    ...change,
  }
  return plane.internal.succeed(setEntitlement, {
    token: plane.internalSecret,
    params: { tenantId },
    body,
  })
}

describe('usage', () => {
  it('of a new tenant is none, with what its plan includes', async () => {
    const tenant = await plane.newTenant({ tier: 'pilot' })
    assert.deepEqual(await usage(tenant), {
      allowed: true,
      included: 10_000,
      remaining: 10_000,
      consumed: 0,
      reserved: 0,
      period: '2031-01',
      plan: 'pilot',
    })
  })

  it('counts a delta when it is verified; until then it is reserved', async () => {
    const tenant = await plane.newTenant({ tier: 'pilot' })
    await emitMany(tenant, 7)
    const { allowed, consumed, reserved, remaining } = await usage(tenant)
    assert.deepEqual(
      { allowed, consumed, reserved, remaining },
      {
        allowed: true,
        consumed: 0,
        reserved: 7,
        remaining: 9_993,
      },
    )
    await plane.verifyAll()
    await emitMany(tenant, 2)
    const after = await usage(tenant)
    assert.deepEqual([after.consumed, after.reserved, after.remaining], [7, 2, 9_991])
  })

  it('a replay counts nothing', async () => {
    const tenant = await plane.newTenant()
    const call = {
      key: tenant.key,
      body: { customerId: 'cust', delta: 1, reason: 'x' },
      headers: { 'idempotency-key': 'once' },
    }
    await plane.client.succeed(emitDelta, call)
    await plane.client.succeed(emitDelta, call)
    assert.equal((await usage(tenant)).reserved, 1)
  })

  it('beyond the allotment of a paid plan goes on: nothing remains, and writes are allowed', async () => {
    const tenant = await plane.newTenant({ tier: 'pilot' })
    await entitle(tenant, 'pilot', { monthlyAllotment: 3 })
    await emitMany(tenant, 5)
    await plane.verifyAll()
    const { allowed, included, remaining, consumed } = await usage(tenant)
    assert.deepEqual(
      { allowed, included, remaining, consumed },
      {
        allowed: true,
        included: 3,
        remaining: 0,
        consumed: 5,
      },
    )
  })

  it('K14 of the Free plan is for life, and allowed says what the next write is answered', async () => {
    const tenant = await plane.newTenant({ tier: 'free' })
    await emitMany(tenant, 99)
    const before = await usage(tenant)
    assert.deepEqual([before.allowed, before.included, before.remaining], [true, 100, 1])
    await emit(tenant)
    const { allowed, remaining, consumed, reserved } = await usage(tenant)
    assert.deepEqual([allowed, remaining, consumed, reserved], [false, 0, 0, 100])
    await plane.client.refuse(emitDelta, 'INSUFFICIENT_CREDITS', {
      key: tenant.key,
      body: { customerId: 'cust', delta: 1, reason: 'x' },
    })
    await plane.verifyAll()
    const verified = await usage(tenant)
    assert.deepEqual([verified.allowed, verified.consumed, verified.reserved], [false, 100, 0])
  })

  it('a contract without an allotment includes and leaves null', async () => {
    const tenant = await plane.newTenant({ tier: 'enterprise' })
    const { included, remaining, plan } = await usage(tenant)
    assert.deepEqual([included, remaining, plan], [null, null, 'enterprise'])
  })

  it('writes are not allowed after a cancellation, nor while the log is behind its anchor', async () => {
    const tenant = await plane.newTenant()
    await entitle(tenant, 'growth', { writesAllowed: false })
    assert.equal((await usage(tenant)).allowed, false)
    await entitle(tenant, 'growth')
    assert.equal((await usage(tenant)).allowed, true)
    await plane.owner.query(
      `insert into verify_state (tenant_id, discrepancies, blocked_code, found_at)
       values ($1, '[]', 'LOG_BEHIND_ANCHOR', now())`,
      [tenant.tenantNo],
    )
    assert.equal((await usage(tenant)).allowed, false)
    await plane.owner.query('delete from verify_state where tenant_id = $1', [tenant.tenantNo])
  })
})

describe('the month of a tenant', () => {
  it('is counted day by day by the time of acceptance, and the days sum up to it', async () => {
    const tenant = await plane.newTenant()
    const other = await plane.newTenant()
    const script: [instant: string, count: number][] = [
      ['2031-02-01T00:00:00.000Z', 3],
      ['2031-02-01T23:59:59.999Z', 2],
      ['2031-02-02T00:00:00.000Z', 4],
      ['2031-02-28T23:59:59.999Z', 1],
      ['2031-03-01T00:00:00.000Z', 6],
    ]
    for (const [instant, count] of script) {
      await stopTimeAt(plane, instant)
      await emitMany(tenant, count)
      await emit(other)
      if (instant === '2031-02-02T00:00:00.000Z') await plane.verifyAll()
    }
    const february = await planeUsage(tenant, '2031-02')
    const { days, ...totals } = february
    assert.deepEqual(totals, {
      tenantId: tenant.tenantId,
      period: '2031-02',
      consumed: 9,
      reserved: 1,
      lifetime: { consumed: 9, reserved: 7 },
    })
    assert.deepEqual(
      days.map(({ date }) => date),
      Array.from({ length: 28 }, (_, i) => `2031-02-${String(i + 1).padStart(2, '0')}`),
    )
    assert.deepEqual(
      days.filter(({ consumed, reserved }) => consumed + reserved > 0),
      [
        { date: '2031-02-01', consumed: 5, reserved: 0 },
        { date: '2031-02-02', consumed: 4, reserved: 0 },
        { date: '2031-02-28', consumed: 0, reserved: 1 },
      ],
    )
    await plane.verifyAll()
    const march = await planeUsage(tenant, '2031-03')
    assert.deepEqual([march.consumed, march.reserved, march.days.length], [6, 0, 31])
    assert.deepEqual(march.days[0], { date: '2031-03-01', consumed: 6, reserved: 0 })
    assert.deepEqual(march.lifetime, { consumed: 16, reserved: 0 })
    // The Balance API counts the running month alone.
    const now = await usage(tenant)
    assert.deepEqual([now.period, now.consumed], ['2031-03', 6])
  })

  it('before and after anything was written is zero, in leap years and at the ends of time too', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant)
    for (const [period, length] of [
      ['2028-02', 29],
      ['2030-12', 31],
      ['0001-01', 31],
      ['9999-12', 31],
    ] as const) {
      const { consumed, reserved, days } = await planeUsage(tenant, period)
      assert.deepEqual([consumed, reserved, days.length], [0, 0, length], period)
    }
  })

  it('of a tenant that has no log yet is zero', async () => {
    const tenantId = newId('tnt', randomBytes)
    await plane.owner.query(
      `insert into tenant (public_id, contract_id, status, requested_at, tier, writes_allowed, rate_per_second, burst)
       values ($1, 'ctr_1', 'error', now(), 'free', true, 1, 1)`,
      [tenantId],
    )
    const { consumed, lifetime, days } = await planeUsage({ tenantId }, '2031-04')
    assert.deepEqual([consumed, lifetime, days.length], [0, { consumed: 0, reserved: 0 }, 30])
  })

  it('of an unknown tenant is 404, and a period that is none is refused', async () => {
    const ask = { token: plane.internalSecret, params: { tenantId: newId('tnt', randomBytes) } }
    await plane.internal.refuse(getPlaneUsage, 'NOT_FOUND', { ...ask, query: { period: '2031-01' } })
    for (const query of [
      {},
      { period: '2031-13' },
      { period: '0000-01' },
      { period: '2031-1' },
      { month: 1 },
    ]) {
      await plane.internal.refuse(getPlaneUsage, 'VALIDATION_ERROR', { ...ask, query: { ...query } })
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
