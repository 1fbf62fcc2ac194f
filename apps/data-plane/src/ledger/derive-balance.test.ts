import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Amount, amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import type { EndpointData } from '@pacspace/api/endpoint'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

type Derived = EndpointData<typeof api.deriveBalance>
type Emitted = EndpointData<typeof api.emitDelta>

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const derive = (customerId: string, query: object = {}): Promise<Derived> =>
  plane.client.succeed(api.deriveBalance, { key: tenant.key, params: { customerId }, query: { ...query } })
const refuse = (
  code: 'INVALID_SCOPE_COMBINATION' | 'VALIDATION_ERROR' | 'NOT_FOUND',
  customerId: string,
  query: object,
) =>
  plane.client.refuse(api.deriveBalance, code, {
    key: tenant.key,
    params: { customerId },
    query: { ...query },
  })
const emit = (customerId: string, delta: unknown): Promise<Emitted> =>
  plane.client.succeed(api.emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'x' } })
async function emitAll(customerId: string, deltas: readonly unknown[]): Promise<void> {
  for (let from = 0; from < deltas.length; from += 1_000) {
    const body = {
      deltas: deltas.slice(from, from + 1_000).map((delta) => ({ customerId, delta, reason: 'x' })),
    }
    const { totalFailed } = await plane.client.succeed(api.emitBatch, { key: tenant.key, body })
    assert.equal(totalFailed, 0)
  }
}
const sum = (amounts: readonly Amount[]) => amounts.reduce<bigint>((total, amount) => total + amount, 0n)

describe('the balance', () => {
  it('R17 1,000 deltas of 0.1 are exactly 100, and every field says what it must', async () => {
    await emitAll(
      'tenths',
      Array.from({ length: 1_000 }, () => 0.1),
    )
    await plane.verifyAll()
    const answer = await plane.client.call(api.deriveBalance, {
      key: tenant.key,
      params: { customerId: 'tenths' },
      query: { limit: 1 },
    })
    assert.equal(answer.status, 200)
    assert.match(answer.text, /"startingBalance":0,"computedBalance":100,/)
    const { deltas, ...totals } = answer.data
    const last = (await derive('tenths', { offset: 999 })).deltas[0]
    assert.ok(last)
    assert.deepEqual(totals, {
      customerId: 'tenths',
      startingBalance: 0n,
      computedBalance: amountOf('100'),
      deltasCount: 1_000,
      deltaCount: 1_000,
      latestReceiptId: last.receiptId,
      latestAnchorId: last.anchorId,
      pendingCount: 0,
      pagination: { total: 1_000, limit: 1, offset: 0, hasMore: true },
    })
    const [first] = deltas
    assert.ok(first && deltas.length === 1)
    const stored = await plane.client.succeed(api.getDelta, {
      key: tenant.key,
      params: { recordId: first.recordId },
    })
    assert.deepEqual(first, {
      anchorId: stored.anchorId,
      recordId: stored.recordId,
      sequenceNumber: 1,
      itemHash: stored.itemHash,
      itemsRoot: stored.receiptId,
      receiptId: stored.receiptId,
      delta: amountOf('0.1'),
      reason: 'x',
      referenceId: null,
      window: stored.createdAt.slice(0, 7),
      status: 'VERIFIED',
      createdAt: stored.createdAt,
    })
  })

  it('startingBalance is added, exactly, whatever the page', async () => {
    for (const [startingBalance, computed] of [
      ['0', '100'],
      ['-100', '0'],
      ['0.000000000001', '100.000000000001'],
      ['-1000000000000000000', '-999999999999999900'],
      ['1e2', '200'],
    ] as const) {
      const derived = await derive('tenths', { startingBalance, limit: 3, offset: 500 })
      assert.equal(derived.startingBalance, amountOf(startingBalance))
      assert.equal(derived.computedBalance, amountOf(computed))
    }
    for (const startingBalance of ['1000000000000000000.1', 'x', '', '1,5', '0.0000000000001']) {
      await refuse('VALIDATION_ERROR', 'tenths', { startingBalance })
    }
  })

  it('amounts leave as strings when asked', async () => {
    const { text } = await plane.client.call(api.deriveBalance, {
      key: tenant.key,
      params: { customerId: 'tenths' },
      query: { startingBalance: '0.5', limit: 1 },
      headers: { 'x-amount-format': 'string' },
    })
    assert.match(text, /"startingBalance":"0\.5","computedBalance":"100\.5",.*"delta":"0\.1"/)
  })

  it('R17 of random deltas is the exact sum from any checkpoint on, in memory and in SQL', async (t) => {
    const random = seededRandom(testSeed())
    t.diagnostic(`seed ${random.seed}`)
    const literals = Array.from({ length: 1_200 }, () => randomLiteral(random.integer, random.pick))
    await emitAll('random', literals)
    await plane.verifyAll()
    const amounts = literals.map(amountOf)
    const { rows } = await plane.owner.query<{
      sum: string
      balance: string
      root: Buffer
      log_index: number
    }>(
      `select trim_scale(sum(amount) over (order by seq))::text as sum, trim_scale(balance)::text as balance,
              items_root as root, log_index
         from delta join customer using (tenant_id, customer_no) where customer_id = 'random' order by seq`,
    )
    for (const from of [
      0,
      1,
      2,
      255,
      256,
      1_199,
      1_200,
      ...Array.from({ length: 20 }, () => random.integer(1_200)),
    ]) {
      const row = rows[from - 1]
      const query =
        row === undefined ? {} : { startingCheckpoint: `a_${row.log_index}`, startingBalance: row.balance }
      const derived = await derive('random', { ...query, limit: 1 })
      assert.equal(derived.computedBalance, sum(amounts), `from ${from}`)
      assert.equal(derived.deltasCount, 1_200 - from)
    }
    assert.ok(rows.every((row) => row.sum === row.balance))
  })
})

