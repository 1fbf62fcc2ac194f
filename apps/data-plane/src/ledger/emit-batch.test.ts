import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const emitBatch = (deltas: unknown[], key = tenant.key) =>
  plane.client.succeed(api.emitBatch, { key, body: { deltas } })
const getDelta = (recordId: string) =>
  plane.client.succeed(api.getDelta, { key: tenant.key, params: { recordId } })

describe('success', () => {
  it('answers each item in request order with every field, as its status tells it', async () => {
    const answer = await plane.client.call(api.emitBatch, {
      key: tenant.key,
      body: `{"deltas":[
        {"customerId":"order_b","delta":-0.10,"reason":"b1","metadata":{"n":1}},
        {"customerId":"order_a","delta":"999999999.999999","reason":"a1","referenceId":"ref"},
        {"customerId":"order_b","delta":1e-7,"reason":"b2"}]}`,
    })
    assert.equal(answer.status, 201)
    const { results, ...totals } = answer.data
    assert.deepEqual(totals, { totalQueued: 3, totalFailed: 0 })
    assert.match(answer.text, /"delta":-0\.1,.*"delta":999999999\.999999,.*"delta":0\.0000001,/)
    for (const [index, result] of results.entries()) {
      const delta = await getDelta(result.recordId ?? '')
      assert.deepEqual(result, {
        index,
        customerId: delta.customerId,
        delta: delta.delta,
        status: 'QUEUED',
        recordId: delta.recordId,
        anchorId: delta.anchorId,
        receiptId: delta.receiptId,
        sequenceNumber: delta.sequenceNumber,
        contentHash: delta.contentHash,
        itemHash: delta.itemHash,
        createdAt: delta.createdAt,
      })
    }
    assert.deepEqual(
      results.map(({ customerId, delta, sequenceNumber, anchorId }) => [
        customerId,
        delta,
        sequenceNumber,
        anchorId,
      ]),
      [
        ['order_b', amountOf('-0.1'), 1, 'a_0'],
        ['order_a', amountOf('999999999.999999'), 1, 'a_1'],
        ['order_b', amountOf('0.0000001'), 2, 'a_2'],
      ],
    )
  })

  it('takes 1,000 items, all of one commit and one time', async () => {
    const deltas = Array.from({ length: 1_000 }, (_, i) => ({
      customerId: `many_${i % 7}`,
      delta: i + 1,
      reason: 'x',
    }))
    const { totalQueued, results } = await emitBatch(deltas)
    assert.equal(totalQueued, 1_000)
    assert.equal(new Set(results.map(({ createdAt }) => createdAt)).size, 1)
    const indexes = results.map(({ anchorId }) => Number(anchorId?.slice(2)))
    assert.ok(indexes.every((index, i) => index === (indexes[0] ?? 0) + i))
  })

  it('R16 an item that is invalid fails alone, with its code, its words and what it said', async () => {
    const before = await ledgerRows(plane.owner)
    const deltas: unknown[] = Array.from({ length: 100 }, (_, i) => ({
      customerId: `r16_${i % 3}`,
      delta: 1,
      reason: 'x',
    }))
    deltas[57] = { customerId: 'r16_0', delta: 0, reason: 'x' }
    deltas[58] = { customerId: 'a b', delta: '-1.50', reason: 'x' }
    deltas[59] = 'what?'
    deltas[60] = { customerId: 'r16_1', delta: 2, reason: 'x', adjusts: { referenceId: 'nowhere' } }
    deltas[61] = { customerId: 'r16_1', delta: 2, reason: 'x', tier: 'scale' }
    deltas[62] = { customerId: 'r16_1', delta: '1e400', reason: 'x' }
    const { totalQueued, totalFailed, results } = await emitBatch(deltas)
    assert.deepEqual([totalQueued, totalFailed], [94, 6])
    assert.deepEqual(
      results
        .slice(57, 63)
        .map(({ status, error, customerId, delta, recordId }) => [
          status,
          error,
          customerId,
          delta,
          recordId,
        ]),
      [
        ['FAILED', 'VALIDATION_ERROR', 'r16_0', null, undefined],
        ['FAILED', 'VALIDATION_ERROR', 'a b', amountOf('-1.5'), undefined],
        ['FAILED', 'VALIDATION_ERROR', null, null, undefined],
        ['FAILED', 'ADJUSTED_DELTA_NOT_FOUND', 'r16_1', amountOf('2'), undefined],
        ['FAILED', 'VALIDATION_ERROR', 'r16_1', amountOf('2'), undefined],
        ['FAILED', 'VALIDATION_ERROR', 'r16_1', null, undefined],
      ],
    )
    assert.match(results[57]?.message ?? '', /^Validation failed: delta must not be zero/)
    assert.match(results[61]?.message ?? '', /tier is not a known field/)
    const after = await ledgerRows(plane.owner)
    assert.equal(after.deltas - before.deltas, 94)
    const sequences = results.filter(
      ({ customerId, status }) => customerId === 'r16_0' && status === 'QUEUED',
    )
    assert.deepEqual(
      sequences.map(({ sequenceNumber }) => sequenceNumber),
      sequences.map((_, i) => i + 1),
    )
  })

  it('R15 one reference twice in a batch: equal content is one write and a replay, other content two writes', async () => {
    const item = { customerId: 'r15', delta: 5, reason: 'x', referenceId: 'r15' }
    const { totalQueued, results } = await emitBatch([
      item,
      { ...item },
      { ...item, delta: 6 },
      { ...item, delta: '6.0' },
    ])
    assert.equal(totalQueued, 4)
    assert.deepEqual(
      results.map(({ recordId, idempotent, sequenceNumber }) => [recordId, idempotent, sequenceNumber]),
      [
        [results[0]?.recordId, undefined, 1],
        [results[0]?.recordId, true, 1],
        [results[2]?.recordId, undefined, 2],
        [results[2]?.recordId, true, 2],
      ],
    )
    const before = await ledgerRows(plane.owner)
    const again = await emitBatch([item, { ...item, delta: 6 }])
    assert.deepEqual(
      again.results.map(({ recordId, idempotent }) => [recordId, idempotent]),
      [
        [results[0]?.recordId, true],
        [results[2]?.recordId, true],
      ],
    )
    assert.deepEqual(await ledgerRows(plane.owner), before)
    // The same, emitted alone.
    const single = await plane.client.succeed(api.emitDelta, { key: tenant.key, body: item })
    assert.deepEqual([single.recordId, single.idempotent], [results[0]?.recordId, true])
  })

  it('R24 an item may correct a delta that is in the same batch before it, by its reference', async () => {
    const { results } = await emitBatch([
      { customerId: 'r24', delta: 5, reason: 'wrong', referenceId: 'r24' },
      { customerId: 'r24', delta: -1, reason: 'right', adjusts: { referenceId: 'r24' } },
      { customerId: 'r24', delta: -1, reason: 'right', adjusts: { referenceId: 'r24' }, referenceId: 'r24' },
      { customerId: 'r24', delta: -1, reason: 'which?', adjusts: { referenceId: 'r24' } },
    ])
    assert.deepEqual(
      results.map(({ error }) => error),
      [undefined, undefined, undefined, 'ADJUSTED_DELTA_AMBIGUOUS'],
    )
    const { adjustedBy } = await getDelta(results[0]?.recordId ?? '')
    assert.deepEqual(adjustedBy, [results[1]?.recordId, results[2]?.recordId])
  })
})

