import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { acceptFact } from '@pacspace/api/definition/facts'
import { emitBatch, emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { listDeliveries } from '@pacspace/api/definition/webhooks'
import { verifyDeltaProof } from '@pacspace/proofs/delta-proof'
import { Webhook } from 'standardwebhooks'
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
})
after(async () => {
  await deliveries[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await plane[Symbol.asyncDispose]()
})

/** A fresh tenant with one endpoint at the receiver. */
async function subscribe(body: object = {}) {
  tenant = await plane.newTenant()
  receiver.received.length = 0
  return newWebhook(plane, tenant.tenantId, { url: receiver.url, ...body })
}

async function emit(delta: number | string, more: object = {}) {
  const body = { customerId: 'cust_77', delta, reason: 'seat charge', ...more }
  return plane.client.succeed(emitDelta, { key: tenant.key, body })
}

describe('an event', () => {
  it('W1 of a verified delta says all that product.md §6 lists, signed in both families', async () => {
    const { secret } = await subscribe({ events: ['delta.verified'] })
    await emit('10.5')
    const sent = { referenceId: 'bill_31', metadata: { plan: 'pilot' } }
    const { recordId, receiptId, contentHash, itemHash, previousProofHash } = await emit(
      '-250.000000000001',
      sent,
    )
    await plane.verifyAll()
    await deliveries.deliver()
    const received = receiver.received.at(-1)
    assert.ok(received)
    assert.equal(receiver.received.length, 2)
    const { headers, body } = received
    const theirs = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    const event = new Webhook(secret).verify(body, theirs) as Record<string, unknown>
    assert.match(body, /"amount":-250\.000000000001,/)
    const { verifiedAt, proof } = await plane.client.succeed(getDelta, {
      key: tenant.key,
      params: { recordId },
    })
    const { data, ...envelope } = event
    assert.ok(verifiedAt)
    const seconds = Math.floor(Date.parse(verifiedAt) / 1_000)
    assert.deepEqual(envelope, {
      id: headers['x-event-id'],
      event: 'delta.verified',
      type: 'delta.verified',
      timestamp: seconds,
      createdAt: verifiedAt,
      tenantId: tenant.tenantId,
      environment: 'sandbox',
    })
    const { verification, proof: told, ...rest } = data as Record<string, Record<string, unknown>>
    assert.deepEqual(rest, {
      recordId,
      receiptId,
      deltaIndex: 1,
      sequenceNumber: '2',
      status: 'verified',
      customerId: 'cust_77',
      referenceId: 'bill_31',
      verificationReference: receiptId,
      delta: {
        customerId: 'cust_77',
        amount: -250.000000000001,
        reason: 'seat charge',
        referenceId: 'bill_31',
        metadata: { plan: 'pilot' },
      },
      blockTimestamp: String(seconds),
      period: { period: verifiedAt.slice(0, 7), netDelta: -239.500000000001 },
      usage: { consumed: 2, allowed: true },
    })
    const { latencyMs, ...verdict } = verification ?? {}
    assert.deepEqual(verdict, { verified: true, discrepancies: [] })
    assert.ok(typeof latencyMs === 'number' && latencyMs >= 0)
    const { tlogProof, ...hashes } = told ?? {}
    assert.deepEqual(hashes, {
      proofHash: receiptId,
      contentHash,
      previousProofHash,
      itemHashes: [contentHash],
      itemHash,
    })
    const checked = await verifyDeltaProof(String(tlogProof), { logKeys: [proof?.publicKey ?? ''] })
    assert.ok(checked.verified && checked.record.recordId === recordId)
  })

  it('has the headers of both families and the same id in each', async () => {
    await subscribe({ events: ['delta.verified'] })
    await emit(1)
    await plane.verifyAll()
    await deliveries.deliver()
    const { headers, event } = receiver.received[0] ?? assert.fail('nothing arrived')
    assert.equal(headers['content-type'], 'application/json')
    assert.match(headers['x-pacspace-signature'] as string, /^v1=[0-9a-f]{64}$/)
    assert.match(headers['webhook-signature'] as string, /^v1,[A-Za-z0-9+/]{43}=$/)
    assert.equal(headers['x-pacspace-timestamp'], headers['webhook-timestamp'])
    assert.equal(headers['x-webhook-event'], 'delta.verified')
    assert.match(event.id, /^evt_[0-9a-z]{26}$/)
    assert.deepEqual([headers['x-event-id'], headers['webhook-id']], [event.id, event.id])
  })

  it('W14 arrives only where it was subscribed to', async () => {
    await subscribe({ events: ['customer.created', 'delta.stored'] })
    await emit(1)
    await emit(2)
    await emit(3, { customerId: 'cust_78' })
    await plane.verifyAll()
    await deliveries.deliver()
    const types = receiver.received.map(({ event }) => event.type).sort()
    assert.deepEqual(types, ['customer.created', 'customer.created', 'delta.stored'])
    const stored = receiver.received.find(({ event }) => event.type === 'delta.stored')?.event.data
    const { verification, ...stretch } = stored ?? {}
    assert.deepEqual(stretch, { startIndex: 0, count: 3 })
    assert.equal((verification as { verified: boolean }).verified, true)
  })

  it('of a fact and of a checkpoint says what product.md §6 lists', async () => {
    await subscribe({ events: ['fact.verified', 'checkpoint.verified'] })
    await emit(5)
    const { key } = tenant
    const fact = await plane.client.succeed(acceptFact, { key, body: { content: 'the sky is blue' } })
    const checkpoint = await plane.client.succeed(takeCheckpoint, { key, body: { customerId: 'cust_77' } })
    await plane.verifyAll()
    await deliveries.deliver()
    const dataOf = (type: string) => receiver.received.find(({ event }) => event.type === type)?.event.data
    const { proofHash, verification, ...rest } = dataOf('fact.verified') ?? {}
    assert.deepEqual(rest, { contentHash: fact.contentHash })
    assert.match(String(proofHash), /^0x[0-9a-f]{64}$/)
    assert.equal((verification as { verified: boolean }).verified, true)
    const { checkpointId, customerId, period, proofRoot, deltasCount } = checkpoint
    const told = { checkpointId, customerId, period, proofRoot, deltasCount, netChange: 5 }
    assert.deepEqual(dataOf('checkpoint.verified'), told)
    assert.equal(receiver.received.length, 2)
  })

  it('of before the endpoint was made is not sent', async () => {
    tenant = await plane.newTenant()
    await emit(1)
    await plane.verifyAll()
    receiver.received.length = 0
    await newWebhook(plane, tenant.tenantId, { url: receiver.url, events: ['delta.verified'] })
    await emit(2)
    await plane.verifyAll()
    await deliveries.deliver()
    assert.deepEqual(
      receiver.received.map(({ event }) => event.data.deltaIndex),
      [1],
    )
  })

  it('is one for each of thousands, each once, and each has its row', async () => {
    await subscribe({ events: ['delta.verified'] })
    const deltas = Array.from({ length: 1_000 }, (_, i) => ({
      customerId: `c_${i % 17}`,
      delta: 1,
      reason: 'x',
    }))
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
    await plane.verifyAll()
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
    await plane.verifyAll()
    await deliveries.deliver()
    const ids = new Set(receiver.received.map(({ event }) => event.id))
    assert.deepEqual([ids.size, receiver.received.length], [2_000, 2_000])
    const { pagination } = await plane.client.succeed(listDeliveries, {
      key: tenant.key,
      query: { status: 'delivered' },
    })
    assert.equal(pagination.total, 2_000)
    const keyed = receiver.received.map(({ event }) => event.data as { proof: { tlogProof: string } })
    for (const { proof } of [keyed[0], keyed[999], keyed[1_500]].filter((one) => one !== undefined)) {
      assert.match(proof.tlogProof, /^c2sp\.org\/tlog-proof@v1/)
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
