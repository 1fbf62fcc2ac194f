import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { emitBatch } from '@pacspace/api/definition/ledger'
import { createPlaneWebhook } from '@pacspace/api/internal/plane-webhooks'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { testClient } from '@pacspace/testing/test-client'
import {
  type ApiProcess,
  type CrashRig,
  type CrashTenant,
  INTERNAL_SECRET,
  startCrashRig,
} from '../testing/crash-rig.ts'
import { startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'

const EVENTS = 10_000
const BATCH = 250
const KILLS = ['worker', 'database', 'worker', 'database'] as const
const DEADLINE_MS = 120_000

let rig: CrashRig
let receiver: WebhookReceiver
before(async () => {
  rig = await startCrashRig()
  receiver = await startReceiver()
})
after(async () => {
  await receiver[Symbol.asyncDispose]()
  await rig[Symbol.asyncDispose]()
})

/** Emits batches under keys of their own, each again until it is acknowledged. Gives the recordIds. */
async function emitAll(api: ApiProcess, { key }: CrashTenant): Promise<string[]> {
  const recordIds: string[] = []
  for (let from = 0; from < EVENTS; from += BATCH) {
    const deltas = Array.from({ length: BATCH }, (_, i) => ({
      customerId: `cust_${(from + i) % 37}`,
      delta: 1 + i,
      reason: 'crash test',
    }))
    const call = { key, body: { deltas }, headers: { 'idempotency-key': `batch ${from}` } }
    const isAcked = await waitUntil(async () => {
      const answer = await api.client.call(emitBatch, call).catch((error: unknown) => {
        if (error instanceof TypeError) return undefined // a broken connection
        throw error
      })
      if (answer === undefined || answer.problem !== undefined) return false
      for (const { recordId } of answer.data.results) if (recordId !== undefined) recordIds.push(recordId)
      return true
    }, DEADLINE_MS)
    assert.ok(isAcked, `batch ${from} is acknowledged`)
  }
  return recordIds
}

it('W11 10,000 events, worker and database killed at random moments: each arrives, the same id each time, none is lost', async (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  const api = await rig.startApi()
  const worker = await rig.startWorker()
  const tenant = await rig.newTenant(api)
  await testClient(api.privateUrl).succeed(createPlaneWebhook, {
    token: INTERNAL_SECRET,
    params: { tenantId: tenant.tenantId },
    body: { url: receiver.url, events: ['delta.verified'] },
  })
  const arrived = (count: number) => waitUntil(async () => receiver.received.length >= count, DEADLINE_MS)
  const kill = async () => {
    for (const [i, what] of KILLS.entries()) {
      // At random places while events are on their way, each in its own part of them.
      const share = EVENTS / (KILLS.length + 1)
      assert.ok(
        await arrived(Math.floor(share * i + random.integer(share)) + 1),
        'events arrive between kills',
      )
      if (what === 'database') await rig.crashDatabase()
      else {
        await worker.kill9()
        await worker.restart()
      }
    }
  }
  const [recordIds] = await Promise.all([emitAll(api, tenant), kill()])
  const idsOf = () => Map.groupBy(receiver.received, ({ event }) => String(event.data.recordId))
  assert.ok(
    await waitUntil(() => receiver.received.length >= EVENTS && idsOf().size >= EVENTS, DEADLINE_MS),
    `${idsOf().size} of ${EVENTS} arrived`,
  )
  const isKept = async () => {
    const { rows } = await rig.owner.query<{ n: number }>(
      `select count(*) as n from webhook_delivery where tenant_id = $1 and state = 'delivered'`,
      [tenant.tenantNo],
    )
    return rows[0]?.n === EVENTS
  }
  assert.ok(await waitUntil(isKept, DEADLINE_MS), 'each has its row')
  const byRecord = idsOf()
  assert.deepEqual([...byRecord.keys()].sort(), recordIds.sort(), 'exactly what was acknowledged')
  const ids = new Set<string>()
  for (const [recordId, deliveries] of byRecord) {
    const own = new Set(deliveries.map(({ event }) => event.id))
    assert.equal(own.size, 1, `${recordId} has one id`)
    assert.equal(new Set(deliveries.map(({ body }) => body)).size, 1, `${recordId} has one body`)
    for (const id of own) ids.add(id)
  }
  assert.equal(ids.size, EVENTS)
  t.diagnostic(`${receiver.received.length - EVENTS} of ${receiver.received.length} deliveries were repeats`)
  await rig.requireSound()
})
