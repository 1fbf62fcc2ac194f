import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import * as publicApi from '@pacspace/api/definition/webhooks'
import type { EndpointShape } from '@pacspace/api/endpoint'
import * as api from '@pacspace/api/internal/plane-webhooks'
import type { TestCall } from '@pacspace/testing/test-client'
import { Webhook } from 'standardwebhooks'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { LOOPBACK, newWebhook, type TestDeliveries, testDeliveries } from '../testing/test-deliveries.ts'
import { answering, startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'
import { RETRY_DELAYS_MS } from './retry-schedule.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

let plane: TestDataPlane
let deliveries: TestDeliveries
let receiver: WebhookReceiver
let tenant: TestTenant
let id = ''
let secret: string
before(async () => {
  plane = await startTestDataPlane('sandbox', { targetRules: LOOPBACK })
  deliveries = testDeliveries(plane)
  receiver = await startReceiver()
})
after(async () => {
  await deliveries[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

async function subscribe() {
  plane.clock.offsetMs = 0
  // What the endpoint of the test before has yet to be sent would come due in this one.
  if (id !== '') await internal(api.deletePlaneWebhook)
  tenant = await plane.newTenant()
  receiver.received.length = 0
  receiver.respond = answering(200)
  const made = await newWebhook(plane, tenant.tenantId, { url: receiver.url, events: ['delta.verified'] })
  id = made.id
  secret = made.secret
}

/** Emits at the real time, which the database's is, and verifies. */
async function emit(count = 1) {
  const { offsetMs } = plane.clock
  plane.clock.offsetMs = 0
  for (let i = 0; i < count; i++) {
    const body = { customerId: 'cust', delta: i + 1, reason: 'x' }
    await plane.client.succeed(emitDelta, { key: tenant.key, body })
  }
  await plane.verifyAll()
  plane.clock.offsetMs = offsetMs
}

const internal = <D extends EndpointShape>(definition: D, call: TestCall = {}) =>
  plane.internal.succeed(definition, {
    token: plane.internalSecret,
    ...call,
    params: { tenantId: tenant.tenantId, id, ...call.params },
  })
const list = async () => (await internal(api.listPlaneWebhookDeliveries)).deliveries
const endpoint = () => internal(api.getPlaneWebhook)
const indexes = () => receiver.received.map(({ event }) => event.data.deltaIndex)

describe('W4 W5 a delivery that fails', () => {
  it('is tried again at the times of the schedule, under the same id, and given up after the tenth retry', async () => {
    await subscribe()
    receiver.respond = answering(500, 'broken')
    await emit()
    await deliveries.deliver()
    const [first] = await list()
    assert.ok(first)
    for (const [i, delayMs] of RETRY_DELAYS_MS.entries()) {
      const [delivery] = await list()
      assert.equal(delivery?.deliveryState, 'failed')
      const last = delivery.attempts.at(-1)
      const dueInMs = Date.parse(delivery.nextAttemptAt ?? '') - plane.clock.now()
      assert.ok(dueInMs <= delayMs && dueInMs > delayMs - 2_000, `retry ${i} is due in ${dueInMs} ms`)
      assert.deepEqual([last?.attempt, last?.status, last?.responseExcerpt], [i + 1, 500, 'broken'])
      plane.clock.offsetMs += dueInMs - 1_000
      await deliveries.deliver()
      assert.equal(receiver.received.length, i + 1, 'a second too early nothing is sent')
      plane.clock.offsetMs += 1_001
      await deliveries.deliver()
      assert.equal(receiver.received.length, i + 2)
    }
    const [delivery] = await list()
    assert.deepEqual(
      [delivery?.deliveryState, delivery?.nextAttemptAt, delivery?.attemptCount],
      ['exhausted', null, 11],
    )
    plane.clock.offsetMs += DAY_MS
    await deliveries.deliver()
    assert.equal(receiver.received.length, 11)
    assert.deepEqual(new Set(receiver.received.map(({ event }) => event.id)), new Set([first.eventId]))
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1, 'the same bytes each time')
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers['x-webhook-attempt']),
      Array.from({ length: 11 }, (_, i) => String(i + 1)),
    )
    const stamps = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']))
    assert.ok(
      stamps.every((stamp, i) => i === 0 || stamp > (stamps[i - 1] ?? 0)),
      'each attempt has its own time',
    )
  })

  it('is delivered by the first attempt that succeeds, and not sent again', async () => {
    await subscribe()
    receiver.respond = answering(503)
    await emit()
    await deliveries.deliver()
    assert.ok((await endpoint()).failingSince)
    receiver.respond = answering(200)
    plane.clock.offsetMs = 6_000
    await deliveries.deliver()
    plane.clock.offsetMs = DAY_MS
    await deliveries.deliver()
    const [delivery] = await list()
    assert.deepEqual(
      [delivery?.deliveryState, delivery?.attemptCount, receiver.received.length],
      ['delivered', 2, 2],
    )
    assert.equal((await endpoint()).failingSince, null)
  })

  it('W6 waits as long as a 429 asks', async () => {
    await subscribe()
    receiver.respond = answering(429, '', { 'retry-after': '25' })
    await emit()
    await deliveries.deliver()
    const [delivery] = await list()
    const dueInMs = Date.parse(delivery?.nextAttemptAt ?? '') - plane.clock.now()
    assert.ok(dueInMs > 23_000 && dueInMs <= 25_000, `${dueInMs}`)
  })

  it('keeps nobody waiting: later events go on', async () => {
    await subscribe()
    receiver.respond = (response, { event }) =>
      response.writeHead(event.data.deltaIndex === 1 ? 500 : 200).end()
    await emit(5)
    await deliveries.deliver()
    assert.deepEqual(indexes().sort(), [0, 1, 2, 3, 4])
    const states = (await list()).map(({ deliveryState }) => deliveryState)
    assert.deepEqual(states.filter((state) => state === 'delivered').length, 4)
  })
})

describe('W6 410 Gone', () => {
  it('disables the endpoint at once, and its owner is to be told', async () => {
    await subscribe()
    receiver.respond = answering(410)
    await emit()
    await deliveries.deliver()
    const { active, disabledReason, disabledAt } = await endpoint()
    assert.deepEqual([active, disabledReason], [false, 'gone'])
    assert.ok(disabledAt)
    await emit()
    plane.clock.offsetMs += DAY_MS
    await deliveries.deliver()
    assert.equal(receiver.received.length, 1)
    const { notices } = await internal(api.listWebhookNotices)
    const notice = notices.find(({ endpointId }) => endpointId === id)
    assert.deepEqual(
      { ...notice, noticeNo: 0, createdAt: '' },
      {
        noticeNo: 0,
        tenantId: tenant.tenantId,
        endpointId: id,
        url: receiver.url,
        reason: 'gone',
        createdAt: '',
      },
    )
    const confirm = { body: { noticeNos: [notice?.noticeNo] } }
    assert.deepEqual(await internal(api.confirmWebhookNotices, confirm), { count: 1 })
    assert.deepEqual(await internal(api.confirmWebhookNotices, confirm), { count: 0 })
    const left = await internal(api.listWebhookNotices)
    assert.ok(!left.notices.some(({ endpointId }) => endpointId === id))
  })
})

describe('W13 an endpoint that fails for five days', () => {
  it('is disabled then and not before; enabled again it goes on, and a recovery resends the failures, in order', async () => {
    await subscribe()
    await emit() // one that arrives: nothing but failures counts
    await deliveries.deliver()
    receiver.respond = answering(500)
    await emit(3)
    await deliveries.deliver()
    const failingSince = Date.parse((await endpoint()).failingSince ?? '')
    for (const retry of RETRY_DELAYS_MS) {
      plane.clock.offsetMs += retry + 2_000
      await deliveries.deliver()
    }
    plane.clock.offsetMs += failingSince + 5 * DAY_MS - plane.clock.now() - 1_000
    await deliveries.deliver()
    assert.equal((await endpoint()).active, true)
    plane.clock.offsetMs += 1_001
    await deliveries.deliver()
    const disabled = await endpoint()
    assert.deepEqual([disabled.active, disabled.disabledReason], [false, 'failing'])
    const { notices } = await internal(api.listWebhookNotices, { query: { limit: 1_000 } })
    assert.deepEqual(
      notices.filter(({ endpointId }) => endpointId === id).map(({ reason }) => reason),
      ['failing'],
    )

    receiver.received.length = 0
    receiver.respond = answering(200)
    await emit(2)
    await deliveries.deliver()
    assert.equal(receiver.received.length, 0, 'disabled')
    const enabled = await internal(api.updatePlaneWebhook, { body: { active: true } })
    assert.deepEqual([enabled.active, enabled.disabledReason, enabled.failingSince], [true, null, null])
    await deliveries.deliver()
    assert.deepEqual(
      indexes().sort(),
      [4, 5],
      'nothing verified meanwhile is lost, nothing given up is resent unasked',
    )

    receiver.received.length = 0
    const since = new Date(Date.now() - DAY_MS).toISOString()
    assert.deepEqual(await internal(api.recoverPlaneWebhook, { body: { since } }), { count: 3 })
    await deliveries.deliver()
    assert.deepEqual(indexes(), [1, 2, 3])
    assert.deepEqual(await internal(api.recoverPlaneWebhook, { body: { since } }), { count: 0 })
  })

  it('a recovery of many goes one after the other in the order of the log, and one that fails keeps none waiting', async () => {
    await subscribe()
    receiver.respond = answering(500)
    await emit(40)
    await deliveries.deliver()
    receiver.received.length = 0
    receiver.respond = (response, { event }) =>
      response.writeHead(event.data.deltaIndex === 7 ? 500 : 200).end()
    const since = new Date(Date.now() - DAY_MS).toISOString()
    assert.deepEqual(await internal(api.recoverPlaneWebhook, { body: { since } }), { count: 40 })
    await deliveries.deliver()
    assert.deepEqual(
      indexes(),
      Array.from({ length: 40 }, (_, i) => i),
    )
    const failed = (await internal(api.listPlaneWebhookDeliveries, { query: { status: 'failed' } }))
      .deliveries
    assert.deepEqual(
      failed.map(({ attemptCount }) => attemptCount),
      [2],
    )
  })
})

describe('W15 a replay', () => {
  it('of a delivered event arrives again, with the same id and the same bytes', async () => {
    await subscribe()
    await emit()
    await deliveries.deliver()
    const [{ eventId } = assert.fail('nothing was delivered')] = await list()
    const replay = await internal(api.retryPlaneWebhookDelivery, { params: { eventId } })
    assert.equal(replay.deliveryState, 'pending')
    await deliveries.deliver()
    const { data, status } = await plane.client.call(publicApi.retryDelivery, {
      key: tenant.key,
      params: { eventId },
    })
    assert.deepEqual([status, data.eventId, data.deliveries.length], [202, eventId, 1])
    await deliveries.deliver()
    assert.equal(receiver.received.length, 3)
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1)
    const [delivery] = await list()
    assert.deepEqual(
      [delivery?.deliveryState, delivery?.attemptCount, delivery?.nextAttemptAt],
      ['delivered', 3, null],
    )
  })

  it('that fails begins the schedule anew', async () => {
    await subscribe()
    await emit()
    await deliveries.deliver()
    const [{ eventId } = assert.fail('nothing was delivered')] = await list()
    receiver.respond = answering(500)
    await internal(api.retryPlaneWebhookDelivery, { params: { eventId } })
    await deliveries.deliver()
    const [delivery] = await list()
    const dueInMs = Date.parse(delivery?.nextAttemptAt ?? '') - plane.clock.now()
    assert.equal(delivery?.deliveryState, 'failed')
    assert.ok(dueInMs > 3_000 && dueInMs <= 5_000)
  })

  it('asked for while the attempt runs is not lost', async () => {
    await subscribe()
    await emit()
    let asked: Promise<unknown> | undefined
    receiver.respond = (response, { event }) => {
      plane.clock.offsetMs += 5
      asked ??= internal(api.retryPlaneWebhookDelivery, { params: { eventId: event.id } }).catch(() => {})
      void asked.then(() => response.end())
    }
    await deliveries.deliver() // the first attempt has no row yet: nothing to ask for
    const [{ eventId } = assert.fail('nothing was delivered')] = await list()
    asked = undefined
    await internal(api.retryPlaneWebhookDelivery, { params: { eventId } })
    await deliveries.deliver()
    assert.equal(receiver.received.length, 3)
  })
})