/** A delta's literal: any sign, size and number of decimals. */
function randomLiteral(integer: (end: number) => number, pick: (items: readonly string[]) => string): string {
  const digits = (count: number) => Array.from({ length: count }, () => String(integer(10))).join('')
  const whole = String(integer(10 ** integer(10)))
  return `${pick(['', '-'])}${whole}.${digits(integer(12))}1`
}

describe('a starting checkpoint', () => {
  const emitted: Emitted[] = []
  let foreign: Emitted
  before(async () => {
    for (const delta of [1, 2, 4, 8]) emitted.push(await emit('chk', delta))
    foreign = await emit('chk_other', 5)
    await plane.verifyAll()
  })

  it('may be named in every way, and only what follows it counts', async () => {
    for (const [i, { recordId, anchorId, receiptId }] of emitted.entries()) {
      const names = [
        { startingCheckpoint: receiptId },
        { startingCheckpoint: receiptId, startingCheckpointType: 'itemsRoot' },
        { startingCheckpoint: receiptId, startingCheckpointType: 'proofRoot' },
        { startingCheckpoint: anchorId },
        { startingCheckpoint: anchorId, startingCheckpointType: 'anchorId' },
        { startingCheckpoint: recordId },
        { startingCheckpoint: recordId, startingCheckpointType: 'recordId' },
      ]
      for (const name of names) {
        const derived = await derive('chk', { ...name, startingBalance: 100 })
        const rest = emitted.slice(i + 1)
        assert.equal(derived.computedBalance, sum([amountOf('100'), ...rest.map(({ delta }) => delta)]))
        assert.deepEqual(
          derived.deltas.map((delta) => delta.recordId),
          rest.map((delta) => delta.recordId),
        )
        assert.equal(derived.deltasCount, rest.length)
        // The next starting checkpoint: the last of these, or the very same.
        assert.equal(derived.latestReceiptId, emitted[3]?.receiptId)
        assert.equal(derived.latestAnchorId, emitted[3]?.anchorId)
      }
    }
  })

  it('that is unknown, of another customer, or of another form is 404', async () => {
    const [first] = emitted
    assert.ok(first)
    const last = first.recordId.at(-1) === '0' ? '4' : '0'
    const unknown: [checkpoint: string, type?: string][] = [
      [`0x${'0'.repeat(64)}`],
      ['0x12'],
      [first.receiptId.toUpperCase()],
      ['a_999999'],
      ['a_999999999999999'],
      ['a_9999999999999999'],
      ['a_01'],
      ['a_-1'],
      ['rec_00000000000000000000000000'],
      [`${first.recordId.slice(0, -1)}${last}`],
      [first.recordId.slice(4)],
      ['chk_00000000000000000000000000'],
      ['x'],
      [foreign.receiptId],
      [foreign.anchorId],
      [foreign.recordId],
      [first.anchorId, 'itemsRoot'],
      [first.receiptId, 'anchorId'],
      [first.receiptId, 'recordId'],
      [first.itemHash === first.receiptId ? foreign.contentHash : first.itemHash],
    ]
    for (const [startingCheckpoint, startingCheckpointType] of unknown) {
      await refuse('NOT_FOUND', 'chk', { startingCheckpoint, startingCheckpointType })
    }
    await refuse('VALIDATION_ERROR', 'chk', { startingCheckpoint: '' })
    await refuse('VALIDATION_ERROR', 'chk', { startingCheckpoint: 'a_0', startingCheckpointType: 'other' })
  })

  it('of another tenant is 404, like one that nobody has', async () => {
    const stranger = await plane.newTenant()
    await plane.client.succeed(api.emitDelta, {
      key: stranger.key,
      body: { customerId: 'chk', delta: 1, reason: 'x' },
    })
    const [first] = emitted
    assert.ok(first)
    for (const startingCheckpoint of [first.receiptId, first.recordId, emitted[3]?.anchorId]) {
      await plane.client.refuse(api.deriveBalance, 'NOT_FOUND', {
        key: stranger.key,
        params: { customerId: 'chk' },
        query: { startingCheckpoint },
      })
    }
  })

  it('that is not verified yet leaves nothing to count', async () => {
    const pending = await emit('chk_pending', 3)
    await emit('chk_pending', 4)
    const verified = await derive('chk_pending', {
      startingCheckpoint: pending.receiptId,
      startingBalance: 3,
    })
    assert.deepEqual(
      [verified.computedBalance, verified.deltasCount, verified.pendingCount],
      [amountOf('3'), 0, 2],
    )
    const all = await derive('chk_pending', {
      startingCheckpoint: pending.receiptId,
      startingBalance: 3,
      includePending: true,
    })
    assert.deepEqual([all.computedBalance, all.deltasCount], [amountOf('7'), 1])
  })
})

