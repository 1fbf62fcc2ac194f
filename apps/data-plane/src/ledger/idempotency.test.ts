import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createPool, type Pool, transaction } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { API_ROLE } from '../data-plane.ts'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import type { AppendUnit, ItemOutcome } from './append-unit.ts'
import { createAppend } from './create-append.ts'
import { emittedDelta } from './delta-answer.ts'
import { deltaRequestOf, keyDigestOf } from './delta-request.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const BODY = { customerId: 'cust_1', delta: 1.5, reason: 'usage' }
const emit = (idempotencyKey: string, body: unknown = BODY, key = tenant.key) =>
  plane.client.call(api.emitDelta, { key, body, headers: { 'idempotency-key': idempotencyKey } })
const emitBatch = (idempotencyKey: string, deltas: unknown[], key = tenant.key) =>
  plane.client.call(api.emitBatch, { key, body: { deltas }, headers: { 'idempotency-key': idempotencyKey } })

describe('an emit under an Idempotency-Key', () => {
  it('R8 same key, same body, 200 parallel: one delta and 200 equal answers, all but the first marked', async () => {
    const before = await ledgerRows(plane.owner)
    const answers = await Promise.all(Array.from({ length: 200 }, () => emit('r8')))
    const [first] = answers
    assert.ok(first)
    for (const answer of answers) {
      assert.equal(answer.status, 201)
      assert.deepEqual(answer.data, first.data)
    }
    const marked = answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')
    assert.equal(marked.length, 199)
    const late = await emit('r8')
    assert.equal(late.headers.get('idempotent-replayed'), 'true')
    assert.equal(late.text, first.text)
    assert.deepEqual(await ledgerRows(plane.owner), {
      ...before,
      deltas: before.deltas + 1,
      customers: before.customers + 1,
      logSize: before.logSize + 1,
    })
  })

  it('a replay says what was said the first time, also when the delta is verified by now', async () => {
    const first = await emit('later', { ...BODY, metadata: { b: 1, a: [] }, referenceId: 'later' })
    await plane.verifyAll()
    const replay = await emit('later', {
      ...BODY,
      metadata: { a: [], b: 1 },
      delta: '1.50',
      referenceId: 'later',
    })
    assert.equal(replay.text, first.text)
    assert.equal(replay.data.status, 'QUEUED')
  })

  it('R9 same key, other body: a conflict in any field, and nothing is written', async () => {
    const body = { ...BODY, referenceId: 'r9', metadata: { a: 1 } }
    await emit('r9', body)
    const before = await ledgerRows(plane.owner)
    const others = [
      { ...body, delta: 1.500000000001 },
      { ...body, customerId: 'cust_2' },
      { ...body, reason: 'Usage' },
      { ...body, referenceId: 'r9b' },
      { ...body, metadata: { a: 2 } },
      { ...body, adjusts: { referenceId: 'r9' } },
      BODY,
    ]
    for (const other of others) {
      const { problem } = await emit('r9', other)
      assert.equal(problem?.code, 'IDEMPOTENCY_CONFLICT')
    }
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })

  it('R10 a twin that is sent while the first still runs waits for it and answers the same', async () => {
    let first: ReturnType<typeof emit> | undefined
    let twin: ReturnType<typeof emit> | undefined
    await transaction(plane.owner, async (tx) => {
      await tx.query('select from log_head where tenant_id = $1 for update', [tenant.tenantNo])
      first = emit('r10')
      assert.ok(await waitUntil(() => isWaitingForLock(plane.owner), 5_000))
      twin = emit('r10')
    })
    const answers = await Promise.all([first, twin])
    assert.deepEqual(answers[1]?.data, answers[0]?.data)
    assert.deepEqual(
      answers.map((answer) => answer?.headers.get('idempotent-replayed')),
      [null, 'true'],
    )
  })

  it('R10 R19 two api processes race under the same keys: each key writes once, sequences have no gap', async () => {
    const pool = () =>
      createPool({ url: plane.database.url, role: API_ROLE, applicationName: 'test', max: 2, pipeline: true })
    const pools = [pool(), pool()]
    const appends = pools.map((lanes) =>
      createAppend({
        environment: 'sandbox',
        lanes,
        laneCount: 2,
        db: plane.context.db,
        clock: plane.clock,
        randomBytes,
        fileAnchor: plane.worker.fileAnchor,
        onCommitted: () => {},
      }),
    )
    const unit = (i: number): AppendUnit => ({
      kind: 'emit',
      items: [deltaRequestOf({ customerId: `race_${i % 3}`, delta: 1n as never, reason: 'x' })],
      keyDigest: keyDigestOf(tenant.tenantId, `race_${i}`),
      requestHash: null,
    })
    const outcomes = await Promise.all(
      Array.from({ length: 1_500 }, (_, i) =>
        Promise.all(appends.map(({ append }) => append(tenant.tenantNo, unit(i)))),
      ),
    )
    await Promise.all(pools.map((each) => each.end()))
    for (const [a, b] of outcomes) {
      assert.ok(a?.kind === 'done' && b?.kind === 'done')
      assert.deepEqual(a.items.map(answered), b.items.map(answered))
      assert.deepEqual([a.replayed, b.replayed].sort(), [false, true])
    }
    const { rows } = await plane.owner.query<{ count: number; last: number }>(
      `select count(*) as count, max(seq) as last from delta join customer c using (tenant_id, customer_no)
        where c.customer_id like 'race%' group by customer_no`,
    )
    assert.deepEqual(rows, [
      { count: 500, last: 500 },
      { count: 500, last: 500 },
      { count: 500, last: 500 },
    ])
  })

  it('R11 the same key in another tenant, and in the other environment, is another key', async () => {
    const stranger = await plane.newTenant()
    await using production = await startTestDataPlane('production')
    const { key } = await production.newTenant()
    const own = await emit('r11')
    const other = await emit('r11', { ...BODY, delta: 99 }, stranger.key)
    const live = await production.client.call(api.emitDelta, {
      key,
      body: { ...BODY, delta: 77 },
      headers: { 'idempotency-key': 'r11' },
    })
    for (const answer of [own, other, live]) {
      assert.equal(answer.status, 201)
      assert.equal(answer.headers.get('idempotent-replayed'), null)
    }
    assert.equal(new Set([own, other, live].map(({ data }) => data.recordId)).size, 3)
    await production.requireSound()
  })

  it('R13 after a refusal the key is free, and the corrected body is accepted', async () => {
    const unknown = { ...BODY, adjusts: { referenceId: 'nowhere' } }
    assert.equal((await emit('r13', { ...BODY, delta: 0 })).problem?.code, 'VALIDATION_ERROR')
    assert.equal((await emit('r13', unknown)).problem?.code, 'ADJUSTED_DELTA_NOT_FOUND')
    const corrected = await emit('r13', BODY)
    assert.equal(corrected.headers.get('idempotent-replayed'), null)
    assert.equal((await emit('r13', unknown)).problem?.code, 'IDEMPOTENCY_CONFLICT')
  })

  it('a refused twin does not take its innocent neighbours with it', async () => {
    const bodies = [BODY, { ...BODY, adjusts: { referenceId: 'nowhere' } }, { ...BODY, delta: 2 }]
    const answers = await Promise.all(bodies.map((body, i) => emit(`neighbour_${i}`, body)))
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [201, 422, 201],
    )
  })
})