describe('W3 a rotation of the secret', () => {
  it('sends both signatures for 24 hours, the new one first, then the new one alone', async () => {
    await subscribe()
    const rotated = await internal(api.rotatePlaneWebhookSecret)
    assert.notEqual(rotated.secret, secret)
    const send = async () => {
      await emit()
      await deliveries.deliver()
      return receiver.received.at(-1) ?? assert.fail('nothing arrived')
    }
    const passes = (key: string, { headers, body }: Awaited<ReturnType<typeof send>>) => {
      try {
        // Their library compares with the real clock: it is told the time of the attempt.
        const offMs = plane.clock.offsetMs
        const theirs = new Webhook(key)
        const stamp = Number(headers['webhook-timestamp']) * 1_000
        const wanted = theirs.sign(String(headers['webhook-id']), new Date(stamp), body)
        return offMs >= 0 && String(headers['webhook-signature']).split(' ').includes(wanted)
      } catch {
        return false
      }
    }
    for (const afterMs of [0, DAY_MS - 60_000]) {
      plane.clock.offsetMs = afterMs
      const received = await send()
      assert.deepEqual([passes(rotated.secret, received), passes(secret, received)], [true, true])
      assert.match(String(received.headers['x-pacspace-signature']), /^v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/)
      const [newest = ''] = String(received.headers['webhook-signature']).split(' ')
      const stamp = new Date(Number(received.headers['webhook-timestamp']) * 1_000)
      const signed = new Webhook(rotated.secret).sign(
        String(received.headers['webhook-id']),
        stamp,
        received.body,
      )
      assert.equal(newest, signed)
    }
    plane.clock.offsetMs = DAY_MS + 60_000
    const received = await send()
    assert.deepEqual([passes(rotated.secret, received), passes(secret, received)], [true, false])
  })
})