describe('pending deltas', () => {
  it('R20 are included right after the ack with includePending, and counted without', async () => {
    for (let i = 1; i <= 20; i++) {
      const { recordId } = await emit('r20', i)
      const withPending = await derive('r20', { includePending: true, offset: i - 1 })
      assert.deepEqual(
        withPending.deltas.map((delta) => [delta.recordId, delta.status]),
        [[recordId, 'QUEUED']],
      )
      assert.equal(withPending.computedBalance, amountOf(String((i * (i + 1)) / 2)))
      assert.equal(withPending.latestReceiptId, withPending.deltas[0]?.receiptId)
      assert.equal((await derive('r20')).pendingCount, i)
    }
  })

  it('alone make a customer of 200, with a balance of nothing', async () => {
    await emit('only_pending', 7)
    const { deltas, ...totals } = await derive('only_pending', { startingBalance: 2 })
    assert.deepEqual(deltas, [])
    assert.deepEqual(totals, {
      customerId: 'only_pending',
      startingBalance: amountOf('2'),
      computedBalance: amountOf('2'),
      deltasCount: 0,
      deltaCount: 0,
      latestReceiptId: null,
      latestAnchorId: null,
      pendingCount: 1,
      pagination: { total: 0, limit: 100, offset: 0, hasMore: false },
    })
  })

  it('follow verified ones in one list, each with its status', async () => {
    await emitAll('mixed', [1, 2])
    await plane.verifyAll()
    await emitAll('mixed', [4])
    const derived = await derive('mixed', { includePending: 'true' })
    assert.deepEqual(
      derived.deltas.map(({ status }) => status),
      ['VERIFIED', 'VERIFIED', 'QUEUED'],
    )
    assert.deepEqual([derived.computedBalance, derived.pendingCount], [amountOf('7'), 1])
    assert.equal((await derive('mixed', { includePending: 'false' })).computedBalance, amountOf('3'))
  })
})

