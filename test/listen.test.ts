/** `pacspace listen` against a plane: what it forwards is what endpoints are sent. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { Webhooks } from '@pacspace-io/sdk/core/webhooks'
import { forwardEvents } from '../apps/cli/src/listen/forward-events.ts'
import { startTestDataPlane, type TestDataPlane } from '../apps/data-plane/src/testing/test-data-plane.ts'
import {
  answering,
  startReceiver,
  type WebhookReceiver,
} from '../apps/data-plane/src/testing/webhook-receiver.ts'

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
const DEADLINE_MS = 10_000

let plane: TestDataPlane
let receiver: WebhookReceiver
before(async () => {
  plane = await startTestDataPlane()
  receiver = await startReceiver()
})
after(async () => {
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

it('W15 forwards events, tests and replays once each, query string kept, signed, whatever the program answers', async (t) => {
  const { key, tenantId } = await plane.newTenant()
  const { balance } = new PacSpace({ apiKey: key, baseUrl: plane.client.baseUrl })
  const stop = new AbortController()
  const lines: string[] = []
  let began = false
  t.after(() => stop.abort())
  const listening = forwardEvents({
    balance: {
      async webhookEvents(query) {
        const page = await balance.webhookEvents(query)
        began = true
        return page
      },
    },
    forwardTo: new URL(`${receiver.url}?a=b&c=d`),
    secret: SECRET,
    events: ['delta.verified', 'webhook.test'],
    signal: stop.signal,
    print: (line) => void lines.push(line),
    waitSeconds: 1,
  })
  const arrived = async (count: number) => {
    assert.ok(await waitUntil(async () => receiver.received.length >= count, DEADLINE_MS), `${count} arrive`)
    assert.equal(receiver.received.length, count)
  }
  const emit = async () => {
    await plane.client.succeed(emitDelta, { key, body: { customerId: 'cust', delta: 1, reason: 'x' } })
    await plane.verifyAll()
  }
  assert.ok(await waitUntil(async () => began, DEADLINE_MS), 'listening begins with the first answer')
  await emit()
  await arrived(1)
  receiver.respond = answering(500)
  await emit()
  await arrived(2)
  const last = receiver.received.at(-1)
  assert.equal(last?.path, '/hook?a=b&c=d')
  const headers = Object.fromEntries(
    Object.entries(last?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
  const event = await new Webhooks(SECRET).verify(last?.body ?? '', headers)
  assert.equal(event.type, 'delta.verified')

  const token = plane.internalSecret
  const body = { url: 'https://example.com/' }
  const { id } = await plane.internal.succeed(api.createPlaneWebhook, { token, params: { tenantId }, body })
  const test = await plane.internal.succeed(api.testPlaneWebhook, { token, params: { tenantId, id } })
  await arrived(3)
  const params = { tenantId, id, eventId: test.eventId }
  await plane.internal.succeed(api.retryPlaneWebhookDelivery, { token, params })
  await arrived(4)
  const [first, second] = receiver.received.slice(-2)
  assert.equal(first?.event.id, test.eventId)
  assert.equal(second?.body, first?.body)
  stop.abort()
  await listening
  assert.equal(lines.length, receiver.received.length)
  assert.match(lines.at(-1) ?? '', /^webhook\.test +evt_\w+ → 500 \(\d+ ms\)$/)
})

it('ends with a clear refusal for a key that may not listen', async () => {
  const { tenantId } = await plane.newTenant()
  const { fullKey } = await plane.newKey(tenantId, ['balance:read'])
  const { balance } = new PacSpace({ apiKey: fullKey, baseUrl: plane.client.baseUrl })
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const options = {
    balance,
    forwardTo: new URL(receiver.url),
    secret: SECRET,
    events: [],
    signal,
    print: () => {},
  }
  await assert.rejects(forwardEvents(options), { code: 'INSUFFICIENT_PERMISSION', message: /webhooks:read/ })
})