describe('bad input is a typed refusal, and nothing is written', () => {
  const item = { customerId: 'bad', delta: 1, reason: 'x' }
  const cases: [name: string, body: unknown][] = [
    ['no deltas', {}],
    ['an empty list', { deltas: [] }],
    ['1,001 items', { deltas: Array.from({ length: 1_001 }, () => item) }],
    ['an object for a list', { deltas: item }],
    ['a field beside deltas', { deltas: [item], tenantId: 'tnt_1' }],
    ['a bare list', [item]],
    ['half a body', '{"deltas":[{"customerId":"bad","delta":1,"reason":"x"}'],
    ['a member twice in an item', '{"deltas":[{"customerId":"bad","delta":1,"delta":2,"reason":"x"}]}'],
  ]
  for (const [name, body] of cases) {
    it(name, async () => {
      const before = await ledgerRows(plane.owner)
      await plane.client.refuse(api.emitBatch, 'VALIDATION_ERROR', { key: tenant.key, body })
      assert.deepEqual(await ledgerRows(plane.owner), before)
    })
  }

  it('a body of 20 MiB and a byte is too large, one of 20 MiB is taken', async () => {
    const before = await ledgerRows(plane.owner)
    const text = JSON.stringify({ deltas: [item] })
    const bytesMax = 20 * 1024 * 1024
    await plane.client.refuse(api.emitBatch, 'PAYLOAD_TOO_LARGE', {
      key: tenant.key,
      body: text.padEnd(bytesMax + 1),
    })
    assert.deepEqual(await ledgerRows(plane.owner), before)
    await plane.client.succeed(api.emitBatch, { key: tenant.key, body: text.padEnd(bytesMax) })
  })

  it('a wrong content type', async () => {
    const before = await ledgerRows(plane.owner)
    await plane.client.refuse(api.emitBatch, 'UNSUPPORTED_MEDIA_TYPE', {
      key: tenant.key,
      body: { deltas: [item] },
      headers: { 'content-type': 'application/x-ndjson' },
    })
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })
})