describe('pages', () => {
  it('by offset over 2,345 deltas list each once, in ledger order', async () => {
    await emitAll(
      'pages',
      Array.from({ length: 2_345 }, (_, i) => i + 1),
    )
    await plane.verifyAll()
    const seen: number[] = []
    for (let offset = 0; ; offset += 1_000) {
      const { deltas, pagination, computedBalance } = await derive('pages', { limit: 1_000, offset })
      seen.push(...deltas.map(({ sequenceNumber }) => sequenceNumber))
      assert.equal(computedBalance, amountOf(String((2_345 * 2_346) / 2)))
      assert.deepEqual(pagination, { total: 2_345, limit: 1_000, offset, hasMore: offset < 2_000 })
      if (!pagination.hasMore) break
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 2_345 }, (_, i) => i + 1),
    )
    assert.equal((await derive('pages')).deltas.length, 100)
    assert.deepEqual((await derive('pages', { offset: 2_344, limit: 1 })).pagination.hasMore, false)
  })

  it('past the end are empty, however far', async () => {
    for (const offset of [2_345, 2 ** 31 - 1, 2 ** 31, 2 ** 40]) {
      const { deltas, pagination } = await derive('pages', { offset })
      assert.deepEqual(deltas, [])
      assert.deepEqual(pagination, { total: 2_345, limit: 100, offset, hasMore: false })
    }
  })

  it('out of bounds are refused', async () => {
    for (const query of [
      { limit: 0 },
      { limit: 1_001 },
      { limit: 1.5 },
      { limit: 'x' },
      { offset: -1 },
      { offset: 2 ** 41 },
    ]) {
      await refuse('VALIDATION_ERROR', 'pages', query)
    }
    await refuse('VALIDATION_ERROR', 'pages', { includePending: 'yes' })
  })
})

describe('a customer that is', () => {
  it('unknown is 404 CUSTOMER_NOT_FOUND, whatever is asked of it', async () => {
    for (const query of [
      {},
      { includePending: true },
      { startingCheckpoint: 'a_0' },
      { period: '2026-01' },
    ]) {
      await plane.client.refuse(api.deriveBalance, 'CUSTOMER_NOT_FOUND', {
        key: tenant.key,
        params: { customerId: 'nobody' },
        query,
      })
    }
  })

  it('no customerId is refused, and a colon may come percent-encoded', async () => {
    for (const customerId of ['a b', 'a/b', 'é', 'a'.repeat(129)]) {
      await plane.client.refuse(api.deriveBalance, 'VALIDATION_ERROR', {
        key: tenant.key,
        params: { customerId },
      })
    }
    await emit('org:7', 1)
    const response = await fetch(`${plane.client.baseUrl}/api/v1/balance/derive/org%3A7`, {
      headers: { 'x-api-key': tenant.key, 'content-type': 'application/json' },
    })
    assert.equal(response.status, 200)
  })
})

