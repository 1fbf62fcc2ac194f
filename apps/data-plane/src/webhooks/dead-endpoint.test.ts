import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, it } from 'node:test'
import { emitBatch } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'
import { LOOPBACK, newWebhook, type TestDeliveries, testDeliveries } from '../testing/test-deliveries.ts'
import { startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'

const ENDPOINTS = 100
const EVENTS = 30
/** Of an endpoint that has not failed yet (`delivery-session.ts`). */
const ATTEMPTS_AT_ONCE_MAX = 24
const DEADLINE_MS = 60_000

let plane: TestDataPlane
let deliveries: TestDeliveries
let receiver: WebhookReceiver
before(async () => {
  plane = await startTestDataPlane('sandbox', { targetRules: LOOPBACK })
  // Nothing that hangs ends by itself while this test looks.
  deliveries = testDeliveries(plane, { attemptMsMax: 10 * DEADLINE_MS })
  receiver = await startReceiver()
})
after(async () => {
  await deliveries[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

it('W12 one dead endpoint among 100 delays nobody: every other event arrives while its first attempts still hang', async () => {
  const { tenantId, key } = await plane.newTenant()
  const made = await Promise.all(
    Array.from({ length: ENDPOINTS }, (_, i) =>
      newWebhook(plane, tenantId, { url: `${receiver.url}/${i}`, events: ['delta.verified'] }),
    ),
  )
  const dead = made[ENDPOINTS / 2] ?? assert.fail()
  const deadPath = new URL(dead.url).pathname
  const hanging: ServerResponse[] = []
  const arrived = new Map<string, number[]>()
  receiver.respond = (response, { path, event }) => {
    if (path === deadPath) {
      hanging.push(response)
      return
    }
    arrived.set(path, [...(arrived.get(path) ?? []), Number(event.data.deltaIndex)])
    response.writeHead(200).end()
  }
  const deltas = Array.from({ length: EVENTS }, () => ({ customerId: 'cust', delta: 1, reason: 'x' }))
  await plane.client.succeed(emitBatch, { key, body: { deltas } })
  await plane.verifyAll()
  const delivered = deliveries.deliver()
  const total = () => [...arrived.values()].reduce((sum, { length }) => sum + length, 0)
  const haveAll = await waitUntil(async () => total() >= (ENDPOINTS - 1) * EVENTS, DEADLINE_MS)
  assert.ok(haveAll, `${total()} of ${(ENDPOINTS - 1) * EVENTS} arrived beside a dead endpoint`)

  // None of its attempts was over by then, and it held no more of the worker than its own share.
  assert.ok(
    hanging.length > 0 && hanging.length <= ATTEMPTS_AT_ONCE_MAX,
    `${hanging.length} attempts at once`,
  )
  assert.ok(hanging.every((response) => !response.writableEnded && !response.destroyed))
  const all = Array.from({ length: EVENTS }, (_, i) => i)
  assert.equal(arrived.size, ENDPOINTS - 1)
  for (const [path, indexes] of arrived)
    assert.deepEqual(
      indexes.toSorted((a, b) => a - b),
      all,
      path,
    )

  receiver.respond = (response) => response.writeHead(503).end()
  for (const response of hanging) response.writeHead(503).end()
  await delivered
  const call = { token: plane.internalSecret, params: { tenantId, id: dead.id } }
  const { pagination } = await plane.internal.succeed(api.listPlaneWebhookDeliveries, {
    ...call,
    query: { status: 'failed' },
  })
  assert.equal(pagination.total, EVENTS)
  assert.equal(total(), (ENDPOINTS - 1) * EVENTS, 'and nothing arrived twice')
  await plane.requireSound()
})
