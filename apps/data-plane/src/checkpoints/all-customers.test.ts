import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/checkpoints'
import { emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import { allCustomersRoot, type CheckpointRecord } from '@pacspace/proofs/checkpoint-record'
import { type Hex, toHex, ZERO_HASH } from '@pacspace/proofs/hex'
import { checkCuts } from '../anchors/check-cuts.ts'
import { integrate } from '../anchors/integrate.ts'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { buildCuts } from './build-cuts.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

const take = (tenant: TestTenant, body: object = {}, headers: Record<string, string> = {}) =>
  plane.client.call(api.takeCheckpoint, { key: tenant.key, body, headers })
const list = async (tenant: TestTenant, query: object = {}) =>
  (await plane.client.succeed(api.listCheckpoints, { key: tenant.key, query: { ...query } })).checkpoints
const emit = (tenant: TestTenant, customerId: string, delta: number) =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'x' } })
const at = (instant: string) => stopTimeAt(plane, instant)

/** One delta for each of so many customers. */
async function fill(tenant: TestTenant, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const deltas = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => ({
      customerId: `c${from + i}`,
      delta: from + i + 1,
      reason: 'x',
    }))
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
  }
}

/** What is not computed yet. */
const unknown = {
  deltasCount: null,
  startingBalance: null,
  netChange: null,
  endingBalance: null,
  merkleRoot: null,
  proofRoot: null,
}

/** A customer's record as product.md §5.5 writes it, of one delta from 0 unless `figures` says otherwise. */
function recordOf(
  { checkpointId, period, startDate, endDate }: Awaited<ReturnType<typeof take>>['data'],
  roots: ReadonlyMap<string, Hex>,
  customerId: string,
  figures: Partial<CheckpointRecord>,
): CheckpointRecord {
  return {
    checkpointId,
    customerId,
    period,
    startDate,
    endDate,
    closed: true,
    fromSequence: 1,
    toSequence: 1,
    startingBalance: '0',
    netChange: '0',
    endingBalance: '0',
    deltasCount: 1,
    itemsRoot: roots.get(customerId) ?? ZERO_HASH,
    ...figures,
  }
}

