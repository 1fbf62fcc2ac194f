import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { listDeliveries, listenEvents, retryDelivery } from '@pacspace/api/definition/webhooks'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { newId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-webhooks'
import type { ProblemCode } from '@pacspace/api/problem'
import { webhookEventTypes } from '@pacspace/api/webhook-event'
import { randomBytes } from '@pacspace/service/random'
import type { TestCall } from '@pacspace/testing/test-client'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { newWebhook } from '../testing/test-deliveries.ts'

const URL = 'https://example.com/hook?a=b'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const call = (params: Record<string, string>, more: TestCall) => ({
  token: plane.internalSecret,
  ...more,
  params: { tenantId: tenant.tenantId, ...params },
})
const ask = <D extends EndpointShape>(
  definition: D,
  params: Record<string, string> = {},
  more: TestCall = {},
) => plane.internal.succeed(definition, call(params, more))
const refuse = (
  definition: EndpointShape,
  code: ProblemCode,
  params: Record<string, string> = {},
  more: TestCall = {},
) => plane.internal.refuse(definition, code, call(params, more))

describe('creating an endpoint', () => {
  it('answers every field, its secret once, and subscribes to everything by default', async () => {
    const { status, data } = await plane.internal.call(
      api.createPlaneWebhook,
      call({}, { body: { url: URL } }),
    )
    assert.equal(status, 201)
    const { id, secret, createdAt, ...rest } = data
    assert.match(id, /^wh_[0-9a-z]{26}$/)
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    assert.ok(Math.abs(Date.parse(createdAt) - plane.clock.now()) < 5_000)
    assert.deepEqual(rest, {
      url: URL,
      description: null,
      events: [...webhookEventTypes],
      active: true,
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      oldSecretUntil: null,
    })
    const shown = { id, createdAt, ...rest }
    assert.deepEqual(await ask(api.getPlaneWebhook, { id }), shown)
    assert.deepEqual((await ask(api.listPlaneWebhooks)).items[0], shown)
  })

  it('leaves its secret nowhere in the database', async () => {
    const { secret } = await newWebhook(plane, tenant.tenantId, { url: URL })
    const { rows } = await plane.owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    const bytes = Buffer.from(secret.slice(6), 'base64')
    const needles = [secret.slice(6, 30), Buffer.from(secret).toString('hex'), bytes.toString('hex')]
    for (const { name } of rows) {
      for (const needle of needles) {
        const { rowCount } = await plane.owner.query(
          `select from ${name} t where position($1 in t::text) > 0`,
          [needle],
        )
        assert.equal(rowCount, 0, name)
      }
    }
  })

  it('W7 refuses private addresses and what is no URL, and writes nothing', async () => {
    const { items } = await ask(api.listPlaneWebhooks)
    for (const url of [
      'http://127.0.0.1/',
      'http://2130706433/',
      'https://169.254.169.254/latest/meta-data',
      'https://[::1]/',
      'https://localhost/',
      'https://user@example.com/',
      'ftp://example.com/',
      'nothing',
    ]) {
      const { details } = await refuse(api.createPlaneWebhook, 'VALIDATION_ERROR', {}, { body: { url } })
      assert.equal(details[0]?.path, '/url', url)
    }
    for (const body of [
      {},
      { url: URL, events: [] },
      { url: URL, events: ['delta.verified', 'delta.verified'] },
      { url: URL, events: ['delta.unheard'] },
      { url: URL, description: 'x'.repeat(501) },
      { url: `https://example.com/${'x'.repeat(2_048)}` },
    ]) {
      await refuse(api.createPlaneWebhook, 'VALIDATION_ERROR', {}, { body })
    }
    assert.equal((await ask(api.listPlaneWebhooks)).items.length, items.length)
  })

  it('in Production takes https only', async () => {
    await using production = await startTestDataPlane('production')
    const { tenantId } = await production.newTenant()
    const token = production.internalSecret
    const body = { url: 'http://example.com/' }
    const { message } = await production.internal.refuse(api.createPlaneWebhook, 'VALIDATION_ERROR', {
      token,
      params: { tenantId },
      body,
    })
    assert.match(message, /https/)
    await production.internal.succeed(api.createPlaneWebhook, {
      token,
      params: { tenantId },
      body: { url: URL },
    })
  })

  it('of a tenant that nobody asked to provision is 412', async () => {
    const tenantId = newId('tnt', randomBytes)
    await refuse(api.createPlaneWebhook, 'CONTRACT_NOT_DEPLOYED', { tenantId }, { body: { url: URL } })
    assert.deepEqual(await ask(api.listPlaneWebhooks, { tenantId }), { items: [] })
  })

  it('ends at 200 endpoints', async () => {
    const { tenantId } = await plane.newTenant()
    for (let i = 0; i < 200; i++) await newWebhook(plane, tenantId, { url: URL })
    const { message } = await refuse(
      api.createPlaneWebhook,
      'VALIDATION_ERROR',
      { tenantId },
      { body: { url: URL } },
    )
    assert.match(message, /at most 200/)
    const [{ id } = assert.fail('there are 200')] = (await ask(api.listPlaneWebhooks, { tenantId })).items
    await ask(api.deletePlaneWebhook, { tenantId, id })
    await newWebhook(plane, tenantId, { url: URL })
  })
})

describe('an endpoint', () => {
  it('is changed in what is given and nothing else', async () => {
    const { secret: _secret, ...made } = await newWebhook(plane, tenant.tenantId, {
      url: URL,
      description: 'mine',
    })
    const change = async (body: object) => ask(api.updatePlaneWebhook, { id: made.id }, { body })
    assert.deepEqual(await change({}), made)
    assert.deepEqual(await change({ url: 'https://example.com/2' }), {
      ...made,
      url: 'https://example.com/2',
    })
    const events = ['checkpoint.verified', 'delta.verified']
    const changed = { ...made, url: 'https://example.com/2', events, description: null, active: false }
    assert.deepEqual(await change({ events, description: null, active: false }), changed)
    await refuse(
      api.updatePlaneWebhook,
      'VALIDATION_ERROR',
      { id: made.id },
      { body: { url: 'http://10.0.0.1/' } },
    )
    assert.deepEqual(await ask(api.getPlaneWebhook, { id: made.id }), changed)
  })

  it('gets a new secret, the old one signing for 24 hours more', async () => {
    const { id, secret } = await newWebhook(plane, tenant.tenantId, { url: URL })
    const rotated = await ask(api.rotatePlaneWebhookSecret, { id })
    assert.notEqual(rotated.secret, secret)
    const leftMs = Date.parse(rotated.oldSecretUntil ?? '') - plane.clock.now()
    assert.ok(Math.abs(leftMs - 24 * 60 * 60 * 1_000) < 5_000)
  })

  it('deleted is gone for good, its secret too', async () => {
    const { id } = await newWebhook(plane, tenant.tenantId, { url: URL })
    const test = await ask(api.testPlaneWebhook, { id })
    assert.equal((await ask(api.deletePlaneWebhook, { id })).active, false)
    const refusals: [EndpointShape, Record<string, string>, object?][] = [
      [api.getPlaneWebhook, { id }],
      [api.updatePlaneWebhook, { id }, { active: true }],
      [api.deletePlaneWebhook, { id }],
      [api.rotatePlaneWebhookSecret, { id }],
      [api.testPlaneWebhook, { id }],
      [api.listPlaneWebhookDeliveries, { id }],
      [api.retryPlaneWebhookDelivery, { id, eventId: test.eventId }],
      [api.recoverPlaneWebhook, { id }, { since: '2026-01-01' }],
    ]
    for (const [definition, params, body] of refusals) {
      await refuse(definition, 'NOT_FOUND', params, body === undefined ? {} : { body })
    }
    const { rows } = await plane.owner.query('select sealed_secret from webhook_endpoint where id = $1', [id])
    assert.deepEqual(rows, [{ sealed_secret: null }])
  })

  it("K8 another tenant's is 404 like one that nobody has", async () => {
    const { id } = await newWebhook(plane, tenant.tenantId, { url: URL })
    const { eventId } = await ask(api.testPlaneWebhook, { id })
    const other = (await plane.newTenant()).tenantId
    for (const definition of [
      api.getPlaneWebhook,
      api.deletePlaneWebhook,
      api.rotatePlaneWebhookSecret,
      api.testPlaneWebhook,
      api.listPlaneWebhookDeliveries,
    ]) {
      await refuse(definition, 'NOT_FOUND', { tenantId: other, id })
    }
    await refuse(api.retryPlaneWebhookDelivery, 'NOT_FOUND', { tenantId: other, id, eventId })
    await refuse(api.updatePlaneWebhook, 'NOT_FOUND', { tenantId: other, id }, { body: { active: false } })
    await refuse(
      api.recoverPlaneWebhook,
      'NOT_FOUND',
      { tenantId: other, id },
      { body: { since: '2026-01-01' } },
    )
    assert.equal((await ask(api.getPlaneWebhook, { id })).active, true)
  })
})

describe('deliveries', () => {
  it('are listed by page and by filter, newest first', async () => {
    tenant = await plane.newTenant()
    const [one, two] = [
      await newWebhook(plane, tenant.tenantId, { url: URL }),
      await newWebhook(plane, tenant.tenantId, { url: URL }),
    ]
    const made = []
    for (const { id } of [one, two, one]) {
      plane.clock.offsetMs += 10
      made.unshift(await ask(api.testPlaneWebhook, { id }))
    }
    const all = await plane.client.succeed(listDeliveries, { key: tenant.key })
    assert.deepEqual(all, {
      deliveries: made,
      pagination: { total: 3, limit: 20, offset: 0, hasMore: false },
    })
    const second = await plane.client.succeed(listDeliveries, {
      key: tenant.key,
      query: { limit: 1, offset: 1 },
    })
    assert.deepEqual(second, {
      deliveries: [made[1]],
      pagination: { total: 3, limit: 1, offset: 1, hasMore: true },
    })
    const ofOne = await ask(
      api.listPlaneWebhookDeliveries,
      { id: one.id },
      { query: { event: 'webhook.test' } },
    )
    assert.deepEqual(ofOne.deliveries, [made[0], made[2]])
    for (const query of [{ status: 'delivered' }, { event: 'delta.verified' }]) {
      assert.deepEqual(
        (await plane.client.succeed(listDeliveries, { key: tenant.key, query })).deliveries,
        [],
      )
    }
    await plane.client.refuse(listDeliveries, 'VALIDATION_ERROR', {
      key: tenant.key,
      query: { status: 'lost' },
    })
  })

  it('of an unknown event cannot be retried', async () => {
    const params = { eventId: newId('evt', randomBytes) }
    await plane.client.refuse(retryDelivery, 'NOT_FOUND', { key: tenant.key, params })
  })
})

describe('W15 listening', () => {
  const listen = (query: object) =>
    plane.client.succeed(listenEvents, { key: tenant.key, query: { ...query } })
  const emit = (tenantKey: string) =>
    plane.client.succeed(emitDelta, { key: tenantKey, body: { customerId: 'cust', delta: 1, reason: 'x' } })

  it('begins now, and gives each event once, then replays and tests, with the ids that endpoints get', async () => {
    plane.clock.offsetMs = 0
    tenant = await plane.newTenant()
    await emit(tenant.key)
    await plane.verifyAll()
    const start = await listen({})
    assert.deepEqual(start.events, [])
    await emit(tenant.key)
    await plane.verifyAll()
    const first = await listen({ cursor: start.cursor, waitSeconds: 5 })
    const types = first.events.map(({ event }) => event).sort()
    assert.deepEqual(types, ['delta.stored', 'delta.verified'])
    for (const { id, event, body, isReplay } of first.events) {
      const sent = JSON.parse(body)
      assert.deepEqual([sent.id, sent.type, sent.tenantId, isReplay], [id, event, tenant.tenantId, false])
    }
    const { id } = await newWebhook(plane, tenant.tenantId, { url: URL })
    const test = await ask(api.testPlaneWebhook, { id })
    plane.clock.offsetMs += 2_000
    const second = await listen({ cursor: first.cursor })
    assert.deepEqual(
      second.events.map(({ id, event }) => [id, event]),
      [[test.eventId, 'webhook.test']],
    )
    const { events, cursor } = await listen({ cursor: second.cursor })
    assert.deepEqual(events, [])
    await ask(api.retryPlaneWebhookDelivery, { id, eventId: test.eventId })
    plane.clock.offsetMs += 2_000
    const replayed = await listen({ cursor })
    assert.deepEqual(replayed.events, second.events)
    plane.clock.offsetMs = 0
  })

  it('waits for the first event, and no longer than it is asked to', async () => {
    const { cursor } = await listen({})
    const waiting = listen({ cursor, waitSeconds: 10 })
    await emit(tenant.key)
    await plane.verifyAll()
    assert.ok((await waiting).events.length > 0)
    const startedMs = performance.now()
    const end = (await listen({})).cursor
    assert.deepEqual((await listen({ cursor: end, waitSeconds: 1 })).events, [])
    assert.ok(performance.now() - startedMs >= 1_000)
  })

  it('takes no cursor that is none', async () => {
    for (const cursor of ['x', '1', '-1.5', '1.2.3', '9'.repeat(30)]) {
      await plane.client.refuse(listenEvents, 'VALIDATION_ERROR', { key: tenant.key, query: { cursor } })
    }
    const query = { waitSeconds: 26 }
    await plane.client.refuse(listenEvents, 'VALIDATION_ERROR', { key: tenant.key, query })
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
