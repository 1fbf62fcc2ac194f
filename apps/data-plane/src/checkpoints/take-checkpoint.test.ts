import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/checkpoints'
import { emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { allCustomersRoot, type CheckpointRecord } from '@pacspace/proofs/checkpoint-record'
import { toHex } from '@pacspace/proofs/hex'
import { findingsOf } from '../testing/findings-of.ts'
import { columnDamages } from '../testing/ledger-damage.ts'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const take = (body: object = {}, headers: Record<string, string> = {}, { key } = tenant) =>
  plane.client.call(api.takeCheckpoint, { key, body, headers })
const list = (query: object = {}, { key } = tenant) =>
  plane.client.succeed(api.listCheckpoints, { key, query: { ...query } })
const emit = (customerId: string, delta: number | string, { key } = tenant) =>
  plane.client.succeed(emitDelta, { key, body: { customerId, delta, reason: 'x' } })
const at = (instant: string) => stopTimeAt(plane, instant)

/** The root that product.md §5.5 gives the checkpoint of one customer: over its record, built from the answer. */
function rootOf(
  checkpoint: Awaited<ReturnType<typeof take>>['data'],
  sequence: [number, number] | null,
  itemsRoot: string,
) {
  const decimal = (amount: bigint | null) => String(Number(amount) / 1e12)
  const record: CheckpointRecord = {
    checkpointId: checkpoint.checkpointId,
    customerId: checkpoint.customerId ?? '',
    period: checkpoint.period,
    startDate: checkpoint.startDate,
    endDate: checkpoint.endDate,
    closed: checkpoint.closed,
    fromSequence: sequence?.[0],
    toSequence: sequence?.[1],
    startingBalance: decimal(checkpoint.startingBalance),
    netChange: decimal(checkpoint.netChange),
    endingBalance: decimal(checkpoint.endingBalance),
    deltasCount: checkpoint.deltasCount ?? -1,
    itemsRoot: itemsRoot as `0x${string}`, // as received
  }
  return toHex(allCustomersRoot([record]))
}

describe('a checkpoint of one customer', () => {
  it('closes a finished month with its figures and the root of its record, and is verified after anchoring', async () => {
    await at('2126-03-31T10:00:00.000Z')
    await emit('closing', 10)
    await at('2126-04-10T10:00:00.000Z')
    await emit('closing', '0.25')
    const last = await emit('closing', -4)
    await at('2126-05-02T10:00:00.000Z')
    await emit('closing', 1000)
    const { status, data } = await take({
      customerId: 'closing',
      period: '2126-04',
      mode: 'strict',
      fingerprints: { b: 1, a: ['x'] },
    })
    assert.equal(status, 201)
    const { checkpointId, merkleRoot, ...rest } = data
    assert.match(checkpointId, /^chk_[0-9a-hjkmnp-tv-z]{42}$/)
    assert.deepEqual(rest, {
      status: 'QUEUED',
      period: '2126-04',
      startDate: '2126-04-01T00:00:00.000Z',
      endDate: '2126-05-01T00:00:00.000Z',
      closed: true,
      customerId: 'closing',
      deltasCount: 2,
      startingBalance: amountOf('10'),
      netChange: amountOf('-3.75'),
      endingBalance: amountOf('6.25'),
      proofRoot: merkleRoot,
      mode: 'strict',
      fingerprints: { a: ['x'], b: 1 },
      createdAt: '2126-05-02T10:00:00.000Z',
    })
    assert.equal(merkleRoot, rootOf(data, [2, 3], last.receiptId))
    assert.deepEqual((await list({ customerId: 'closing' })).checkpoints, [data])
    await plane.verifyAll()
    assert.deepEqual((await list({ customerId: 'closing' })).checkpoints, [{ ...data, status: 'VERIFIED' }])
  })

  it('R23 asked again, the same one: with other words, under a key, after later deltas; nothing is written', async () => {
    const first = (await list({ customerId: 'closing' })).checkpoints[0]
    await emit('closing', 1)
    await plane.verifyAll()
    const before = await ledgerRows(plane.owner)
    const scope = { startDate: '2126-04-01', endDate: '2126-05-01' }
    for (const [body, headers] of [
      [{ period: '2126-04' }, {}],
      [{ period: '2126-04', mode: 'other' }, { 'idempotency-key': 'again' }],
    ] as const) {
      const again = await take({ customerId: 'closing', ...body }, headers)
      assert.deepEqual(again.data, first)
      assert.equal(again.headers.get('idempotent-replayed'), 'true')
    }
    assert.deepEqual(await ledgerRows(plane.owner), before)
    // The key was kept by nothing, and the same stretch by dates is another checkpoint.
    const other = await take({ customerId: 'closing', ...scope }, { 'idempotency-key': 'again' })
    assert.notEqual(other.data.checkpointId, first?.checkpointId)
    assert.deepEqual(
      [other.data.period, other.data.closed, other.data.netChange, other.data.endingBalance],
      [null, true, first?.netChange, first?.endingBalance],
    )
  })

  it('of the running month is a snapshot, each call a new one; without a scope it is the running month', async () => {
    await at('2126-05-03T10:00:00.000Z')
    const bodies = [{}, { period: '2126-05' }, { timePreset: 'current_month' }]
    await emit('snapshot', 5)
    const taken = []
    for (const body of bodies) taken.push((await take({ customerId: 'snapshot', ...body })).data)
    assert.equal(new Set(taken.map(({ checkpointId }) => checkpointId)).size, 3)
    assert.equal(new Set(taken.map(({ proofRoot }) => proofRoot)).size, 3)
    for (const { period, closed, endingBalance } of taken)
      assert.deepEqual([period, closed, endingBalance], ['2126-05', false, amountOf('5')])
    await emit('snapshot', 2)
    const { data } = await take({ customerId: 'snapshot' })
    assert.deepEqual([data.deltasCount, data.endingBalance], [2, amountOf('7')])
  })

  it('of a month without deltas says what stood before it; before the first delta, nothing and 32 zero bytes', async () => {
    await at('2126-08-05T10:00:00.000Z')
    const { data: quiet } = await take({ customerId: 'closing', period: '2126-06' })
    assert.deepEqual(
      [quiet.deltasCount, quiet.netChange, quiet.startingBalance],
      [0, 0n, quiet.endingBalance],
    )
    const { data: none } = await take({ customerId: 'snapshot', period: '2126-02' })
    assert.deepEqual([none.deltasCount, none.startingBalance, none.endingBalance], [0, 0n, 0n])
    assert.equal(none.proofRoot, rootOf(none, null, `0x${'00'.repeat(32)}`))
    await plane.requireSound()
  })

  it('refuses a month that has not begun, an unknown customer, and scopes that cannot be combined; writes nothing', async () => {
    const before = await ledgerRows(plane.owner)
    for (const body of [{ period: '2126-09' }, { startDate: '2126-09-01', endDate: '2126-10-01' }]) {
      const { problem } = await take({ customerId: 'closing', ...body }, { 'idempotency-key': 'future' })
      assert.equal(problem?.code, 'VALIDATION_ERROR')
      assert.match(problem?.message ?? '', /lies in the future/)
    }
    await plane.client.refuse(api.takeCheckpoint, 'CUSTOMER_NOT_FOUND', {
      key: tenant.key,
      body: { customerId: 'nobody' },
    })
    for (const body of [
      { period: '2126-04', timePreset: 'current_month' },
      { startDate: '2126-04-01' },
      { timePreset: 'custom' },
    ]) {
      await plane.client.refuse(api.takeCheckpoint, 'INVALID_SCOPE_COMBINATION', { key: tenant.key, body })
      await plane.client.refuse(api.listCheckpoints, 'INVALID_SCOPE_COMBINATION', {
        key: tenant.key,
        query: body,
      })
    }
    await plane.client.refuse(api.takeCheckpoint, 'VALIDATION_ERROR', {
      key: tenant.key,
      body: { period: '2126-13' },
    })
    await plane.client.refuse(api.listCheckpoints, 'CUSTOMER_NOT_FOUND', {
      key: tenant.key,
      query: { customerId: 'nobody' },
    })
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })

  it('R8 R9 R10 a key gives the first answer again to all at once, and is bound to body and route', async () => {
    const headers = { 'idempotency-key': 'locked' }
    const body = { customerId: 'snapshot', mode: 'm' }
    const answers = await Promise.all(Array.from({ length: 40 }, () => take(body, headers)))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(answers.filter((one) => one.headers.get('idempotent-replayed') === null).length, 1)
    for (const other of [
      { ...body, mode: 'n' },
      { customerId: 'closing', mode: 'm' },
    ]) {
      await plane.client.refuse(api.takeCheckpoint, 'IDEMPOTENCY_CONFLICT', {
        key: tenant.key,
        body: other,
        headers,
      })
    }
    const delta = { customerId: 'snapshot', delta: 1, reason: 'x' }
    await plane.client.refuse(emitDelta, 'IDEMPOTENCY_CONFLICT', { key: tenant.key, body: delta, headers })
    const emitted = { 'idempotency-key': 'emitted' }
    await plane.client.succeed(emitDelta, { key: tenant.key, body: delta, headers: emitted })
    await plane.client.refuse(api.takeCheckpoint, 'IDEMPOTENCY_CONFLICT', {
      key: tenant.key,
      body,
      headers: emitted,
    })
  })

  it('is refused where writes are, and counts as no delta', async () => {
    const other = await plane.newTenant({ tier: 'free' })
    await emit('c', 1, other)
    await take({ customerId: 'c' }, {}, other)
    const { rows } = await plane.owner.query('select size, delta_count from log_head where tenant_id = $1', [
      other.tenantNo,
    ])
    assert.deepEqual(rows, [{ size: 2, delta_count: 1 }])
    const refuse = (code: 'PLAN_UPGRADE_REQUIRED' | 'LOG_BEHIND_ANCHOR' | 'CLOCK_UNSURE') =>
      plane.client.refuse(api.takeCheckpoint, code, { key: other.key, body: { customerId: 'c' } })
    await plane.owner.query('update tenant set writes_allowed = false where id = $1', [other.tenantNo])
    await refuse('PLAN_UPGRADE_REQUIRED')
    await plane.owner.query('update tenant set writes_allowed = true where id = $1', [other.tenantNo])
    plane.clock.offsetMs += 3_600_000
    await refuse('CLOCK_UNSURE')
    plane.clock.offsetMs -= 3_600_000
    await plane.owner.query(`insert into verify_state values ($1, null, '[]', 'LOG_BEHIND_ANCHOR', now())`, [
      other.tenantNo,
    ])
    await refuse('LOG_BEHIND_ANCHOR')
    await plane.owner.query('delete from verify_state where tenant_id = $1', [other.tenantNo])
  })
})

describe('the list of checkpoints', () => {
  it('is paged, newest first, and a scope gives those within it', async () => {
    const all = await list({ limit: 3 })
    assert.equal(all.checkpoints.length, 3)
    assert.equal(all.pagination.hasMore, true)
    const rest = await list({ limit: 1_000, offset: 3 })
    assert.equal(rest.checkpoints.length + 3, all.pagination.total)
    const times = [...all.checkpoints, ...rest.checkpoints].map(({ createdAt }) => createdAt)
    assert.deepEqual(times, times.toSorted().toReversed())
    const april = await list({ period: '2126-04' })
    assert.equal(april.checkpoints.length, 2)
    for (const { startDate } of april.checkpoints) assert.equal(startDate, '2126-04-01T00:00:00.000Z')
    const other = await plane.newTenant()
    assert.deepEqual((await list({}, other)).checkpoints, [])
  })
})

describe('R22 at the last millisecond of a month', () => {
  it('emits and closings race: each delta is in exactly one period, and the closed root never changes', async () => {
    const racing = await plane.newTenant()
    const customerId = 'racer'
    await at('2126-10-31T23:59:59.999Z')
    await emit(customerId, 1, racing)
    let isOver = false
    const emits = Array.from({ length: 60 }, async (_, i) => {
      for (let n = 0; n < 5; n++) await emit(customerId, i + 1, racing)
    })
    const closings: Awaited<ReturnType<typeof take>>[] = []
    const closer = (async () => {
      while (!isOver) closings.push(await take({ customerId, period: '2126-10' }, {}, racing))
    })()
    const clock = (async () => {
      await at('2126-10-31T23:59:59.999Z')
      await at('2126-11-01T00:00:00.000Z')
    })()
    await Promise.all([...emits, clock])
    isOver = true
    await closer
    closings.push(await take({ customerId, period: '2126-10' }, {}, racing))
    const closed = closings.map(({ data }) => data).filter((data) => data.closed)
    assert.ok(closed.length > 0)
    assert.equal(new Set(closed.map(({ checkpointId, proofRoot }) => `${checkpointId} ${proofRoot}`)).size, 1)
    const november = (await take({ customerId, period: '2126-11' }, {}, racing)).data
    const october = closed[0] ?? assert.fail()
    assert.equal((october.deltasCount ?? 0) + (november.deltasCount ?? 0), 301)
    assert.equal(october.endingBalance, november.startingBalance)
    const { rows } = await plane.owner.query<{ count: number }>(
      `select count(*) from delta where tenant_id = $1 and created_at < '2126-11-01'`,
      [racing.tenantNo],
    )
    assert.equal(rows[0]?.count, october.deltasCount)
    await plane.verifyAll()
    const again = await take({ customerId, period: '2126-10' }, {}, racing)
    assert.deepEqual(again.data, { ...october, status: 'VERIFIED' })
    // A clock that goes back does not open it again.
    await at('2126-10-31T23:59:59.999Z')
    const late = await emit(customerId, 7, racing)
    assert.ok(late.createdAt >= '2126-11-01T00:00:00.000Z')
  })
})

describe('R26 a checkpoint that was tampered with', () => {
  it('in any column is found by fsck, and its tenant named', async () => {
    const other = await plane.newTenant()
    await at('2126-11-30T00:00:00.000Z')
    await emit('c', 9, other)
    await at('2126-12-05T00:00:00.000Z')
    for (const delta of [1, 2, 3]) await emit('c', delta, other)
    const body = { customerId: 'c', mode: 'm', fingerprints: ['f'] }
    await take(body, { 'idempotency-key': 'k' }, other)
    await emit('c', 4, other)
    await take(body, {}, other)
    await plane.verifyAll()
    const damages = await columnDamages(plane.owner, other.tenantNo, { checkpoint: 'log_index = 4' })
    assert.ok(damages.length > 50)
    for (const damage of damages) {
      const found = await findingsOf(plane, damage)
      if (found === 'refused') continue
      assert.ok(found.length > 0, damage.name)
      if (damage.namesTenant)
        assert.ok(
          found.some((text) => text.includes(other.tenantId)),
          damage.name,
        )
    }
  })

  it('before it was verified reads FAILED, is not signed, and is VERIFIED once repaired', async () => {
    const other = await plane.newTenant()
    await emit('c', 1, other)
    await take({ customerId: 'c' }, {}, other)
    const behind = await emit('c', 2, other)
    const change = (sql: string) =>
      plane.owner.query(
        `do $$ begin set local session_replication_role = replica;
           update checkpoint set ${sql} where tenant_id = ${other.tenantNo}; end $$`,
      )
    await change('ending_balance = ending_balance + 1, net_change = net_change + 1')
    await plane.verifyAll()
    assert.deepEqual(
      (await list({}, other)).checkpoints.map(({ status }) => status),
      ['FAILED'],
    )
    const params = { recordId: behind.recordId }
    assert.equal((await plane.client.succeed(getDelta, { key: other.key, params })).status, 'PROCESSING')
    await change('ending_balance = ending_balance - 1, net_change = net_change - 1')
    await plane.verifyAll()
    assert.equal((await list({}, other)).checkpoints[0]?.status, 'VERIFIED')
  })

  it('is not signed over a ledger row that is no longer what was verified', async () => {
    const other = await plane.newTenant()
    for (const delta of [1, 2, 3]) await emit('c', delta, other)
    await plane.verifyAll()
    const change = (amount: string) =>
      plane.owner.query(
        `do $$ begin set local session_replication_role = replica; update delta set amount = ${amount}, balance = balance
           where tenant_id = ${other.tenantNo} and log_index = 2; end $$`,
      )
    await change('30')
    await take({ customerId: 'c' }, {}, other)
    await plane.verifyAll()
    assert.notEqual((await list({}, other)).checkpoints[0]?.status, 'VERIFIED')
    await change('3')
    await plane.verifyAll()
    assert.equal((await list({}, other)).checkpoints[0]?.status, 'VERIFIED')
  })
})

it('everything is sound in the end', () => plane.requireSound())
