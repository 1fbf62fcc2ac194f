import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/customers'
import { emitBatch, emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getUsage } from '@pacspace/api/definition/usage'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const emit = (customerId: string, delta: number | string, more: object = {}, key = tenant.key) =>
  plane.client.succeed(emitDelta, { key, body: { customerId, delta, reason: `r${delta}`, ...more } })
const asked = (customerId: string, query: object = {}) => ({
  key: tenant.key,
  params: { customerId },
  query: { ...query },
})
const customer = (customerId: string, query: object = {}) =>
  plane.client.succeed(api.getCustomer, asked(customerId, query))
const gaps = (customerId: string, query: object = {}) =>
  plane.client.succeed(api.getGaps, asked(customerId, query))

describe('a customer', () => {
  it('is shown as in the list, with its newest deltas first and their status', async () => {
    await stopTimeAt(plane, '2030-01-31T10:00:00.000Z')
    const first = await emit('cust', '1.5', { referenceId: 'inv_1' })
    await stopTimeAt(plane, '2030-02-01T10:00:00.000Z')
    const second = await emit('cust', 2)
    await plane.verifyAll()
    const third = await emit('cust', 4)
    const { latestCheckpoint, recentActivity, sharingStateHint, eventCadence, unitLabel, ...rest } =
      await customer('cust')
    const { customers } = await plane.client.succeed(listCustomers, { key: tenant.key })
    assert.deepEqual(rest, customers[0])
    assert.deepEqual([rest.totalDeltas, rest.computedBalance], [2, amountOf('3.5')])
    assert.equal(latestCheckpoint, null)
    assert.deepEqual([sharingStateHint, eventCadence, unitLabel], [null, null, null])
    assert.deepEqual(recentActivity, {
      items: [
        { ...third, status: 'QUEUED' },
        { ...second, status: 'VERIFIED' },
        { ...first, status: 'VERIFIED' },
      ].map(({ delta, reason, referenceId, status, createdAt, recordId, receiptId }) => ({
        delta,
        reason,
        referenceId,
        status,
        time: createdAt,
        recordId,
        verificationReference: receiptId,
      })),
      pagination: { total: 3, page: 1, limit: 20, totalPages: 1 },
    })
  })

  it('pages its activity, and a period narrows it alone', async () => {
    const amounts = async (query: object) => {
      const { recentActivity, totalDeltas } = await customer('cust', query)
      assert.equal(totalDeltas, 2)
      return [recentActivity.items.map(({ reason }) => reason), recentActivity.pagination.totalPages]
    }
    assert.deepEqual(await amounts({ deltaLimit: 2 }), [['r4', 'r2'], 2])
    assert.deepEqual(await amounts({ deltaLimit: 2, deltaPage: 2 }), [['r1.5'], 2])
    assert.deepEqual(await amounts({ deltaLimit: 2, deltaPage: 3 }), [[], 2])
    assert.deepEqual(await amounts({ deltaPage: 100_000_000 }), [[], 1])
    assert.deepEqual(await amounts({ period: '2030-01' }), [['r1.5'], 1])
    assert.deepEqual(await amounts({ period: '2030-02', deltaLimit: 1, deltaPage: 2 }), [['r2'], 2])
    assert.deepEqual(await amounts({ period: '2030-03' }), [[], 0])
  })

  it('that is unknown, or of another tenant, is 404; bad fields are refused', async () => {
    const stranger = await plane.newTenant()
    await plane.client.refuse(api.getCustomer, 'CUSTOMER_NOT_FOUND', asked('nobody'))
    await plane.client.refuse(api.getCustomer, 'CUSTOMER_NOT_FOUND', { ...asked('cust'), key: stranger.key })
    for (const query of [{ deltaPage: 0 }, { deltaLimit: 101 }, { period: '2030-13' }, { page: 1 }]) {
      await plane.client.refuse(api.getCustomer, 'VALIDATION_ERROR', asked('cust', query))
    }
  })
})

describe('the summary', () => {
  it('counts and sums up what is the tenant’s own', async () => {
    const { key, tenantNo } = await plane.newTenant()
    const summary = () => plane.client.succeed(api.getCustomersSummary, { key })
    const { logCheckpoint: empty, lastVerifiedAt: _since, ...nothing } = await summary()
    assert.deepEqual(nothing, {
      totalCustomers: 0,
      totalDeltas: 0,
      verifiedDeltas: 0,
      pendingDeltas: 0,
      failedDeltas: 0,
      totalBalance: 0n,
      lastDeltaAt: null,
      verificationHealth: 'healthy',
    })
    assert.equal(empty?.size, 0)
    await emit('a', '0.1', {}, key)
    await emit('a', '0.2', {}, key)
    await emit('b', '-5', {}, key)
    await plane.verifyAll()
    const last = await emit('c', 9, {}, key)
    const { logCheckpoint, lastVerifiedAt, ...rest } = await summary()
    assert.deepEqual(rest, {
      totalCustomers: 3,
      totalDeltas: 4,
      verifiedDeltas: 3,
      pendingDeltas: 1,
      failedDeltas: 0,
      totalBalance: amountOf('-4.7'),
      lastDeltaAt: last.createdAt,
      verificationHealth: 'healthy',
    })
    assert.equal(logCheckpoint?.size, 3)
    assert.ok(lastVerifiedAt !== null)
    const fail = (index: number | null, code: string | null) =>
      plane.owner.query(
        `insert into verify_state (tenant_id, discrepancies, first_failed_index, blocked_code, found_at)
         values ($1, '[]', $2, $3, now())
         on conflict (tenant_id) do update set first_failed_index = $2, blocked_code = $3`,
        [tenantNo, index, code],
      )
    await fail(3, null)
    const failed = await summary()
    assert.deepEqual([failed.verificationHealth, failed.failedDeltas], ['failed', 1])
    await fail(null, 'LOG_BEHIND_ANCHOR')
    assert.equal((await summary()).verificationHealth, 'blocked')
    await plane.owner.query('delete from verify_state where tenant_id = $1', [tenantNo])
  })
})

