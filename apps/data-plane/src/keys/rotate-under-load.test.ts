import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { rotatePlaneKey } from '@pacspace/api/internal/plane'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
} from '../testing/test-data-plane.ts'

const EMITS_PER_SECOND = 200
const TICK_MS = 20
const EMITS_BEFORE = 200
const EMITS_DURING = 400
const EMITS_AFTER = 200

let store: TestStore
/** Two api processes on one database: the key is rotated at the first, the second hears nothing of it. */
let planes: readonly [TestDataPlane, TestDataPlane]
before(async () => {
  store = await createTestStore()
  planes = [await startTestDataPlane('sandbox', { store }), await startTestDataPlane('sandbox', { store })]
})
after(async () => {
  await Promise.all(planes.map((plane) => plane[Symbol.asyncDispose]()))
  await removeTestStore(store)
})

it('K5 a client that emits 200 a second through a rotation sees no failed request', async () => {
  const [first, second] = planes
  const { tenantId, key: oldKey } = await first.newTenant()
  const publicKey = oldKey.slice(0, oldKey.indexOf('.'))
  const { rows } = await first.owner.query<{ id: string }>('select id from api_key where public_key = $1', [
    publicKey,
  ])
  const keyId = rows[0]?.id ?? ''
  let newKey: string | undefined
  let sent = 0
  const outcomes = new Map<string, number>()
  const running: Promise<void>[] = []

  /** Every other request with the new key as soon as there is one, as a fleet does that is being restarted. */
  async function emit(n: number, key: string): Promise<void> {
    const plane = n % 4 < 2 ? first : second
    const body = { customerId: `c${n % 7}`, delta: 1, reason: 'load' }
    const { problem } = await plane.client.call(emitDelta, { key, body })
    const outcome = problem?.code ?? 'accepted'
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  async function emitAtRate(count: number, keyOf: (n: number) => string): Promise<void> {
    const end = sent + count
    while (sent < end) {
      for (let i = 0; i < (EMITS_PER_SECOND * TICK_MS) / 1_000; i++) running.push(emit(sent, keyOf(sent++)))
      await sleep(TICK_MS)
    }
  }

  await emitAtRate(EMITS_BEFORE, () => oldKey)
  const rotating = first.internal
    .succeed(rotatePlaneKey, {
      token: first.internalSecret,
      params: { tenantId, keyId },
      body: { gracePeriodSeconds: 3_600 },
    })
    .then(({ fullKey }) => {
      newKey = fullKey
    })
  await emitAtRate(EMITS_DURING, (n) => (n % 2 === 0 ? oldKey : (newKey ?? oldKey)))
  await rotating
  assert.ok(newKey !== undefined)
  const successor: string = newKey
  // The hour is over. The whole fleet has the new key by now.
  await first.owner.query(`update api_key set expires_at = now() where id = $1`, [keyId])
  first.keys.forget()
  await emitAtRate(EMITS_AFTER, () => successor)
  await Promise.all(running)

  const total = EMITS_BEFORE + EMITS_DURING + EMITS_AFTER
  assert.deepEqual(Object.fromEntries(outcomes), { accepted: total })
  await first.client.refuse(listCustomers, 'INVALID_API_KEY', { key: oldKey })
  const { rows: counted } = await first.owner.query<{ n: number }>('select count(*) as n from delta')
  assert.equal(counted[0]?.n, total)
  await first.requireSound()
})
