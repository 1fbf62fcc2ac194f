import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import { deriveBalance, emitBatch, emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/definition/writes'
import { findingsOf } from '../testing/findings-of.ts'
import { columnDamages } from '../testing/ledger-damage.ts'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const write = (items: unknown, headers: Record<string, string> = {}, { key } = tenant) =>
  plane.client.call(api.acceptWrites, { key, body: { items }, headers })
const read = (key: string, of = tenant) =>
  plane.client.succeed(api.readBucket, { key: of.key, params: { key } })

describe('POST /writes', () => {
  it('writes each item as a delta of its account, and says so in the published words', async () => {
    const { status, data } = await write([
      { key: 'k/1', accountId: 'acc_1', bits: 5, metadata: { n: 1 } },
      { key: 'k/2', accountId: 'acc_2', bits: '-3' },
      { key: 'k/1', accountId: 'acc_1', bits: 5, metadata: { n: 1 } },
    ])
    assert.equal(status, 202)
    const { requestId, ...rest } = data
    assert.match(requestId, /^wrq_[0-9a-z]{26}$/)
    assert.deepEqual(rest, {
      itemCount: 3,
      status: 'queued',
      message: 'Write accepted. Items are queued for verification.',
    })
    const pending = await read('k/1')
    assert.deepEqual(
      { ...pending, lastWriteAt: '' },
      {
        key: 'k/1',
        accountId: 'acc_1',
        currentBits: amountOf('10'),
        totalWrites: 2,
        lastWriteAt: '',
        verified: false,
        metadata: { n: 1 },
      },
    )
    await plane.verifyAll()
    assert.deepEqual(await read('k/1'), { ...pending, verified: true })
    const derived = await plane.client.succeed(deriveBalance, {
      key: tenant.key,
      params: { customerId: 'acc_1' },
      query: {},
    })
    assert.equal(derived.computedBalance, amountOf('10'))
    const [delta] = derived.deltas
    assert.deepEqual([delta?.reason, delta?.referenceId], ['write', 'k/1'])
    const params = { recordId: delta?.recordId ?? '' }
    assert.ok((await plane.client.succeed(getDelta, { key: tenant.key, params })).proof)
  })

  it('sums what is verified and what is pending, over several heads', async () => {
    for (let i = 1; i <= 5; i++) {
      await write([{ key: 'sum', accountId: 'acc_s', bits: i, metadata: { i } }])
      if (i % 2 === 0) await plane.verifyAll()
    }
    const { currentBits, totalWrites, verified, metadata } = await read('sum')
    assert.deepEqual([currentBits, totalWrites, verified, metadata], [amountOf('15'), 5, false, { i: 5 }])
    await write([{ key: 'sum', accountId: 'acc_s', bits: -15 }])
    await plane.verifyAll()
    const after = await read('sum')
    assert.deepEqual(
      [after.currentBits, after.totalWrites, after.verified, after.metadata],
      [0n, 6, true, null],
    )
  })

  it('all or nothing: a bad item, a foreign key, and no items are refused, and nothing is written', async () => {
    await write([{ key: 'owned', accountId: 'acc_1', bits: 1 }])
    const before = await ledgerRows(plane.owner)
    const good = { key: 'fine', accountId: 'acc_1', bits: 1 }
    for (const items of [[], undefined, null, {}, 'x']) {
      const { problem } = await write(items)
      assert.equal(problem?.message, "Validation failed: 'items' must be a non-empty array.")
    }
    for (const bad of [
      { ...good, bits: 0 },
      { ...good, bits: 0.5 },
      { ...good, bits: '1e-12' },
      { ...good, key: '' },
      { ...good, key: 'x'.repeat(256) },
      { ...good, accountId: 'a b' },
      { ...good, extra: 1 },
      { accountId: 'acc_1', bits: 1 },
    ]) {
      const { problem } = await write([good, bad])
      assert.equal(problem?.code, 'VALIDATION_ERROR', JSON.stringify(bad))
      assert.match(problem?.message ?? '', /items\.1/)
    }
    assert.equal((await write(Array(1_001).fill(good))).problem?.code, 'VALIDATION_ERROR')
    for (const items of [
      [good, { key: 'owned', accountId: 'acc_2', bits: 1 }],
      [good, { key: 'fine', accountId: 'acc_2', bits: 1 }],
    ]) {
      const { problem } = await write(items, { 'idempotency-key': 'unused' })
      assert.equal(problem?.code, 'WRITE_KEY_TAKEN')
    }
    assert.deepEqual(await ledgerRows(plane.owner), before)
    assert.equal(
      (await write(Array(1_000).fill(good), { 'idempotency-key': 'unused' })).data.itemCount,
      1_000,
    )
    assert.equal((await read('fine')).currentBits, amountOf('1000'))
  })

  it('a key of two accounts at once is the first one’s', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => write([{ key: 'race', accountId: `racer_${i % 2}`, bits: 1 }])),
    )
    const accepted = answers.filter(({ status }) => status === 202).length
    assert.equal(accepted, 20)
    for (const { problem } of answers)
      if (problem !== undefined) assert.equal(problem.code, 'WRITE_KEY_TAKEN')
    assert.equal((await read('race')).currentBits, amountOf('20'))
  })

  it('R8 R9 an Idempotency-Key gives the first answer again, and is bound to items and route', async () => {
    const items = [{ key: 'idem', accountId: 'acc_i', bits: 2 }]
    const headers = { 'idempotency-key': 'w' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => write(items, headers)))
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(answers.filter((one) => one.headers.get('idempotent-replayed') === null).length, 1)
    assert.equal((await read('idem')).totalWrites, 1)
    const refuse = (body: object) =>
      plane.client.refuse(api.acceptWrites, 'IDEMPOTENCY_CONFLICT', { key: tenant.key, body, headers })
    await refuse({ items: [...items, ...items] })
    const delta = { customerId: 'acc_i', delta: 2, reason: 'write', referenceId: 'idem' }
    for (const [endpoint, body] of [
      [emitDelta, delta],
      [emitBatch, { deltas: [delta] }],
    ] as const) {
      await plane.client.refuse(endpoint, 'IDEMPOTENCY_CONFLICT', { key: tenant.key, body, headers })
    }
  })

  it('K14 counts each item as a delta: beyond the allowance none of them is written', async () => {
    const free = await plane.newTenant({ tier: 'free' })
    const item = { key: 'k', accountId: 'c', bits: 1 }
    assert.equal((await write(Array(98).fill(item), {}, free)).status, 202)
    assert.equal((await write(Array(3).fill(item), {}, free)).problem?.code, 'INSUFFICIENT_CREDITS')
    assert.equal((await write(Array(2).fill(item), {}, free)).status, 202)
    assert.equal((await write([item], {}, free)).problem?.code, 'INSUFFICIENT_CREDITS')
    assert.equal((await read('k', free)).totalWrites, 100)
  })

  it('is refused where writes are', async () => {
    const other = await plane.newTenant()
    const body = { items: [{ key: 'k', accountId: 'c', bits: 1 }] }
    const refuse = (code: 'PLAN_UPGRADE_REQUIRED' | 'LOG_BEHIND_ANCHOR' | 'CLOCK_UNSURE') =>
      plane.client.refuse(api.acceptWrites, code, { key: other.key, body })
    await plane.owner.query('update tenant set writes_allowed = false where id = $1', [other.tenantNo])
    await refuse('PLAN_UPGRADE_REQUIRED')
    await plane.owner.query('update tenant set writes_allowed = true where id = $1', [other.tenantNo])
    plane.clock.offsetMs += 3_600_000
    await refuse('CLOCK_UNSURE')
    plane.clock.offsetMs -= 3_600_000
    await plane.owner.query(`insert into verify_state values ($1, null, '[]', 'LOG_BEHIND_ANCHOR', now())`, [
      other.tenantNo,
    ])
    await refuse('LOG_BEHIND_ANCHOR')
    await plane.owner.query('delete from verify_state where tenant_id = $1', [other.tenantNo])
  })
})