describe('gaps', () => {
  before(async () => {
    const deltas = Array.from({ length: 20 }, () => ({ customerId: 'gaps', delta: 1, reason: 'x' }))
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
    await plane.verifyAll()
  })

  it('of a healthy ledger are none, whatever is asked', async () => {
    const whole = { customerId: 'gaps', fromSequence: 1, lastSequence: 20, gaps: [], hasMore: false }
    assert.deepEqual(await gaps('gaps'), { ...whole, toSequence: 20 })
    assert.deepEqual(await gaps('gaps', { toSequence: 7 }), { ...whole, toSequence: 7 })
    assert.deepEqual(await gaps('gaps', { toSequence: 2 ** 31 - 2 }), { ...whole, toSequence: 20 })
    const beyond = await gaps('gaps', { fromSequence: 21 })
    assert.deepEqual([beyond.gaps, beyond.toSequence, beyond.hasMore], [[], 20, false])
  })

  it('R27 are named when rows were taken away, the last one too, page after page', async () => {
    const { rows } = await plane.owner.query<{ n: number }>(
      `select customer_no as n from customer where tenant_id = $1 and customer_id = 'gaps'`,
      [tenant.tenantNo],
    )
    const where = 'where tenant_id = $1 and customer_no = $2 and seq in (1, 5, 6, 7, 20)'
    const values = [tenant.tenantNo, rows[0]?.n]
    await plane.owner.query('alter table delta disable trigger user')
    await plane.owner.query(`create table taken as select * from delta ${where}`, values)
    await plane.owner.query(`delete from delta ${where}`, values)
    try {
      assert.deepEqual((await gaps('gaps')).gaps, [1, 5, 6, 7, 20])
      const page = await gaps('gaps', { limit: 2 })
      assert.deepEqual([page.gaps, page.toSequence, page.hasMore], [[1, 5], 5, true])
      const next = await gaps('gaps', { fromSequence: 6, limit: 3 })
      assert.deepEqual([next.gaps, next.toSequence, next.hasMore], [[6, 7, 20], 20, false])
      assert.deepEqual((await gaps('gaps', { fromSequence: 6, toSequence: 6 })).gaps, [6])
    } finally {
      await plane.owner.query('insert into delta select * from taken')
      await plane.owner.query('drop table taken')
      await plane.owner.query('alter table delta enable trigger user')
    }
    assert.deepEqual((await gaps('gaps')).gaps, [])
  })

  it('of an unknown customer are 404; bad ranges are refused', async () => {
    await plane.client.refuse(api.getGaps, 'CUSTOMER_NOT_FOUND', asked('nobody'))
    for (const query of [{ fromSequence: 0 }, { toSequence: 2 ** 31 }, { limit: 0 }, { limit: 1_001 }]) {
      await plane.client.refuse(api.getGaps, 'VALIDATION_ERROR', asked('gaps', query))
    }
  })
})

it('limits are those of the times that can be written', async () => {
  const days = (Date.parse('9999-12-31') - Date.parse('0001-01-01')) / 86_400_000 + 1
  assert.deepEqual(await plane.client.succeed(api.getLimits, { key: tenant.key }), {
    maxScopeMonths: 9_999 * 12,
    maxLastNDays: days,
    maxRetentionDays: days,
  })
})

describe('X-Credit-Pool-Id', () => {
  it('is ignored, except a contract that is not this one: 404', async () => {
    const { rows } = await plane.owner.query<{ contract_id: string }>(
      'select contract_id from tenant where id = $1',
      [tenant.tenantNo],
    )
    const own = rows[0]?.contract_id ?? ''
    const other = `ctr_${'0'.repeat(26)}`
    for (const id of [own, 'pool_7', '0.0.1234', '', 'CTR_X']) {
      await plane.client.succeed(getUsage, { key: tenant.key, headers: { 'x-credit-pool-id': id } })
    }
    for (const id of [other, 'ctr_', own.slice(0, -1)]) {
      const headers = { 'x-credit-pool-id': id }
      await plane.client.refuse(getUsage, 'NOT_FOUND', { key: tenant.key, headers })
    }
    const body = { customerId: 'never', delta: 1, reason: 'x' }
    await plane.client.refuse(emitDelta, 'NOT_FOUND', {
      key: tenant.key,
      body,
      headers: { 'x-credit-pool-id': other },
    })
    await plane.client.refuse(api.getCustomer, 'CUSTOMER_NOT_FOUND', asked('never'))
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
