import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { deriveBalance, emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getUsage } from '@pacspace/api/definition/usage'
import { setEntitlement } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
} from '../testing/test-data-plane.ts'

const CAP = 100
const PARALLEL = 500

let store: TestStore
/** Two api processes on one database, each with its own queue of appends. */
let planes: readonly [TestDataPlane, TestDataPlane]
before(async () => {
  store = await createTestStore()
  planes = [await startTestDataPlane('sandbox', { store }), await startTestDataPlane('sandbox', { store })]
})
after(async () => {
  await Promise.all(planes.map((plane) => plane[Symbol.asyncDispose]()))
  await removeTestStore(store)
})

it('K14 500 parallel emits at two processes never exceed the 100 of Free; 402 is typed, reads go on, an upgrade lets in', async () => {
  const [first, second] = planes
  const { key, tenantId, tenantNo } = await first.newTenant({ tier: 'free' })
  const emit = (n: number) =>
    (n % 2 === 0 ? first : second).client.call(emitDelta, {
      key,
      body: { customerId: `c${n % 5}`, delta: 1, reason: 'at the edge' },
      headers: { 'idempotency-key': `edge ${n}` },
    })
  const answers = await Promise.all(Array.from({ length: PARALLEL }, (_, n) => emit(n)))
  const codes = Map.groupBy(answers, ({ status, problem }) => `${status} ${problem?.code ?? 'accepted'}`)
  const counted = Object.fromEntries([...codes].map(([code, those]) => [code, those.length]))
  assert.deepEqual(counted, { '201 accepted': CAP, '402 INSUFFICIENT_CREDITS': PARALLEL - CAP })

  await first.verifyAll()
  const { rows } = await first.owner.query<{ n: number }>(
    'select count(*) as n from delta where tenant_id = $1',
    [tenantNo],
  )
  assert.equal(rows[0]?.n, CAP)
  const usage = await first.client.succeed(getUsage, { key })
  const { allowed, consumed, reserved, remaining } = usage
  assert.deepEqual([allowed, consumed, reserved, remaining], [false, CAP, 0, 0])
  await first.client.succeed(listCustomers, { key })
  await second.client.succeed(deriveBalance, { key, params: { customerId: 'c1' } })
  // What was refused keeps no key: the same request is let in once the plan is bigger.
  const refused = answers.findIndex(({ problem }) => problem !== undefined)
  const { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans.pilot
  await first.internal.succeed(setEntitlement, {
    token: first.internalSecret,
    params: { tenantId },
    body: { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst, writesAllowed: true },
  })
  const again = await emit(refused)
  assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [201, null])
  await first.requireSound()
})