describe('GET /reads/bucket/:key', () => {
  it('404 names the key that nobody wrote', async () => {
    for (const key of ['nothing here', 'k/3']) {
      const { message } = await plane.client.refuse(api.readBucket, 'NOT_FOUND', {
        key: tenant.key,
        params: { key },
      })
      assert.equal(message, `No record found for key: ${key}`)
    }
  })

  it('R26 a sum that was tampered with is found by fsck, and its tenant named', async () => {
    const other = await plane.newTenant()
    await write([{ key: 'k', accountId: 'a', bits: 3 }], {}, other)
    await write([{ key: 'l', accountId: 'b', bits: 4 }], {}, other)
    await plane.verifyAll()
    for (const damage of await columnDamages(plane.owner, other.tenantNo, { bucket_verified: `key = 'k'` })) {
      const found = await findingsOf(plane, damage)
      if (found === 'refused') continue
      assert.ok(found.length > 0, damage.name)
      if (damage.namesTenant)
        assert.ok(
          found.some((text) => text.includes(other.tenantId)),
          damage.name,
        )
    }
    const gone = {
      name: 'deleted',
      statement: `delete from bucket_verified where tenant_id = ${other.tenantNo}`,
    }
    assert.ok((await findingsOf(plane, gone)).length > 0)
  })
})

it('everything is sound in the end', () => plane.requireSound())
