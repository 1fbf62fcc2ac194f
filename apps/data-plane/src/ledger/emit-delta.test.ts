import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

describe('emit', () => {
  let plane: TestDataPlane
  let tenant: TestTenant
  before(async () => {
    plane = await startTestDataPlane()
    tenant = await plane.newTenant()
  })
  after(() => plane[Symbol.asyncDispose]())

  it('a delta is stored, derived and proved', async () => {
    const { key } = tenant
    const emitted = await plane.client.succeed(api.emitDelta, {
      key,
      body: { customerId: 'cust_1', delta: 0.1, reason: 'first' },
    })
    assert.equal(emitted.status, 'QUEUED')
    assert.equal(emitted.sequenceNumber, 1)
    await plane.verifyAll()
    const stored = await plane.client.succeed(api.getDelta, { key, params: { recordId: emitted.recordId } })
    assert.equal(stored.status, 'VERIFIED')
    assert.ok(stored.proof)
    await plane.requireSound()
  })
})
