import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { timestampOf } from '@pacspace/api/timestamp'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { moveDatabaseClock, stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const JUMPS = { '-1 h': -HOUR_MS, '+1 day': DAY_MS, '-61 s': -61_000, '+61 s': 61_000 }

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
})
after(async () => {
  await plane.requireSound()
  await plane[Symbol.asyncDispose]()
})
afterEach(() => setClocks(0, 0))

/** Both clocks, ahead of the real time. */
async function setClocks(processMs: number, databaseMs: number): Promise<void> {
  plane.clock.offsetMs = processMs
  await moveDatabaseClock(plane, databaseMs)
}

let keys = 0
const emit = (idempotencyKey = `key ${keys++}`) =>
  plane.client.call(api.emitDelta, {
    key: tenant.key,
    headers: { 'idempotency-key': idempotencyKey },
    body: { customerId: 'cust_1', delta: 1, reason: 'usage' },
  })

const stored = async () => {
  const { rows } = await plane.owner.query<{ seq: number; created_at: string }>(
    'select seq, created_at from delta where tenant_id = $1 order by log_index',
    [tenant.tenantNo],
  )
  return rows
}

/** Sequence numbers follow the order of the log, and times never go back in it. */
async function requireOrdered(count: number): Promise<void> {
  const rows = await stored()
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    Array.from({ length: count }, (_, index) => index + 1),
  )
  const times = rows.map(({ created_at: createdAt }) => createdAt)
  assert.deepEqual(times, times.toSorted())
}

async function requireUnsure(): Promise<void> {
  const before = await ledgerRows(plane.owner)
  const single = emit('unsure')
  const batch = plane.client.call(api.emitBatch, {
    key: tenant.key,
    headers: { 'idempotency-key': 'unsure batch' },
    body: { deltas: [{ customerId: 'cust_1', delta: 1, reason: 'usage' }] },
  })
  for (const { status, problem, headers } of await Promise.all([single, batch])) {
    assert.equal(status, 503)
    assert.equal(problem?.code, 'CLOCK_UNSURE')
    assert.equal(headers.get('retry-after'), String(problem.retryAfterSeconds))
    assert.ok((problem.retryAfterSeconds ?? 0) >= 1)
  }
  assert.deepEqual(await ledgerRows(plane.owner), before)
}

/** The keys that were refused are free, and what is written now is written once. */
async function requireRecovered(): Promise<void> {
  const rows = (await stored()).length
  const answer = await emit('unsure')
  assert.equal(answer.status, 201)
  assert.equal(answer.headers.get('idempotent-replayed'), null)
  await requireOrdered(rows + 1)
}

describe('R21 a clock that jumps', () => {
  for (const [name, jumpMs] of Object.entries(JUMPS)) {
    for (const host of ['api', 'database']) {
      it(`${name} on the host of the ${host}: 503, nothing written, and after it all goes on`, async () => {
        tenant = await plane.newTenant()
        await emit()
        await setClocks(host === 'api' ? jumpMs : 0, host === 'database' ? jumpMs : 0)
        await requireUnsure()
        await setClocks(0, 0)
        await requireRecovered()
      })
    }
  }

  it('-1 h on one host with both: the log is ahead of its clock, and waits for it', async () => {
    tenant = await plane.newTenant()
    await emit()
    await setClocks(-HOUR_MS, -HOUR_MS)
    await requireUnsure()
    await setClocks(0, 0)
    await requireRecovered()
  })

  it('+1 day on one host with both is as if a day had passed; set back, the log waits until it has', async () => {
    tenant = await plane.newTenant()
    await emit()
    await setClocks(DAY_MS, DAY_MS)
    const ahead = await emit()
    assert.equal(ahead.status, 201)
    assert.ok(Date.parse(ahead.data.createdAt) > Date.now() + DAY_MS - 60_000)
    await setClocks(0, 0)
    await requireUnsure()
    await setClocks(DAY_MS, DAY_MS)
    await requireRecovered()
  })

  it('by less than a minute: times stand still until the clock has caught up, and never go back', async () => {
    tenant = await plane.newTenant()
    await emit()
    for (const [processMs, databaseMs] of [
      [0, -50_000],
      [-59_000, 0],
      [50_000, 50_000],
      [59_000, 0],
      [0, 0],
    ] as const) {
      await setClocks(processMs, databaseMs)
      assert.equal((await emit()).status, 201, `${processMs}, ${databaseMs}`)
    }
    await requireOrdered(6)
    // The last one was written 50 s after its clock.
    const times = (await stored()).slice(-3).map(({ created_at: createdAt }) => createdAt)
    assert.deepEqual(new Set(times), new Set([times[0]]))
  })

  it('in the middle of load, again and again: whatever is accepted is in order, the rest is CLOCK_UNSURE', async (t) => {
    const random = seededRandom(testSeed())
    t.diagnostic(`seed ${random.seed}`)
    tenant = await plane.newTenant()
    const offsets = [0, 0, 0, -HOUR_MS, DAY_MS, -30_000, 30_000]
    const codes: (string | undefined)[] = []
    for (let round = 0; round < 25; round++) {
      const emits = Array.from({ length: 20 }, () => emit())
      await setClocks(random.pick(offsets), random.pick([0, 0, -HOUR_MS, -30_000, 30_000]))
      for (const { problem } of await Promise.all(emits)) codes.push(problem?.code)
      await setClocks(0, 0)
      for (const { problem } of await Promise.all(Array.from({ length: 5 }, () => emit())))
        codes.push(problem?.code)
    }
    assert.deepEqual(new Set(codes.filter((code) => code !== undefined)), new Set(['CLOCK_UNSURE']))
    const accepted = codes.filter((code) => code === undefined).length
    assert.ok(accepted >= 100)
    await requireOrdered(accepted)
  })

  it('on the worker: nothing is verified before it was created', async () => {
    tenant = await plane.newTenant()
    const { recordId, createdAt } = (await emit()).data
    plane.clock.offsetMs = -HOUR_MS
    await plane.verifyAll()
    const { data } = await plane.client.call(api.getDelta, { key: tenant.key, params: { recordId } })
    assert.equal(data.status, 'VERIFIED')
    assert.ok((data.verifiedAt ?? '') >= createdAt, `${data.verifiedAt} is before ${createdAt}`)
    for (const { time } of data.anchors) assert.ok(time >= createdAt)
  })

  it('a key that was revoked is not remembered for as long as the clock was set back', async () => {
    tenant = await plane.newTenant()
    await emit()
    await plane.owner.query('update api_key set revoked_at = now(), active = false where tenant_id = $1', [
      tenant.tenantNo,
    ])
    plane.clock.offsetMs = -HOUR_MS
    assert.equal((await emit()).problem?.code, 'INVALID_API_KEY')
  })

  it('to the last millisecond of a month and back: each delta has one period, that of its place in the log', async () => {
    tenant = await plane.newTenant()
    const endMs = Date.parse('2031-01-01T00:00:00.000Z')
    for (const atMs of [endMs - 1, endMs, endMs - 30_000, endMs + 1]) {
      await stopTimeAt(plane, timestampOf(atMs))
      assert.equal((await emit()).status, 201)
    }
    const times = (await stored()).map(({ created_at: createdAt }) => Date.parse(createdAt) - endMs)
    assert.deepEqual(times, [-1, 0, 0, 1])
  })
})
