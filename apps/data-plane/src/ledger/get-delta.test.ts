import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { confirm } from '../anchors/confirm.ts'
import { integrate } from '../anchors/integrate.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const emit = (body: object) => plane.client.succeed(api.emitDelta, { key: tenant.key, body })
const get = (recordId: string) =>
  plane.client.succeed(api.getDelta, { key: tenant.key, params: { recordId } })

describe('the status of a delta', () => {
  it('goes from QUEUED over PROCESSING to VERIFIED, and everything else stays as it was emitted', async () => {
    const body = {
      customerId: 'status',
      delta: -0.25,
      reason: 'x',
      referenceId: 'r',
      metadata: { a: [null] },
    }
    const emitted = await emit(body)
    const notVerified = {
      ...emitted,
      adjustedBy: [],
      verifiedAt: null,
      logCheckpoint: null,
      anchors: [],
      proof: null,
    }
    assert.deepEqual(await get(emitted.recordId), { ...notVerified, status: 'QUEUED' })

    assert.equal(await integrate(plane.worker, tenant.tenantNo), 'grown')
    assert.deepEqual(await get(emitted.recordId), { ...notVerified, status: 'PROCESSING' })

    const beforeMs = plane.clock.now()
    assert.equal(await confirm(plane.worker, tenant.tenantNo), 'confirmed')
    const { verifiedAt, logCheckpoint, anchors, proof, ...rest } = await get(emitted.recordId)
    assert.deepEqual(rest, { ...emitted, adjustedBy: [], status: 'VERIFIED' })
    assert.ok(
      verifiedAt !== null &&
        Date.parse(verifiedAt) >= beforeMs &&
        Date.parse(verifiedAt) <= plane.clock.now(),
    )
    assert.deepEqual(anchors, [{ level: 'file', time: verifiedAt }])
    const { rows } = await plane.owner.query<{ root: Buffer }>(
      'select root from log_note where tenant_id = $1 and size = 1',
      [tenant.tenantNo],
    )
    assert.deepEqual(logCheckpoint, { size: 1, root: `0x${rows[0]?.root.toString('hex')}` })
    assert.ok(proof)
    const { tlogProof, publicKey, ...hashes } = proof
    assert.deepEqual(hashes, {
      proofHash: emitted.receiptId,
      contentHash: emitted.contentHash,
      previousProofHash: emitted.previousProofHash,
      itemHash: emitted.itemHash,
    })
    assert.match(tlogProof, /^c2sp\.org\/tlog-proof@v1\n/)
    assert.match(publicKey, /^test\.pacspace\.example\/log\/[0-9a-f]{32}\+/)
  })

  it('keeps the checkpoint and the time that covered it first, however the log grows', async () => {
    const first = await emit({ customerId: 'covered', delta: 1, reason: 'x' })
    await plane.verifyAll()
    const before = await get(first.recordId)
    plane.clock.offsetMs = 5_000
    for (let i = 0; i < 3; i++) {
      await emit({ customerId: 'covered', delta: 1, reason: 'x' })
      await plane.verifyAll()
    }
    plane.clock.offsetMs = 0
    const after = await get(first.recordId)
    assert.deepEqual({ ...after, proof: null }, { ...before, proof: null })
    // The proof is always under the newest head: one checkpoint proves everything a holder has.
    assert.notEqual(after.proof?.tlogProof, before.proof?.tlogProof)
  })

  it('amounts leave as strings when asked', async () => {
    const { recordId } = await emit({ customerId: 'string', delta: '100000000.0000000001', reason: 'x' })
    const { text, data } = await plane.client.call(api.getDelta, {
      key: tenant.key,
      params: { recordId },
      headers: { 'x-amount-format': 'string' },
    })
    assert.match(text, /"delta":"100000000\.0000000001"/)
    assert.equal(data.delta, amountOf('100000000.0000000001'))
  })
})

describe('a recordId that names nothing is 404', () => {
  it('whatever it looks like, all alike', async () => {
    const { recordId } = await emit({ customerId: 'there', delta: 1, reason: 'x' })
    const last = recordId.at(-1) === '0' ? '4' : '0'
    const nothing = [
      'rec_00000000000000000000000000',
      'rec_zzzzzzzzzzzzzzzzzzzzzzzzzw',
      `${recordId.slice(0, -1)}${last}`,
      recordId.toUpperCase(),
      recordId.slice(4),
      `${recordId}0`,
      'a_0',
      "' or 1=1 --",
      '%',
      'rec_',
    ]
    const texts = new Set<string>()
    for (const id of nothing) {
      const { status, text } = await plane.client.call(api.getDelta, {
        key: tenant.key,
        params: { recordId: id },
      })
      assert.equal(status, 404)
      texts.add(text.replace(/req_[0-9a-z]{26}/, ''))
    }
    assert.equal(texts.size, 1)
  })

  it("for another tenant's, though it has a delta at the same place", async () => {
    const stranger = await plane.newTenant()
    const { recordId } = await emit({ customerId: 'mine', delta: 1, reason: 'x' })
    const first = await plane.client.succeed(api.emitDelta, {
      key: stranger.key,
      body: { customerId: 'mine', delta: 1, reason: 'x' },
    })
    await plane.client.refuse(api.getDelta, 'NOT_FOUND', { key: stranger.key, params: { recordId } })
    await plane.client.refuse(api.getDelta, 'NOT_FOUND', {
      key: tenant.key,
      params: { recordId: first.recordId },
    })
  })

  it('and one that is too long or holds a NUL is refused', async () => {
    for (const recordId of ['r'.repeat(129), 'a\0b']) {
      await plane.client.refuse(api.getDelta, 'VALIDATION_ERROR', { key: tenant.key, params: { recordId } })
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
