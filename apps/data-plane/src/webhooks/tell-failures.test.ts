import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { acceptWrites } from '@pacspace/api/definition/writes'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { LOOPBACK, newWebhook, type TestDeliveries, testDeliveries } from '../testing/test-deliveries.ts'
import { startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'

let plane: TestDataPlane
let deliveries: TestDeliveries
let receiver: WebhookReceiver
/** Triggers are off on its connection. */
let intruder: Pool
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane('sandbox', { targetRules: LOOPBACK })
  deliveries = testDeliveries(plane)
  receiver = await startReceiver()
  intruder = createPool({ url: plane.database.url, applicationName: 'intruder', max: 1 })
  await intruder.query('set session_replication_role = replica')
})
after(async () => {
  await intruder.end()
  await deliveries[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

async function subscribe(...events: string[]) {
  tenant = await plane.newTenant()
  receiver.received.length = 0
  await newWebhook(plane, tenant.tenantId, {
    url: receiver.url,
    ...(events.length > 0 && { events: events as never }),
  })
}

const write = (key: string, bits: number, metadata?: object) =>
  plane.client.succeed(acceptWrites, {
    key: tenant.key,
    body: { items: [{ key, accountId: 'acc_1', bits, ...(metadata && { metadata }) }] },
  })

async function emit(reason = 'x', more: object = {}) {
  const body = { customerId: 'cust', delta: '2.25', reason, ...more }
  return await plane.client.succeed(emitDelta, { key: tenant.key, body })
}

/** Changes a stored amount; gives what puts it back. */
async function damage(logIndex: number): Promise<() => Promise<void>> {
  const add = (by: number) =>
    intruder.query('update delta set amount = amount + $3 where tenant_id = $1 and log_index = $2', [
      tenant.tenantNo,
      logIndex,
      by,
    ])
  await add(1)
  return async () => {
    await add(-1)
  }
}

const told = () => receiver.received.map(({ event }) => event.type).toSorted()
const dataOf = (type: string) => receiver.received.find(({ event }) => event.type === type)?.event.data

describe('verification.completed', () => {
  it('tells of each write that was verified, and of no other delta', async () => {
    await subscribe('verification.completed')
    await write('bucket', 7, { source: 'meter' })
    await write('bucket', -3)
    await emit()
    await emit('write') // without a key it is in no bucket
    await plane.verifyAll()
    await deliveries.deliver()
    assert.deepEqual(told(), ['verification.completed', 'verification.completed'])
    const [first, second] = receiver.received.map(({ event }) => event.data)
    const { recordId, proofHash, verification, ...rest } = first ?? {}
    assert.deepEqual(rest, { key: 'bucket', accountId: 'acc_1', bits: 7, metadata: { source: 'meter' } })
    assert.deepEqual([second?.bits, second?.metadata], [-3, null])
    const params = { recordId: String(recordId) }
    const delta = await plane.client.succeed(getDelta, { key: tenant.key, params })
    assert.deepEqual([delta.status, delta.receiptId], ['VERIFIED', proofHash])
    assert.equal((verification as { verified: boolean }).verified, true)
  })

  it('arrives beside delta.verified where both are wanted, under an id of its own', async () => {
    await subscribe('verification.completed', 'delta.verified')
    await write('bucket', 1)
    await plane.verifyAll()
    await deliveries.deliver()
    assert.deepEqual(told(), ['delta.verified', 'verification.completed'])
    assert.equal(new Set(receiver.received.map(({ event }) => event.id)).size, 2)
  })
})

describe('delta.failed', () => {
  it('says which delta was found damaged, and how, once for all rounds', async () => {
    await subscribe()
    await emit()
    const { recordId } = await emit()
    const repair = await damage(1)
    await plane.verifyAll()
    await deliveries.deliver()
    await deliveries.deliver()
    assert.deepEqual(
      told().filter((type) => type.endsWith('.failed')),
      ['delta.failed'],
    )
    const { error, failedAt, ...rest } = dataOf('delta.failed') ?? {}
    assert.deepEqual(rest, { recordId, customerId: 'cust', delta: 3.25 })
    assert.match(String(error), /^Stored data was found damaged: ./)
    assert.ok(Math.abs(Date.parse(String(failedAt)) - plane.clock.now()) < 60_000)
    const { status } = await plane.client.succeed(getDelta, { key: tenant.key, params: { recordId } })
    assert.equal(status, 'FAILED')
    assert.ok(
      !receiver.received.some(
        ({ event }) => event.type === 'delta.verified' && event.data.recordId === recordId,
      ),
    )
    await repair()
    await plane.verifyAll()
    await deliveries.deliver()
    const verified = receiver.received.filter(({ event }) => event.type === 'delta.verified')
    assert.equal(verified.filter(({ event }) => event.data.recordId === recordId).length, 1)
  })

  it('of a write is told as verification.failed too', async () => {
    await subscribe('verification.failed', 'verification.completed')
    await write('bucket', 5)
    const repair = await damage(0)
    await plane.verifyAll()
    await deliveries.deliver()
    await deliveries.deliver()
    assert.deepEqual(told(), ['verification.failed'])
    const { recordId, error, failedAt, ...rest } = dataOf('verification.failed') ?? {}
    assert.match(String(recordId), /^rec_/)
    assert.match(String(error), /damaged/)
    assert.ok(failedAt)
    assert.deepEqual(rest, { key: 'bucket', accountId: 'acc_1', bits: 6 })
    await repair()
    await plane.verifyAll()
    await deliveries.deliver()
    assert.deepEqual(told(), ['verification.completed', 'verification.failed'])
  })

  it('of a delta that is no write is not', async () => {
    await subscribe('verification.failed')
    await emit('write')
    const repair = await damage(0)
    await plane.verifyAll()
    await deliveries.deliver()
    await repair()
    assert.deepEqual(told(), [])
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