describe('a batch under an Idempotency-Key', () => {
  const item = (i: number) => ({ customerId: `batch_${i % 2}`, delta: i + 1, reason: 'x' })

  it('is replayed as it was answered first, refused items included', async () => {
    const deltas = [
      item(0),
      { ...item(1), delta: 'x' },
      item(2),
      7,
      { ...item(3), adjusts: { recordId: 'x' } },
    ]
    const first = await emitBatch('batch', deltas)
    assert.equal(first.status, 201)
    assert.deepEqual([first.data.totalQueued, first.data.totalFailed], [2, 3])
    const before = await ledgerRows(plane.owner)
    const replay = await emitBatch('batch', deltas)
    assert.equal(replay.text, first.text)
    assert.equal(replay.headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })

  it('R8 fifty parallel are one batch', async () => {
    const before = await ledgerRows(plane.owner)
    const deltas = [item(0), item(1), { ...item(1), reason: '' }]
    const answers = await Promise.all(Array.from({ length: 50 }, () => emitBatch('batch_r8', deltas)))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1)
    const after = await ledgerRows(plane.owner)
    assert.deepEqual([after.deltas - before.deltas, after.batches - before.batches], [2, 1])
  })

  it('R9 another body is a conflict: an item more, less, changed, reordered, or another refused one', async () => {
    const deltas = [item(0), item(1), { ...item(2), delta: 'x' }]
    await emitBatch('batch_r9', deltas)
    const before = await ledgerRows(plane.owner)
    const others = [
      deltas.slice(0, 2),
      [...deltas, item(3)],
      [item(1), item(0), deltas[2]],
      [item(0), { ...item(1), delta: 3 }, deltas[2]],
      [item(0), item(1), { ...item(2), delta: 'y' }],
      [item(0), item(1), item(2)],
    ]
    for (const other of others) {
      assert.equal((await emitBatch('batch_r9', other)).problem?.code, 'IDEMPOTENCY_CONFLICT')
    }
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })

  it('a key belongs to its route: emit then batch, and batch then emit, conflict', async () => {
    await emit('route_1')
    assert.equal((await emitBatch('route_1', [BODY])).problem?.code, 'IDEMPOTENCY_CONFLICT')
    await emitBatch('route_2', [BODY])
    assert.equal((await emit('route_2')).problem?.code, 'IDEMPOTENCY_CONFLICT')
    const together = await Promise.all([emit('route_3'), emitBatch('route_3', [BODY])])
    assert.deepEqual(together.map(({ status }) => status).sort(), [201, 409])
  })

  it('R13 a batch of which nothing was written leaves the key free', async () => {
    const none = await emitBatch('batch_r13', [{ ...BODY, delta: 0 }])
    assert.deepEqual([none.status, none.data.totalQueued], [201, 0])
    const some = await emitBatch('batch_r13', [BODY])
    assert.deepEqual([some.data.totalQueued, some.headers.get('idempotent-replayed')], [1, null])
  })

  it('long literals bind the key by their value, in refused items too', async () => {
    const body = (written: string, refused: string) =>
      `{"deltas":[{"customerId":"long","delta":${written},"reason":"x"},{"delta":${refused}}]}`
    const call = (written: string, refused: string) =>
      plane.client.call(api.emitBatch, {
        key: tenant.key,
        body: body(written, refused),
        headers: { 'idempotency-key': 'long' },
      })
    const [long, longer] = ['100000000.0000000001', '100000000.0000000002']
    const first = await call(long, long)
    assert.deepEqual(
      first.data.results.map(({ status, delta }) => [status, delta]),
      [
        ['QUEUED', amountOf(long)],
        ['FAILED', amountOf(long)],
      ],
    )
    assert.equal((await call(long, long)).text, first.text)
    assert.equal((await call(longer, long)).problem?.code, 'IDEMPOTENCY_CONFLICT')
    assert.equal((await call(long, longer)).problem?.code, 'IDEMPOTENCY_CONFLICT')
  })
})

it('R14 a key that is sent again after 400 days is still the same delta', async () => {
  const first = await emit('r14')
  const batch = await emitBatch('r14_batch', [BODY])
  await stopTimeAt(plane, new Date(Date.now() + 400 * 86_400_000).toISOString())
  assert.equal((await emit('r14')).text, first.text)
  assert.equal((await emitBatch('r14_batch', [BODY])).text, batch.text)
  const fresh = await emit('r14_fresh')
  assert.ok(Date.parse(fresh.data.createdAt) - Date.parse(first.data.createdAt) >= 399 * 86_400_000)
  await plane.requireSound()
})

const answered = (item: ItemOutcome) =>
  item.kind === 'refused' || item.kind === 'void' ? item : emittedDelta(item.delta, 'QUEUED')

async function isWaitingForLock(owner: Pool): Promise<boolean> {
  const { rows } = await owner.query(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows.length > 0
}