describe('the cap of the Free plan', () => {
  const item = (i: number) => ({ customerId: `cap_${i % 4}`, delta: 1, reason: 'x', referenceId: `cap_${i}` })
  const items = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => item(from + i))
  const counts = async ({ tenantNo }: TestTenant) => {
    const { rows } = await plane.owner.query<{ deltas: number; head: number }>(
      `select (select count(*) from delta where tenant_id = $1) as deltas, delta_count as head
         from log_head where tenant_id = $1`,
      [tenantNo],
    )
    return rows[0]
  }

  it('K14 a batch at the edge: what fits is written, the rest FAILED, and 402 once nothing fits', async () => {
    const free = await plane.newTenant({ tier: 'free' })
    await emitBatch(items(0, 95), free.key)
    const edge = await emitBatch(
      [...items(95, 100), { ...item(5), delta: 0 }, ...items(100, 103), item(3)],
      free.key,
    )
    assert.deepEqual(
      edge.results.map(({ error, idempotent }) => error ?? idempotent ?? 'written'),
      [
        ...Array.from({ length: 5 }, () => 'written'),
        'VALIDATION_ERROR',
        ...Array.from({ length: 3 }, () => 'INSUFFICIENT_CREDITS'),
        true, // a replay costs nothing
      ],
    )
    const refuse = (deltas: unknown[]) =>
      plane.client.refuse(api.emitBatch, 'INSUFFICIENT_CREDITS', { key: free.key, body: { deltas } })
    await refuse(items(100, 101))
    await refuse(items(100, 110))
    await refuse([{ ...item(0), reason: '' }, ...items(100, 102)])
    assert.deepEqual(await counts(free), { deltas: 100, head: 100 })
    // Reads go on, and what is verified still counts.
    await plane.verifyAll()
    await refuse(items(100, 101))
    const derived = await plane.client.succeed(api.deriveBalance, {
      key: free.key,
      params: { customerId: 'cap_0' },
    })
    assert.equal(derived.computedBalance, amountOf('25'))
  })

  it('K14 the 101st delta is 402, whichever route it takes, and a bigger plan lets it in', async () => {
    const free = await plane.newTenant({ tier: 'free' })
    await emitBatch(items(0, 99), free.key)
    const emit = (body: object) => ({ key: free.key, body })
    const last = await plane.client.succeed(api.emitDelta, emit(item(99)))
    const { message } = await plane.client.refuse(api.emitDelta, 'INSUFFICIENT_CREDITS', emit(item(100)))
    assert.match(message, /Upgrade/)
    const replay = await plane.client.succeed(api.emitDelta, emit(item(99)))
    assert.equal(replay.recordId, last.recordId)
    assert.deepEqual(await counts(free), { deltas: 100, head: 100 })
    await plane.owner.query('update tenant set lifetime_cap = null where id = $1', [free.tenantNo])
    await plane.client.succeed(api.emitDelta, emit(item(100)))
  })

  it('K14 200 parallel emits and batches at the cap never exceed it', async () => {
    const free = await plane.newTenant({ tier: 'free' })
    const emits = Array.from({ length: 150 }, (_, i) =>
      plane.client
        .call(api.emitDelta, { key: free.key, body: item(i) })
        .then(({ status }) => (status === 201 ? 1 : 0)),
    )
    const batches = Array.from({ length: 50 }, (_, i) =>
      plane.client
        .call(api.emitBatch, { key: free.key, body: { deltas: items(1_000 + 3 * i, 1_003 + 3 * i) } })
        .then((answer) => (answer.status === 201 ? answer.data.totalQueued : 0)),
    )
    const written = (await Promise.all([...emits, ...batches])).reduce<number>((sum, count) => sum + count, 0)
    assert.equal(written, 100)
    assert.deepEqual(await counts(free), { deltas: 100, head: 100 })
  })
})

it('everything that was written is verified, derived again and equal', () => plane.requireSound())
