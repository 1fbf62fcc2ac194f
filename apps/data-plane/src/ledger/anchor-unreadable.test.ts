import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { after, before, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { systemFiles } from '../anchors/anchor-files.ts'
import { ledgerRows } from '../testing/ledger-rows.ts'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
} from '../testing/test-data-plane.ts'

let store: TestStore
let plane: TestDataPlane
before(async () => {
  store = await createTestStore()
  plane = await startTestDataPlane('sandbox', { store })
})
after(async () => {
  await plane[Symbol.asyncDispose]()
  await removeTestStore(store)
})

it('an anchor that cannot be read: a process that knows the log goes on, a new one answers 503 until it can', async () => {
  const tenant = await plane.newTenant()
  const emit = (at: TestDataPlane, reason: string) =>
    at.client.call(api.emitDelta, {
      key: tenant.key,
      headers: { 'idempotency-key': reason },
      body: { customerId: 'cust', delta: 1, reason },
    })
  assert.equal((await emit(plane, 'first')).status, 201)
  let isReadable = false
  const failing: typeof open = (...args) =>
    isReadable ? open(...args) : Promise.reject(Object.assign(new Error('injected'), { code: 'EIO' }))
  await using other = await startTestDataPlane('sandbox', {
    store,
    anchorFiles: { ...systemFiles, open: failing },
  })
  assert.equal((await emit(plane, 'second')).status, 201)
  const before = await ledgerRows(plane.owner)
  const refused = await emit(other, 'third')
  assert.equal(refused.problem?.code, 'SERVICE_UNAVAILABLE')
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.deepEqual(await ledgerRows(plane.owner), before)
  isReadable = true
  assert.equal((await emit(other, 'third')).status, 201)
})

it('what was written meanwhile is sound', async () => {
  await plane.verifyAll()
  await plane.requireSound()
})
