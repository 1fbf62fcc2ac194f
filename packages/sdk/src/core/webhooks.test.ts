import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { PacSpaceError } from './error.ts'
import { PacSpace } from './pacspace.ts'
import { Webhooks } from './webhooks.ts'

const body = '{"event":"delta.verified","data":{"recordId":"rec_1"}}'
const timestamp = 1_767_225_600
const now = () => timestamp * 1_000
const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const other = 'whsec_HxwdHhobGBkWFxQVEhMQEQ4PDA0KCwgJBgcEBQIDAAE='
const sent = { payload: body, id: 'evt_1', event: 'delta.verified', timestamp }

const refuses = (promise: Promise<unknown>) =>
  assert.rejects(promise, (error) => error instanceof PacSpaceError && error.code === 'INVALID_SIGNATURE')

describe('signatures', () => {
  it('W1 the vector of a secret that is only text', async () => {
    const headers = await new Webhooks('whsec_test_vector').sign(sent)
    const expected = 'v1=bb44cf3642e0db149be6ecebf8e1eae6708b749de52b835fa655a17a4790dc28'
    assert.equal(headers['x-pacspace-signature'], expected)
    assert.deepEqual(await new Webhooks('whsec_test_vector', { now }).verify(body, headers), JSON.parse(body))
  })

  it('W1 the vector of both families', async () => {
    const headers = await new Webhooks(secret).sign(sent)
    assert.deepEqual(headers, {
      'content-type': 'application/json',
      'x-pacspace-signature': 'v1=6c9ca9c0c890c6cc605119a824c3f4b0d0c675b7210b1f262d9f3d6376069296',
      'x-pacspace-timestamp': '1767225600',
      'x-webhook-event': 'delta.verified',
      'x-event-id': 'evt_1',
      'webhook-id': 'evt_1',
      'webhook-timestamp': '1767225600',
      'webhook-signature': 'v1,C8VKBtAimM4rTIQ4WMOj3xmI+GAL1SnURrFsiB+Bu88=',
    })
  })

  it('W1 what we sign, the public standardwebhooks library verifies, and the other way round', async () => {
    const theirs = new Webhook(secret)
    const nowSeconds = Math.floor(Date.now() / 1_000)
    const headers = await new Webhooks(secret).sign({ ...sent, timestamp: nowSeconds })
    assert.deepEqual(theirs.verify(body, headers), JSON.parse(body))
    const signature = theirs.sign('evt_1', new Date(nowSeconds * 1_000), body)
    const standard = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(nowSeconds),
      'webhook-signature': signature,
    }
    assert.deepEqual(await new Webhooks(secret).verify(body, standard), JSON.parse(body))
  })
})

describe('verify', () => {
  const receiver = new Webhooks(secret, { now })

  it('takes either family alone, headers in any case and shape, and bytes', async () => {
    const headers = await receiver.sign(sent)
    const { 'webhook-signature': _standard, ...own } = headers
    const { 'x-pacspace-signature': _own, ...standard } = headers
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    )
    for (const given of [headers, own, standard, upper, new Headers(headers)]) {
      assert.deepEqual(await receiver.verify(body, given), JSON.parse(body))
    }
    assert.deepEqual(await receiver.verify(new TextEncoder().encode(body), headers), JSON.parse(body))
  })

  it('W2 refuses an altered body, id or timestamp, either family damaged, and the secret of another endpoint', async () => {
    const headers = await receiver.sign(sent)
    const bad: [string, Record<string, string>][] = [
      [body.replace('rec_1', 'rec_2'), headers],
      [`${body} `, headers],
      [body, { ...headers, 'webhook-id': 'evt_2' }],
      [body, { ...headers, 'x-event-id': 'evt_2' }],
      [body, { ...headers, 'webhook-timestamp': String(timestamp + 1) }],
      [body, { ...headers, 'x-pacspace-timestamp': String(timestamp + 1) }],
      [body, { ...headers, 'x-pacspace-signature': `v1=${'0'.repeat(64)}` }],
      [body, { ...headers, 'webhook-signature': 'v1,AAAA' }],
      [body, { ...headers, 'x-pacspace-signature': 'v2=whatever' }],
      [body, {}],
      [body, await new Webhooks(other).sign(sent)],
    ]
    for (const [payload, given] of bad) await refuses(receiver.verify(payload, given))
  })

  it('W2 takes a request of 300 s ago or ahead, and none of 301 s', async () => {
    const headers = await receiver.sign(sent)
    for (const off of [-301, -300, 300, 301]) {
      const shifted = new Webhooks(secret, { now: () => (timestamp + off) * 1_000 })
      const verdict = shifted.verify(body, headers)
      if (Math.abs(off) === 300) await verdict
      else await refuses(verdict)
    }
  })

  it('W2 an id in the body that is not the one in the headers is refused, though both are signed', async () => {
    const payload = JSON.stringify({ id: 'evt_2', event: 'delta.verified' })
    await refuses(receiver.verify(payload, await receiver.sign({ ...sent, payload })))
  })

  it('W3 during a rotation a receiver with either secret passes, and one with both', async () => {
    const headers = await new Webhooks([other, secret]).sign(sent)
    for (const known of [secret, other, [secret, other]]) {
      assert.deepEqual(await new Webhooks(known, { now }).verify(body, headers), JSON.parse(body))
    }
  })

  it('refuses what is signed but is no JSON, and secrets that are none', async () => {
    const payload = 'not json'
    await refuses(receiver.verify(payload, await receiver.sign({ ...sent, payload })))
    for (const bad of ['', 'secret', 'whsec_', []])
      assert.throws(() => new Webhooks(bad), { code: 'INVALID_OPTION' })
  })
})

describe('a client', () => {
  const apiKey = 'pk_test_abcdefghijklmnop.secret'

  it('verifies with its webhookSecret', async () => {
    const runtime = { now, sleep: async () => {}, random: () => 0, newIdempotencyKey: () => 'k' }
    const { webhooks } = new PacSpace({ apiKey, webhookSecret: secret, runtime })
    assert.deepEqual(await webhooks.verify(body, await webhooks.sign(sent)), JSON.parse(body))
  })

  it('without a webhookSecret says which option is missing', () => {
    assert.throws(() => new PacSpace({ apiKey }).webhooks, {
      code: 'INVALID_OPTION',
      message: /webhookSecret/,
    })
  })
})
