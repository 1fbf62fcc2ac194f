import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { compareBalances } from '@pacspace/api/definition/compare'
import { getCustomer } from '@pacspace/api/definition/customers'
import { deriveBalance, emitDelta } from '@pacspace/api/definition/ledger'
import { getInvoiceProof, getReceipt } from '@pacspace/api/definition/receipts'
import { verifyRoot } from '@pacspace/api/definition/verify'
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

describe('a customer’s part of a checkpoint of all customers', () => {
  const part = async (customerId: string) => {
    const { checkpoints } = await plane.client.succeed(listCheckpoints, {
      key: tenant.key,
      query: { customerId, startDate: '2030-02-01', endDate: '2030-03-01' },
    })
    return checkpoints[0] ?? assert.fail(`no part of ${customerId}`)
  }
  const derive = async (customerId: string, startingCheckpoint: string) => {
    const { computedBalance, deltasCount } = await plane.client.succeed(
      deriveBalance,
      asked(customerId, { startingCheckpoint }),
    )
    return { computedBalance, deltasCount }
  }
  before(async () => {
    await stopTimeAt(plane, '2030-03-10T00:00:00.000Z')
    for (const [customerId, delta] of [
      ['cust', 8],
      ['other', 16],
      ['late', 32],
    ] as const)
      await emit(customerId, delta)
    await plane.verifyAll()
    await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { period: '2030-02' } })
  })

  it('is the proof root of that customer’s receipt once it is verified, and whoever holds it may verify it', async () => {
    const receipt = (customerId: string) =>
      plane.client.succeed(getInvoiceProof, asked(customerId, { period: '2030-02' }))
    const [before, ofOther] = await Promise.all([receipt('cust'), receipt('other')])
    assert.deepEqual([before.proofRoot, ofOther.proofRoot], [before.itemsRoot, ofOther.itemsRoot])
    await plane.verifyAll()
    for (const [customerId, count, balance] of [
      ['cust', 1, '7'],
      ['other', 0, '64'],
    ] as const) {
      const after = await receipt(customerId)
      const { proofRoot, checkpointId } = await part(customerId)
      assert.equal(after.proofRoot, proofRoot)
      assert.notEqual(after.proofRoot, after.itemsRoot)
      assert.equal(after.verificationApiUrl, `${TEST_PUBLIC_URL}/api/v1/verify/${proofRoot}`)
      assert.equal(checkpointId, (await part('cust')).checkpointId)
      const { verified, summary } = await plane.client.succeed(verifyRoot, {
        params: { proofRoot: proofRoot ?? '' },
      })
      assert.deepEqual(
        [verified, summary?.recordCount, summary?.endingBalance],
        [true, count, amountOf(balance)],
      )
      assert.deepEqual([after.deltasCount, after.finalBalance], [count, amountOf(balance)])
    }
  })

  it('is where derive and compare go on, by the id or root of all, or by the root of the part', async () => {
    const { checkpointId, proofRoot } = await part('cust')
    const all = await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { period: '2030-02' } })
    assert.deepEqual([all.checkpointId, all.status], [checkpointId, 'VERIFIED'])
    for (const name of [checkpointId, all.proofRoot ?? '', proofRoot ?? '']) {
      assert.deepEqual(await derive('cust', name), { computedBalance: amountOf('8'), deltasCount: 1 })
      const body = {
        customerId: 'cust',
        startingBalance: 7,
        yourBalance: 15,
        theirBalance: 15,
        startingCheckpoint: name,
      }
      const { verdict } = await plane.client.succeed(compareBalances, { key: tenant.key, body })
      assert.equal(verdict, 'agreed')
    }
    // Nothing of it was in February: it ends where the ledger stood.
    for (const name of [checkpointId, (await part('other')).proofRoot ?? ''])
      assert.deepEqual(await derive('other', name), { computedBalance: amountOf('16'), deltasCount: 1 })
  })

  it('of another customer is 404, and so is a checkpoint that a customer has no part in', async () => {
    const { checkpointId, proofRoot } = await part('cust')
    for (const [customerId, startingCheckpoint] of [
      ['other', proofRoot ?? ''],
      ['late', checkpointId],
    ] as const)
      await plane.client.refuse(deriveBalance, 'NOT_FOUND', asked(customerId, { startingCheckpoint }))
    const stranger = await plane.newTenant()
    await plane.client.succeed(emitDelta, {
      key: stranger.key,
      body: { customerId: 'cust', delta: 1, reason: 'x' },
    })
    for (const startingCheckpoint of [checkpointId, proofRoot ?? ''])
      await plane.client.refuse(deriveBalance, 'NOT_FOUND', {
        ...asked('cust', { startingCheckpoint }),
        key: stranger.key,
      })
  })
})

it('a customer names its newest checkpoint', async () => {
  const { latestCheckpoint } = await plane.client.succeed(getCustomer, asked('cust', {}))
  const { checkpoints } = await plane.client.succeed(listCheckpoints, {
    key: tenant.key,
    query: { customerId: 'cust', limit: 1 },
  })
  assert.equal(latestCheckpoint, checkpoints[0]?.checkpointId)
  assert.notEqual(latestCheckpoint, empty.checkpointId)
})

it('what was written meanwhile is sound', () => plane.requireSound())
