import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { updatePreferences } from '@pacspace/api/definition/accounts'
import { listActivity } from '@pacspace/api/definition/activity'
import * as api from '@pacspace/api/definition/webhooks'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { newId } from '@pacspace/api/id'
import { randomBytes } from '@pacspace/service/random'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { tellDisabledWebhooks } from './tell-disabled.ts'

const body = { url: 'https://example.com/hook?token=secret' }

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account()
})
after(() => plane[Symbol.asyncDispose]())

const create = (of = user) => plane.client.succeed(api.createWebhook, { token: of.token, body })
const mailsTo = (of: TestUser) => plane.mails.filter(({ to }) => to === of.email)

describe('create', () => {
  test('an endpoint of Sandbox by default, its secret in this answer only; noted, and the owner mailed', async () => {
    const { status, data } = await plane.client.call(api.createWebhook, { token: user.token, body })
    assert.equal(status, 201)
    const { secret, ...shown } = data
    assert.match(secret, /^whsec_/)
    assert.equal(plane.planes.sandbox.webhooks.endpoints.get(shown.id)?.tenantId, user.tenantId)
    const list = await plane.client.call(api.listWebhooks, { token: user.token })
    assert.deepEqual(list.data.items[0], shown)
    assert.ok(!list.text.includes(secret))
    assert.deepEqual(
      await plane.client.succeed(api.getWebhook, { token: user.token, params: { id: shown.id } }),
      shown,
    )
    const { items } = await plane.client.succeed(listActivity, { token: user.token })
    const entry = items.find(({ action }) => action === 'webhook.created')
    assert.deepEqual([entry?.target, entry?.environment], [shown.id, 'sandbox'])
    assert.ok(!JSON.stringify(items).includes('token=secret'), 'a URL may hold a secret')
    await plane.runJobs()
    assert.match(mailsTo(user).at(-1)?.subject ?? '', /webhook endpoint was created/)
  })

  test('in the environment of X-Environment, else of the preference', async () => {
    const paid = await plane.account({ tier: 'pilot' })
    const headers = { 'x-environment': 'production' }
    await plane.client.refuse(api.createWebhook, 'CONTRACT_NOT_DEPLOYED', {
      token: paid.token,
      body,
      headers,
    })
    const preferredEnvironment = 'production'
    await plane.client.succeed(updatePreferences, { token: paid.token, body: { preferredEnvironment } })
    await plane.client.refuse(api.createWebhook, 'CONTRACT_NOT_DEPLOYED', { token: paid.token, body })
    const sandbox = { token: paid.token, headers: { 'x-environment': 'sandbox' } }
    const { id } = await plane.client.succeed(api.createWebhook, { ...sandbox, body })
    assert.equal((await plane.client.succeed(api.listWebhooks, sandbox)).items.length, 1)
    assert.deepEqual((await plane.client.succeed(api.listWebhooks, { token: paid.token })).items, [])
    await plane.client.refuse(api.getWebhook, 'NOT_FOUND', { token: paid.token, params: { id } })
    const wrong = { token: paid.token, headers: { 'x-environment': 'testnet' } }
    const refusals = [
      await plane.client.refuse(api.listWebhooks, 'VALIDATION_ERROR', wrong),
      await plane.client.refuse(api.createWebhook, 'VALIDATION_ERROR', { ...wrong, body }),
    ]
    for (const { message } of refusals) assert.match(message, /sandbox or production/)
  })

  test('is refused while the plane is away, and not noted', async () => {
    await plane.planes.sandbox.stop()
    await plane.client.refuse(api.createWebhook, 'SERVICE_UNAVAILABLE', { token: user.token, body })
    await plane.planes.sandbox.start()
  })
})