describe('a test send', () => {
  it('arrives whatever the endpoint subscribes to, and can be replayed', async () => {
    await subscribe()
    const { status, data } = await plane.internal.call(api.testPlaneWebhook, {
      token: plane.internalSecret,
      params: { tenantId: tenant.tenantId, id },
    })
    assert.deepEqual(
      [status, data.event, data.deliveryState, data.attemptCount],
      [202, 'webhook.test', 'pending', 0],
    )
    await deliveries.deliver()
    const { event } = receiver.received[0] ?? assert.fail('nothing arrived')
    assert.deepEqual([event.id, event.type, event.data.endpointId], [data.eventId, 'webhook.test', id])
    await internal(api.retryPlaneWebhookDelivery, { params: { eventId: data.eventId } })
    await deliveries.deliver()
    assert.equal(receiver.received[1]?.body, receiver.received[0]?.body)
  })
})

describe('settings', () => {
  it('W13 count from the next attempt on: another URL, other events, disabled, deleted', async () => {
    await using other = await startReceiver()
    await subscribe()
    await internal(api.updatePlaneWebhook, { body: { url: `${other.url}?a=b` } })
    await emit()
    await deliveries.deliver()
    assert.deepEqual(
      [other.received.length, receiver.received.length, other.received[0]?.path],
      [1, 0, '/hook?a=b'],
    )
    await internal(api.updatePlaneWebhook, { body: { url: receiver.url, active: false } })
    await emit()
    await deliveries.deliver()
    assert.equal(receiver.received.length, 0)
    await internal(api.updatePlaneWebhook, { body: { active: true, events: ['customer.created'] } })
    await deliveries.deliver()
    assert.equal(receiver.received.length, 0)
    await internal(api.updatePlaneWebhook, { body: { events: ['delta.verified'] } })
    await emit()
    await internal(api.deletePlaneWebhook)
    await deliveries.deliver()
    assert.equal(receiver.received.length, 0)
    id = ''
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