describe('a checkpoint of all customers', () => {
  it('cuts at once; roots come behind it: QUEUED, PROCESSING, VERIFIED, with the sums and the root of product.md §5.5', async () => {
    const tenant = await plane.newTenant()
    await at('2126-03-05T00:00:00.000Z')
    await emit(tenant, 'b', 1)
    const roots = new Map<string, Hex>()
    await at('2126-04-05T00:00:00.000Z')
    for (const [customerId, delta] of [
      ['b', 4],
      ['B', 2],
      ['a', -1],
      ['b', 2],
    ] as const)
      roots.set(customerId, (await emit(tenant, customerId, delta)).receiptId)
    await at('2126-05-05T00:00:00.000Z')
    await emit(tenant, 'later', 100)
    const { status, data } = await take(tenant, { period: '2126-04', mode: 'all' })
    assert.equal(status, 201)
    assert.deepEqual(
      { ...data, checkpointId: '' },
      {
        checkpointId: '',
        status: 'QUEUED',
        period: '2126-04',
        startDate: '2126-04-01T00:00:00.000Z',
        endDate: '2126-05-01T00:00:00.000Z',
        closed: true,
        customerId: null,
        ...unknown,
        mode: 'all',
        fingerprints: null,
        createdAt: '2126-05-05T00:00:00.000Z',
      },
    )
    assert.deepEqual(await list(tenant), [data])
    await emit(tenant, 'b', 50) // goes on
    assert.equal(await buildCuts(plane.cuts), true)
    assert.deepEqual(await list(tenant), [{ ...data, status: 'PROCESSING' }])
    await plane.verifyAll()
    const [verified, ...others] = await list(tenant)
    assert.deepEqual(others, [])
    const root = verified?.proofRoot ?? assert.fail()
    assert.deepEqual(verified, {
      ...data,
      status: 'VERIFIED',
      deltasCount: 4,
      startingBalance: amountOf('1'),
      netChange: amountOf('7'),
      endingBalance: amountOf('8'),
      merkleRoot: root,
      proofRoot: root,
    })
    const records = [
      recordOf(data, roots, 'B', { netChange: '2', endingBalance: '2' }),
      recordOf(data, roots, 'a', { netChange: '-1', endingBalance: '-1' }),
      recordOf(data, roots, 'b', {
        fromSequence: 2,
        toSequence: 3,
        startingBalance: '1',
        netChange: '6',
        endingBalance: '7',
        deltasCount: 2,
      }),
    ]
    assert.equal(root, toHex(allCustomersRoot(records)))
  })

  it('R23 closes a month once, for all and for each: asked again for one customer, its part of the same', async () => {
    const tenant = await plane.newTenant()
    await at('2126-06-05T00:00:00.000Z')
    for (const customerId of ['own', 'part']) await emit(tenant, customerId, 5)
    await at('2126-07-05T00:00:00.000Z')
    const own = (await take(tenant, { customerId: 'own', period: '2126-06' })).data
    const twice = await Promise.all([1, 2].map(() => take(tenant, { period: '2126-06' })))
    assert.equal(twice[0]?.data.checkpointId, twice[1]?.data.checkpointId)
    await plane.verifyAll()
    const all = (await take(tenant, { period: '2126-06' })).data
    assert.deepEqual([all.checkpointId, all.status], [twice[0]?.data.checkpointId, 'VERIFIED'])
    assert.equal(
      (await take(tenant, { customerId: 'own', period: '2126-06' })).data.checkpointId,
      own.checkpointId,
    )
    const part = (await take(tenant, { customerId: 'part', period: '2126-06' })).data
    assert.deepEqual(
      [part.checkpointId, part.customerId, part.status, part.endingBalance],
      [all.checkpointId, 'part', 'VERIFIED', amountOf('5')],
    )
    assert.notEqual(part.proofRoot, all.proofRoot)
    assert.deepEqual(
      (await list(tenant, { customerId: 'part' })).map(({ proofRoot }) => proofRoot),
      [part.proofRoot],
    )
    assert.equal((await list(tenant)).length, 2)
    // A running month is a snapshot, each call a new one.
    const running = await Promise.all([1, 2, 3].map(() => take(tenant)))
    assert.equal(new Set(running.map(({ data }) => data.checkpointId)).size, 3)
  })

  it('of nobody has the root of the empty tree; a key gives the first answer again', async () => {
    const tenant = await plane.newTenant()
    const headers = { 'idempotency-key': 'k' }
    const first = await take(tenant, { period: '2126-01' }, headers)
    const again = await take(tenant, { period: '2126-01' }, headers)
    assert.equal(again.data.checkpointId, first.data.checkpointId)
    await plane.client.refuse(api.takeCheckpoint, 'IDEMPOTENCY_CONFLICT', {
      key: tenant.key,
      body: {},
      headers,
    })
    await plane.verifyAll()
    const [only] = await list(tenant)
    assert.deepEqual([only?.status, only?.deltasCount], ['VERIFIED', 0])
    assert.equal(only?.proofRoot, toHex(allCustomersRoot([])))
  })

  it('survives a crash between any two steps, and two builders at once, and is never doubled', async () => {
    const tenant = await plane.newTenant()
    await fill(tenant, 601)
    await take(tenant)
    // Each round does one step, of another process that knows nothing of the last; sometimes two do it at once.
    for (let round = 0; round < 12; round++) {
      await Promise.all(Array.from({ length: 1 + (round % 2) }, () => buildCuts(plane.cuts)))
      if (round > 6) await Promise.all([checkCuts(plane.worker), checkCuts(plane.worker)])
      while ((await integrate(plane.worker, tenant.tenantNo)) === 'grown');
    }
    await plane.verifyAll()
    const found = await list(tenant)
    assert.deepEqual(
      found.map(({ status, deltasCount, endingBalance }) => [status, deltasCount, endingBalance]),
      [['VERIFIED', 601, amountOf(String((601 * 602) / 2))]],
    )
    const { rows } = await plane.owner.query<{ count: number }>(
      'select count(*) from checkpoint where tenant_id = $1',
      [tenant.tenantNo],
    )
    assert.equal(rows[0]?.count, 1)
  })

  it('keeps no append waiting, however many customers: parts and roots are computed without the lock on the log', async () => {
    const tenant = await plane.newTenant()
    await fill(tenant, 1_000)
    await plane.verifyAll()
    await take(tenant)
    const appender = await plane.owner.connect()
    await appender.query('begin')
    await appender.query('select from log_head where tenant_id = $1 for update', [tenant.tenantNo])
    while (await buildCuts(plane.cuts));
    assert.equal(await checkCuts(plane.worker), true)
    assert.equal((await list(tenant))[0]?.status, 'PROCESSING')
    await appender.query('rollback')
    appender.release()
    await plane.verifyAll()
    assert.deepEqual(
      [(await list(tenant))[0]?.status, (await list(tenant))[0]?.deltasCount],
      ['VERIFIED', 1_000],
    )
  })
})

describe('R26 damage', () => {
  it('under a checkpoint of all customers reads FAILED, and it is VERIFIED once repaired', async () => {
    const tenant = await plane.newTenant()
    await fill(tenant, 3)
    await plane.verifyAll()
    await take(tenant)
    const change = (amount: string) =>
      plane.owner.query(
        `do $$ begin set local session_replication_role = replica; update delta set amount = ${amount}
           where tenant_id = ${tenant.tenantNo} and log_index = 1; end $$`,
      )
    await change('7')
    await plane.verifyAll()
    assert.equal((await list(tenant))[0]?.status, 'FAILED')
    await change('2')
    plane.clock.offsetMs += 3_000
    await plane.verifyAll()
    assert.equal((await list(tenant))[0]?.status, 'VERIFIED')
    plane.clock.offsetMs -= 3_000
  })
})

it('everything is sound in the end', () => plane.requireSound())