describe('an endpoint', () => {
  test('is changed, tested, its deliveries shown, replayed and recovered', async () => {
    const { id } = await create()
    const call = { token: user.token, params: { id } }
    const changed = await plane.client.succeed(api.updateWebhook, { ...call, body: { active: false } })
    assert.equal(changed.active, false)
    const sent = await plane.client.call(api.testWebhook, call)
    assert.equal(sent.status, 202)
    const { deliveries } = await plane.client.succeed(api.listWebhookDeliveries, call)
    assert.deepEqual(deliveries, [sent.data])
    const params = { id, eventId: sent.data.eventId }
    const replay = await plane.client.succeed(api.retryWebhookDelivery, { token: user.token, params })
    assert.equal(replay.eventId, sent.data.eventId)
    const since = '2026-01-01'
    assert.deepEqual(await plane.client.succeed(api.recoverWebhook, { ...call, body: { since } }), {
      count: 1,
    })
  })

  test('gets a new secret, and is deleted; each is noted and mailed', async () => {
    const { id, secret } = await create()
    const call = { token: user.token, params: { id } }
    const rotated = await plane.client.succeed(api.rotateWebhookSecret, call)
    assert.notEqual(rotated.secret, secret)
    const deleted = await plane.client.call(api.deleteWebhook, call)
    assert.equal(deleted.message, 'Webhook endpoint deleted')
    await plane.client.refuse(api.getWebhook, 'NOT_FOUND', call)
    await plane.runJobs()
    const subjects = mailsTo(user).map(({ subject }) => subject)
    assert.ok(subjects.some((subject) => /has a new secret/.test(subject)))
    assert.ok(subjects.some((subject) => /was deleted/.test(subject)))
    const { items } = await plane.client.succeed(listActivity, { token: user.token })
    const actions = items.filter(({ target }) => target === id).map(({ action }) => action)
    assert.deepEqual(actions.sort(), ['webhook.created', 'webhook.deleted', 'webhook.secret_rotated'])
  })

  test('that nobody has is 404 for every route, and viewers may only look', async () => {
    const params = { id: newId('wh', randomBytes), eventId: newId('evt', randomBytes) }
    const routes: [EndpointShape, object?][] = [
      [api.getWebhook],
      [api.updateWebhook, {}],
      [api.deleteWebhook],
      [api.rotateWebhookSecret],
      [api.testWebhook],
      [api.listWebhookDeliveries],
      [api.retryWebhookDelivery],
      [api.recoverWebhook, { since: '2026-01-01' }],
    ]
    const viewer = await plane.account({ role: 'viewer' })
    for (const [definition, withBody] of routes) {
      const call = { params, ...(withBody === undefined ? {} : { body: withBody }) }
      await plane.client.refuse(definition, 'NOT_FOUND', { token: user.token, ...call })
      const refusal = definition.method === 'GET' ? 'NOT_FOUND' : 'INSUFFICIENT_PERMISSION'
      await plane.client.refuse(definition, refusal, { token: viewer.token, ...call })
    }
  })
})

describe('W13 an endpoint that its plane disabled', () => {
  test('is told to its owner once, whatever dies in between, and stands in the activity log', async () => {
    const { id } = await create()
    const { webhooks } = plane.planes.sandbox
    const notice = {
      noticeNo: 7,
      tenantId: user.tenantId,
      endpointId: id,
      url: body.url,
      createdAt: webhooks.now,
    }
    webhooks.notices = [{ ...notice, reason: 'failing' }]
    await tellDisabledWebhooks('sandbox', plane.context)
    assert.deepEqual(webhooks.notices, [])
    webhooks.notices = [{ ...notice, reason: 'failing' }] // the plane never heard that it was told
    await plane.runJobs()
    await tellDisabledWebhooks('sandbox', plane.context)
    await plane.runJobs()
    const mails = mailsTo(user).filter(({ subject }) => /was disabled/.test(subject))
    assert.equal(mails.length, 1)
    assert.match(mails[0]?.text ?? '', new RegExp(id))
    const { items } = await plane.client.succeed(listActivity, { token: user.token })
    const entry = items.find(({ action }) => action === 'webhook.disabled')
    assert.deepEqual([entry?.target, entry?.actor.kind], [id, 'system'])
  })
})
