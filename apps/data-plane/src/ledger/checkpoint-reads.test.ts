import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { compareBalances } from '@pacspace/api/definition/compare'
import { getCustomer } from '@pacspace/api/definition/customers'
import { deriveBalance, emitDelta } from '@pacspace/api/definition/ledger'
import { getInvoiceProof, getReceipt } from '@pacspace/api/definition/receipts'
import type { EndpointData } from '@pacspace/api/endpoint'
import { stopTimeAt } from '../testing/plane-time.ts'
import {
  startTestDataPlane,
  TEST_PUBLIC_URL,
  type TestDataPlane,
  type TestTenant,
} from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
let january: EndpointData<typeof takeCheckpoint>
let empty: EndpointData<typeof takeCheckpoint>
const emit = (customerId: string, delta: number) =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'x' } })
const lock = (customerId: string, period: string) =>
  plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { customerId, period } })
const asked = (customerId: string, query: object) => ({
  key: tenant.key,
  params: { customerId },
  query: { ...query },
})
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  await stopTimeAt(plane, '2030-01-10T00:00:00.000Z')
  await emit('cust', 1)
  await emit('other', 64)
  await emit('cust', 2)
  await stopTimeAt(plane, '2030-02-10T00:00:00.000Z')
  await emit('cust', 4)
  await plane.verifyAll()
  january = await lock('cust', '2030-01')
  empty = await lock('cust', '2029-12')
})
after(() => plane[Symbol.asyncDispose]())

it('a receipt has the checkpoint’s root as its proof root once that is verified, and not before', async () => {
  const query = { period: '2030-01' }
  const before = await plane.client.succeed(getReceipt, asked('cust', query))
  assert.equal(before.proofRoot, before.itemsRoot)
  await plane.verifyAll()
  const after = await plane.client.succeed(getInvoiceProof, asked('cust', query))
  assert.equal(after.proofRoot, january.proofRoot)
  assert.equal(after.itemsRoot, before.itemsRoot)
  assert.equal(after.verifyUrl, `${TEST_PUBLIC_URL}/verify/${january.proofRoot}`)
  const february = await plane.client.succeed(getReceipt, asked('cust', { period: '2030-02' }))
  assert.equal(february.proofRoot, february.itemsRoot)
})

it('derive and compare start where a locked period ends, named by id or by root', async () => {
  for (const name of [
    { startingCheckpoint: january.checkpointId },
    { startingCheckpoint: january.proofRoot },
    { startingCheckpoint: january.proofRoot, startingCheckpointType: 'proofRoot' },
  ]) {
    const derived = await plane.client.succeed(deriveBalance, asked('cust', { ...name, startingBalance: 3 }))
    assert.deepEqual([derived.computedBalance, derived.deltasCount], [amountOf('7'), 1])
    const body = { customerId: 'cust', startingBalance: 3, yourBalance: 7, theirBalance: 8, ...name }
    const compared = await plane.client.succeed(compareBalances, { key: tenant.key, body })
    assert.equal(compared.verdict, 'theirs_differs')
  }
  const fromNothing = await plane.client.succeed(
    deriveBalance,
    asked('cust', { startingCheckpoint: empty.checkpointId }),
  )
  assert.deepEqual([fromNothing.computedBalance, fromNothing.deltasCount], [amountOf('7'), 3])
})

it('a checkpoint of another customer, or an id that is altered, is 404', async () => {
  const { checkpointId } = january
  const last = checkpointId.at(-1) === '0' ? '1' : '0'
  await plane.client.refuse(deriveBalance, 'NOT_FOUND', asked('other', { startingCheckpoint: checkpointId }))
  for (const startingCheckpoint of [`${checkpointId.slice(0, -1)}${last}`, 'chk_1']) {
    await plane.client.refuse(deriveBalance, 'NOT_FOUND', asked('cust', { startingCheckpoint }))
  }
})

it('a customer names its newest checkpoint', async () => {
  const { latestCheckpoint } = await plane.client.succeed(getCustomer, asked('cust', {}))
  assert.equal(latestCheckpoint, empty.checkpointId)
})

it('what was written meanwhile is sound', () => plane.requireSound())