describe('a scope', () => {
  const at = [
    '2030-01-31T23:59:59.998Z',
    '2030-01-31T23:59:59.999Z',
    '2030-02-01T00:00:00.000Z',
    '2030-02-28T23:59:59.999Z',
    '2030-03-01T00:00:00.000Z',
  ]
  /** Deltas 1, 2, 4, 8, 16 at those times: each stretch has a sum of its own. */
  before(async () => {
    for (const [i, instant] of at.entries()) {
      await stopTimeAt(plane, instant)
      const { createdAt } = await emit('scope', 2 ** i)
      assert.equal(createdAt, instant)
    }
    await plane.verifyAll()
    await stopTimeAt(plane, '2030-03-15T00:00:00.000Z')
    await emit('scope', 32)
  })

  const cases: [query: object, sum: number][] = [
    [{}, 31],
    [{ period: '2030-01' }, 3],
    [{ period: '2030-02' }, 12],
    [{ period: '2030-03' }, 16],
    [{ period: '2030-03', includePending: true }, 48],
    [{ period: '2029-12' }, 0],
    [{ period: '2030-04' }, 0],
    [{ period: '9999-12' }, 0],
    [{ period: '0000-01' }, 0],
    [{ timePreset: 'current_month' }, 16],
    [{ timePreset: 'custom', startDate: '2030-02-01', endDate: '2030-03-01' }, 12],
    [{ startDate: '2030-02-01', endDate: '2030-03-01' }, 12],
    [{ startDate: at[1], endDate: at[3] }, 6],
    [{ startDate: at[1], endDate: at[1] }, 0],
    [{ startDate: '2030-01-31T18:59:59.999-05:00', endDate: '2030-02-01T05:00:00.001+0500' }, 6],
    [{ startDate: '2030-01-31T23:59:59', endDate: '2030-02-01T00:00' }, 3],
    [{ startDate: '0001-01-01', endDate: '9999-12-31T23:59:59.999Z' }, 31],
    [{ at: '2030-01-31T23:59:59.997Z' }, 0],
    [{ at: at[0] }, 1],
    [{ at: at[1] }, 3],
    [{ at: '2030-02-28' }, 7],
    [{ at: '2030-03-15T00:00:00Z' }, 31],
    [{ at: '2030-03-15T00:00:00Z', includePending: true }, 63],
    [{ at: '0001-01-01' }, 0],
    [{ at: '9999-12-31T23:59:59.999Z' }, 31],
  ]
  for (const [query, expected] of cases) {
    it(`R22 ${JSON.stringify(query)} holds exactly its deltas`, async () => {
      const derived = await derive('scope', { ...query, startingBalance: 1000 })
      assert.equal(derived.computedBalance, amountOf(String(1000 + expected)))
      assert.equal(sum(derived.deltas.map(({ delta }) => delta)), amountOf(String(expected)))
      assert.equal(derived.deltasCount, derived.deltas.length)
      assert.equal(derived.pagination.total, derived.deltas.length)
      assert.equal(derived.pendingCount, 1)
    })
  }

  it('is paged within itself', async () => {
    const { deltas, pagination } = await derive('scope', { period: '2030-02', limit: 1, offset: 1 })
    assert.deepEqual(
      deltas.map(({ sequenceNumber, window }) => [sequenceNumber, window]),
      [[4, '2030-02']],
    )
    assert.deepEqual(pagination, { total: 2, limit: 1, offset: 1, hasMore: false })
  })

  it('ends at a receipt that the next one may start from', async () => {
    const february = await derive('scope', { period: '2030-02' })
    const rest = await derive('scope', { startingCheckpoint: february.latestReceiptId })
    assert.equal(rest.computedBalance, amountOf('16'))
  })

  const dates = { startDate: '2030-01-01', endDate: '2030-02-01' }
  const forbidden: object[] = [
    { period: '2030-01', timePreset: 'current_month' },
    { period: '2030-01', timePreset: 'custom' },
    { period: '2030-01', ...dates },
    { period: '2030-01', startDate: dates.startDate },
    { period: '2030-01', endDate: dates.endDate },
    { timePreset: 'current_month', ...dates },
    { timePreset: 'current_month', startDate: dates.startDate },
    { timePreset: 'custom' },
    { timePreset: 'custom', startDate: dates.startDate },
    { timePreset: 'custom', endDate: dates.endDate },
    { startDate: dates.startDate },
    { endDate: dates.endDate },
    { startDate: dates.endDate, endDate: dates.startDate },
    { startingCheckpoint: 'a_0', period: '2030-01' },
    { startingCheckpoint: 'a_0', timePreset: 'current_month' },
    { startingCheckpoint: 'a_0', timePreset: 'custom', ...dates },
    { startingCheckpoint: 'a_0', ...dates },
    { startingCheckpoint: 'a_0', at: dates.startDate },
    { at: dates.startDate, period: '2030-01' },
    { at: dates.startDate, timePreset: 'current_month' },
    { at: dates.startDate, ...dates },
  ]
  for (const query of forbidden) {
    it(`${JSON.stringify(query)} is no scope`, async () => {
      await refuse('INVALID_SCOPE_COMBINATION', 'scope', query)
      // Said before the customer is looked for.
      await refuse('INVALID_SCOPE_COMBINATION', 'nobody', query)
    })
  }

  const malformed: object[] = [
    { period: '2030-13' },
    { period: '2030-1' },
    { period: '2030-01-01' },
    { timePreset: 'last_month' },
    { at: '2030-02-30' },
    { at: 'yesterday' },
    { at: '1893456000' },
    { at: '9999-12-31T23:59:59-01:00' },
    { at: '0000-12-31' },
    { startDate: '2030-01-01T25:00', endDate: '2030-02-01' },
    { from: '2030-01-01' },
  ]
  for (const query of malformed) {
    it(`${JSON.stringify(query)} is refused`, async () => {
      await refuse('VALIDATION_ERROR', 'scope', query)
    })
  }
})

it('everything that was derived from is verified, derived again and equal', () => plane.requireSound())
