import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import { streamDeltas } from '@pacspace/api/definition/stream'
import { revokePlaneKey } from '@pacspace/api/internal/plane'
import { silentLog } from '@pacspace/service/log'
import { createDataPlane } from '../data-plane.ts'
import { RequestLimits } from '../keys/limit-requests.ts'
import { databaseAway } from '../testing/database-away.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { StreamSlots } from './stream-slots.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

interface Event {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: string | undefined
}

/** A reader of server-sent events as the HTML standard says, as far as ours go. */
async function open(
  query = '',
  headers: Record<string, string> = {},
  { key = tenant.key, baseUrl = plane.client.baseUrl } = {},
) {
  const gone = new AbortController()
  const response = await fetch(`${baseUrl}/api/v1/balance/stream${query}`, {
    headers: { 'x-api-key': key, ...headers },
    signal: gone.signal,
  })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const reader = (response.body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<Event | undefined> => {
    while (!text.includes('\n\n')) {
      const { value, done } = await reader.read()
      if (done) return undefined
      text += value
    }
    const end = text.indexOf('\n\n')
    const lines = text.slice(0, end).split('\n')
    text = text.slice(end + 2)
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    return { id: field('id'), event: field('event'), data: field('data') }
  }
  /** The next so many deltas; ids and heartbeats in between are passed over. */
  const deltas = async (count: number) => {
    const found = []
    while (found.length < count) {
      const event: Event =
        (await next()) ?? assert.fail(`the stream ended after ${found.length} of ${count} deltas`)
      if (event.data === undefined) continue
      assert.equal(event.event, 'delta.verified')
      found.push({ id: event.id, ...JSON.parse(event.data) })
    }
    return found
  }
  return { next, deltas, close: () => gone.abort() }
}

const emit = (delta: number | string, key = tenant.key) =>
  plane.client.succeed(emitDelta, { key, body: { customerId: 'cust', delta, reason: 'x' } })

describe('the event stream', () => {
  it('gives each delta once it is verified, in log order, with its anchorId as id', async () => {
    const stream = await open()
    assert.equal((await stream.next())?.id, 'start')
    const emitted = [await emit(1), await emit('0.000000000001'), await emit(-2)]
    const arriving = stream.deltas(3)
    await plane.verifyAll()
    const got = await arriving
    assert.deepEqual(
      got.map(({ id, recordId, status }) => ({ id, recordId, status })),
      emitted.map(({ anchorId, recordId }) => ({ id: anchorId, recordId, status: 'VERIFIED' })),
    )
    stream.close()
  })

  it('begins with what is verified from now on, behind an anchorId, or at the start', async () => {
    const live = await open()
    const all = await open('?after=start')
    const behind = await open('?after=a_1')
    const exact = await open('?after=a_0&follow=false', { 'x-amount-format': 'string' })
    const { recordId } = await emit(4)
    await plane.verifyAll()
    assert.deepEqual(
      (await live.deltas(1)).map((delta) => delta.recordId),
      [recordId],
    )
    assert.deepEqual(
      (await all.deltas(4)).map(({ id }) => id),
      ['a_0', 'a_1', 'a_2', 'a_3'],
    )
    assert.deepEqual(
      (await behind.deltas(2)).map(({ id }) => id),
      ['a_2', 'a_3'],
    )
    assert.equal((await exact.deltas(1))[0]?.delta, '0.000000000001')
    for (const stream of [live, all, behind, exact]) stream.close()
  })

  it('goes on where Last-Event-ID says: nothing is missing and nothing comes twice, whatever was lost', async () => {
    const deltas = Array.from({ length: 450 }, (_, i) => ({
      customerId: `c_${i % 3}`,
      delta: i + 1,
      reason: 'x',
      referenceId: `r_${i}`,
    }))
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
    await plane.verifyAll()
    const ids: string[] = []
    let lastEventId = 'a_3'
    while (ids.length < 450) {
      const stream = await open('?after=start', { 'last-event-id': lastEventId })
      const got = await stream.deltas(Math.min(137, 450 - ids.length))
      ids.push(...got.map(({ id }) => String(id)))
      lastEventId = ids.at(-1) ?? ''
      stream.close()
    }
    assert.deepEqual(
      ids,
      Array.from({ length: 450 }, (_, i) => `a_${i + 4}`),
    )
  })

  it('with follow=false ends once all that is verified has been sent', async () => {
    await emit(5)
    const { text } = await plane.client.call(streamDeltas, {
      key: tenant.key,
      query: { after: 'a_450', follow: 'false' },
    })
    assert.deepEqual(
      [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id),
      ['a_450', 'a_451', 'a_452', 'a_453'],
    )
    assert.ok(text.startsWith('retry: 1000\n'))
    await plane.verifyAll()
  })

  it('shows a tenant its own alone', async () => {
    const other = await plane.newTenant()
    await emit(9, other.key)
    await plane.verifyAll()
    const stream = await open('?after=start&follow=false', {}, { key: other.key })
    assert.equal((await stream.deltas(1))[0]?.delta, 9)
    assert.equal(await stream.next(), undefined)
  })

  it('refuses a cursor that is none', async () => {
    for (const [query, headers] of [
      [{ after: 'a_01' }, {}],
      [{ after: '7' }, {}],
      [{}, { 'last-event-id': 'evt_1' }],
      [{ follow: 'maybe' }, {}],
    ] as const) {
      await plane.client.refuse(streamDeltas, 'VALIDATION_ERROR', { key: tenant.key, query, headers })
    }
  })

  it('K4 ends within seconds when its key is revoked', async () => {
    const { id: keyId, fullKey } = await plane.newKey(tenant.tenantId)
    const stream = await open('', {}, { key: fullKey })
    await stream.next()
    await plane.internal.succeed(revokePlaneKey, {
      token: plane.internalSecret,
      params: { tenantId: tenant.tenantId, keyId },
    })
    const revokedMs = performance.now()
    assert.equal(await stream.next(), undefined)
    assert.ok(performance.now() - revokedMs < 5_000)
  })

  it('outlives an outage of the database', async () => {
    const stream = await open()
    await stream.next()
    const { recordId } = await emit(6)
    await databaseAway(plane.database, async () => {})
    await plane.verifyAll()
    assert.deepEqual(
      (await stream.deltas(1)).map((delta) => delta.recordId),
      [recordId],
    )
    stream.close()
  })

  it('ends when the process leaves, which is not held up by it', async () => {
    const service = await createDataPlane(plane.context, plane.keys, new RequestLimits(), { log: silentLog })
    const { url: baseUrl } = await service.listen({ host: '127.0.0.1', port: 0 })
    const stream = await open('', {}, { baseUrl })
    await stream.next()
    const startedMs = performance.now()
    await service.close()
    assert.ok(performance.now() - startedMs < 5_000)
    assert.equal(await stream.next(), undefined)
  })
})

describe('places for streams', () => {
  it('are fifty for a tenant; one that ends is free again, once', () => {
    const slots = new StreamSlots()
    const leave = Array.from({ length: 50 }, () => slots.take(1))
    assert.throws(() => slots.take(1), { code: 'RATE_LIMITED' })
    slots.take(2)()
    leave[0]?.()
    leave[0]?.()
    slots.take(1)
    assert.throws(() => slots.take(1), { code: 'RATE_LIMITED' })
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
