import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ZERO } from '@pacspace/api/amount'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { compareBalances } from '@pacspace/api/definition/compare'
import { getCustomer, getCustomersSummary, getGaps } from '@pacspace/api/definition/customers'
import { deriveBalance, emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getReceipt } from '@pacspace/api/definition/receipts'
import { listenEvents } from '@pacspace/api/definition/webhooks'
import { newId } from '@pacspace/api/id'
import { provisionTenant } from '@pacspace/api/internal/plane'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { plans } from '@pacspace/api/plan'
import type { ProblemCode } from '@pacspace/api/problem'
import { customerReference } from '@pacspace/proofs/customer-reference'
import { randomBytes } from '@pacspace/service/random'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { LOOPBACK, newWebhook, type TestDeliveries, testDeliveries } from '../testing/test-deliveries.ts'
import { startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'

let plane: TestDataPlane
let deliveries: TestDeliveries
let receiver: WebhookReceiver
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane('sandbox', { targetRules: LOOPBACK })
  deliveries = testDeliveries(plane)
  receiver = await startReceiver()
  tenant = await plane.newTenant()
})
after(async () => {
  await deliveries[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

const asked = (body: object, { tenantId } = tenant) => ({
  token: plane.internalSecret,
  params: { tenantId },
  body: { displayName: 'Northwind', ...body },
})
const create = (body: object = {}, of = tenant) =>
  plane.internal.succeed(createPlaneCustomer, asked(body, of))
const refuse = (code: ProblemCode, body: object = {}, of = tenant) =>
  plane.internal.refuse(createPlaneCustomer, code, asked(body, of))
const emit = (customerId: string, { key } = tenant) =>
  plane.client.succeed(emitDelta, { key, body: { customerId, delta: '1.5', reason: 'x' } })
const of = (customerId: string, { key } = tenant) => ({ key, params: { customerId } })

describe('a created customer', () => {
  it('is answered with its names, and of the hints those that were sent', async () => {
    const words = { customerId: 'cust:1', displayName: 'Ünïcode & Söhne' }
    const reference = customerReference(tenant.tenantId, 'cust:1')
    const handles = { ledgerIdentifier: reference, customerReference: reference }
    const { createdAt, ...rest } = await create(words)
    assert.deepEqual(rest, { ...words, ...handles })
    assert.ok(Math.abs(Date.parse(createdAt) - plane.clock.now()) < 60_000)
    const hints = { sharingStateHint: 'invited', eventCadence: 'monthly', unitLabel: 'seat' }
    const hinted = await create(hints)
    assert.match(hinted.customerId, /^cus_[0-9a-z]{26}$/)
    assert.deepEqual({ ...hinted, ...hints }, hinted)
    const shown = await plane.client.succeed(getCustomer, of(hinted.customerId))
    assert.deepEqual({ ...shown, ...hints, displayName: 'Northwind' }, shown)
  })

  it('has a ledger that is empty, wherever one is asked for', async () => {
    await create({ customerId: 'empty', displayName: 'Empty Ltd' })
    const { key } = tenant
    const shown = await plane.client.succeed(getCustomer, of('empty'))
    assert.deepEqual(
      [shown.displayName, shown.totalDeltas, shown.computedBalance, shown.firstDeltaAt, shown.lastDeltaAt],
      ['Empty Ltd', 0, ZERO, null, null],
    )
    assert.deepEqual(shown.recentActivity.items, [])
    const balance = await plane.client.succeed(deriveBalance, of('empty'))
    assert.deepEqual(
      [balance.computedBalance, balance.deltasCount, balance.pendingCount, balance.latestReceiptId],
      [ZERO, 0, 0, null],
    )
    const receipt = await plane.client.succeed(getReceipt, of('empty'))
    assert.deepEqual([receipt.deltasCount, receipt.finalBalance, receipt.itemsRoot], [0, ZERO, null])
    const body = { customerId: 'empty', yourBalance: 0, theirBalance: 1 }
    assert.equal((await plane.client.succeed(compareBalances, { key, body })).verdict, 'theirs_differs')
    assert.deepEqual((await plane.client.succeed(getGaps, of('empty'))).gaps, [])
    const query = { customerId: 'empty' }
    assert.deepEqual((await plane.client.succeed(listCheckpoints, { key, query })).checkpoints, [])
    const { message } = await plane.client.refuse(takeCheckpoint, 'CUSTOMER_NOT_FOUND', { key, body: query })
    assert.match(message, /no delta yet/)
  })

  it('is listed among the others in byte order, found by its name, and counted once, with deltas and without', async () => {
    const own = await plane.newTenant()
    const { key } = own
    const list = async (search = '', page = 1, limit = 25) => {
      const query = { page, limit, ...(search !== '' && { search }) }
      const { customers, pagination } = await plane.client.succeed(listCustomers, { key, query })
      return [customers.map(({ customerId, displayName }) => [customerId, displayName]), pagination.total]
    }
    for (const customerId of ['a', 'c', 'e']) await emit(customerId, own)
    for (const customerId of ['b', 'd', 'f'])
      await create({ customerId, displayName: `Name of ${customerId.toUpperCase()}` }, own)
    await emit('d', own)
    await plane.verifyAll()
    const [a, b, c, d, e, f] = [...'abcdef'].map((id, i) => [
      id,
      i % 2 === 0 ? null : `Name of ${id.toUpperCase()}`,
    ])
    assert.deepEqual(await list(), [[a, b, c, d, e, f], 6])
    assert.deepEqual(
      [await list('', 1, 2), await list('', 2, 2), await list('', 3, 2), await list('', 4, 2)],
      [
        [[a, b], 6],
        [[c, d], 6],
        [[e, f], 6],
        [[], 6],
      ],
    )
    assert.deepEqual(await list('name OF'.toLowerCase()), [[b, d, f], 3])
    assert.deepEqual(await list('NAME OF D'), [[d], 1])
    assert.deepEqual(await list('a%'), [[], 0])
    const summary = await plane.client.succeed(getCustomersSummary, { key })
    assert.deepEqual([summary.totalCustomers, summary.totalDeltas], [6, 4])
  })

  it('writes nothing into the log', async () => {
    const size = async () =>
      (
        await plane.owner.query('select size, append_mark from log_head where tenant_id = $1', [
          tenant.tenantNo,
        ])
      ).rows
    const before = await size()
    await create()
    assert.deepEqual(await size(), before)
  })
})

describe('a customer is created once', () => {
  it('CUSTOMER_EXISTS for one that was created and for one that has deltas; nothing is changed', async () => {
    await create({ customerId: 'twice', displayName: 'First' })
    await emit('by-delta')
    for (const customerId of ['twice', 'by-delta'])
      await refuse('CUSTOMER_EXISTS', { customerId, displayName: 'Second' })
    assert.equal((await plane.client.succeed(getCustomer, of('twice'))).displayName, 'First')
    assert.equal((await plane.client.succeed(getCustomer, of('by-delta'))).displayName, null)
  })

  it('by whichever of many calls came first; another tenant has its own of that name', async () => {
    const calls = Array.from({ length: 12 }, (_, i) => asked({ customerId: 'raced', displayName: `No ${i}` }))
    const answers = await Promise.all(calls.map((call) => plane.internal.call(createPlaneCustomer, call)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(11).fill(409)])
    const winner = answers.find(({ status }) => status === 201)?.data
    assert.equal((await plane.client.succeed(getCustomer, of('raced'))).displayName, winner?.displayName)
    const other = await plane.newTenant()
    await create({ customerId: 'raced' }, other)
    await plane.client.refuse(getCustomer, 'CUSTOMER_NOT_FOUND', of('empty', other))
  })

  it('raced by its first delta: one ledger, and one customer.created', async () => {
    const own = await plane.newTenant()
    await newWebhook(plane, own.tenantId, { url: receiver.url, events: ['customer.created'] })
    receiver.received.length = 0
    const names = Array.from({ length: 20 }, (_, i) => `raced_${i}`)
    await Promise.all(
      names.flatMap((customerId) => [
        emit(customerId, own),
        plane.internal.call(createPlaneCustomer, asked({ customerId }, own)),
      ]),
    )
    await plane.verifyAll()
    await deliveries.deliver()
    const told = receiver.received.map(({ event }) => event.data.customerId)
    assert.deepEqual(told.toSorted(), names.toSorted())
  })
})

describe('customer.created', () => {
  it('arrives for a customer without deltas, and not again with its first delta', async () => {
    const own = await plane.newTenant()
    await newWebhook(plane, own.tenantId, { url: receiver.url, events: ['customer.created'] })
    await newWebhook(plane, own.tenantId, { url: receiver.url, events: ['delta.verified'] })
    receiver.received.length = 0
    const { createdAt } = await create({ customerId: 'told', displayName: 'Told Ltd' }, own)
    await deliveries.deliver()
    const reference = customerReference(own.tenantId, 'told')
    const names = { customerId: 'told', ledgerIdentifier: reference, customerReference: reference }
    assert.deepEqual(
      receiver.received.map(({ event }) => [event.type, event.data]),
      [['customer.created', { ...names, displayName: 'Told Ltd', createdAt }]],
    )
    await emit('told', own)
    await emit('untold', own)
    await plane.verifyAll()
    await deliveries.deliver()
    assert.deepEqual(
      receiver.received
        .slice(1)
        .map(({ event }) => [event.type, event.data.customerId, event.data.displayName])
        .sort(),
      [
        ['customer.created', 'untold', null],
        ['delta.verified', 'told', undefined],
        ['delta.verified', 'untold', undefined],
      ],
    )
  })

  it('waits for an endpoint that is disabled, and reaches no deleted one', async () => {
    const own = await plane.newTenant()
    const { id } = await newWebhook(plane, own.tenantId, { url: receiver.url })
    const gone = await newWebhook(plane, own.tenantId, { url: receiver.url })
    receiver.received.length = 0
    await plane.owner.query('update webhook_endpoint set active = false where id = $1', [id])
    await plane.owner.query('update webhook_endpoint set active = false, deleted_at = now() where id = $1', [
      gone.id,
    ])
    await create({ customerId: 'later' }, own)
    await deliveries.deliver()
    assert.equal(receiver.received.length, 0)
    await plane.owner.query('update webhook_endpoint set active = true where id = $1', [id])
    await deliveries.deliver()
    assert.deepEqual(
      receiver.received.map(({ event }) => event.data.customerId),
      ['later'],
    )
  })

  it('W15 reaches a listener, each once, under the id that endpoints are sent', async () => {
    const own = await plane.newTenant()
    const listen = async (cursor?: string) =>
      await plane.client.succeed(listenEvents, {
        key: own.key,
        ...(cursor !== undefined && { query: { cursor } }),
      })
    let { cursor } = await listen()
    await newWebhook(plane, own.tenantId, { url: receiver.url, events: ['customer.created'] })
    receiver.received.length = 0
    plane.clock.offsetMs += 2_000
    for (const customerId of ['x', 'y', 'z']) await create({ customerId }, own)
    plane.clock.offsetMs += 5_000
    await deliveries.deliver()
    const heard: string[] = []
    for (let round = 0; round < 3; round++) {
      const answer = await listen(cursor)
      cursor = answer.cursor
      heard.push(...answer.events.map(({ id }) => id))
    }
    plane.clock.offsetMs -= 7_000
    assert.deepEqual(heard.toSorted(), receiver.received.map(({ event }) => event.id).toSorted())
    assert.equal(heard.length, 3)
  })
})

describe('is refused', () => {
  it('where writes are', async () => {
    const own = await plane.newTenant({ tier: 'free' })
    const { tenantNo } = own
    await plane.owner.query('update tenant set writes_allowed = false where id = $1', [tenantNo])
    await refuse('PLAN_UPGRADE_REQUIRED', {}, own)
    await plane.owner.query('update tenant set writes_allowed = true where id = $1', [tenantNo])
    plane.clock.offsetMs += 3_600_000
    await refuse('CLOCK_UNSURE', {}, own)
    plane.clock.offsetMs -= 3_600_000
    await plane.owner.query(`insert into verify_state values ($1, null, '[]', 'LOG_BEHIND_ANCHOR', now())`, [
      tenantNo,
    ])
    await refuse('LOG_BEHIND_ANCHOR', {}, own)
    await plane.owner.query('delete from verify_state where tenant_id = $1', [tenantNo])
    assert.equal((await plane.client.succeed(listCustomers, { key: own.key })).pagination.total, 0)
  })

  it('CONTRACT_NOT_DEPLOYED for a tenant that is unknown here or not active yet', async () => {
    const tenantId = newId('tnt', randomBytes)
    await refuse('CONTRACT_NOT_DEPLOYED', {}, { ...tenant, tenantId })
    const { ratePerSecond, burst, lifetimeCap, monthlyAllotment } = plans.pilot
    const limits = { lifetimeCap, monthlyAllotment, ratePerSecond, burst }
    const body = {
      contractId: newId('ctr', randomBytes),
      entitlement: { tier: 'pilot', ...limits, writesAllowed: true },
    }
    await plane.internal.succeed(provisionTenant, { token: plane.internalSecret, params: { tenantId }, body })
    await refuse('CONTRACT_NOT_DEPLOYED', {}, { ...tenant, tenantId })
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
