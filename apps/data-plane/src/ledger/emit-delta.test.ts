import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type Amount, amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { epochMsOf } from '@pacspace/api/timestamp'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { parseRecordId } from './record-id.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
const bytesOf = (text: string) => Buffer.from(text.slice(2), 'hex')
/** Canonical JSON of a flat object of plain ASCII members: JSON with its members in order. */
const sorted = (members: Record<string, unknown>) =>
  JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))))

/** The vector of the product contract §5.1. */
const VECTOR = {
  customerId: 'cust_77',
  delta: '-250',
  metadata: { plan: 'pilot' },
  reason: 'seat charge',
  referenceId: 'bill_31',
}
const VECTOR_HASH = '0x087f278b74c98386d5a1c769dec88513ee8062c610f17119e653ffbfa7fd40ed'

describe('success', () => {
  const receipts: string[] = []

  it('answers every field, each hash as the product contract §5 computes it', async () => {
    const startedMs = Date.now()
    const first = await plane.client.call(api.emitDelta, {
      key: tenant.key,
      body: VECTOR,
      headers: { 'idempotency-key': 'vector' },
    })
    assert.equal(first.status, 201)
    assert.equal(first.message, undefined)
    assert.equal(first.headers.get('idempotent-replayed'), null)
    const { recordId, createdAt, ...rest } = first.data
    const address = parseRecordId(recordId)
    assert.ok(address)
    assert.equal(address.logIndex, 0)
    assert.ok(epochMsOf(createdAt) >= startedMs - 1 && epochMsOf(createdAt) <= Date.now() + 1)
    const keyDigest = sha256(`${tenant.tenantId}\0vector`).subarray(0, 16)
    const record = sorted({
      v: 1,
      recordId,
      customerId: 'cust_77',
      sequenceNumber: 1,
      delta: '-250',
      balance: '-250',
      contentHash: VECTOR_HASH,
      previousProofHash: `0x${'0'.repeat(64)}`,
      createdAt,
      request: hex(sha256(recordId, keyDigest)),
    })
    const itemHash = hex(sha256(Uint8Array.of(0), record))
    assert.deepEqual(rest, {
      anchorId: 'a_0',
      receiptId: itemHash, // of one leaf, the root is the leaf
      customerId: 'cust_77',
      delta: amountOf('-250'),
      reason: 'seat charge',
      referenceId: 'bill_31',
      metadata: { plan: 'pilot' },
      adjusts: null,
      sequenceNumber: 1,
      contentHash: VECTOR_HASH,
      itemHash,
      previousProofHash: `0x${'0'.repeat(64)}`,
      status: 'QUEUED',
    })

    const second = await plane.client.succeed(api.emitDelta, {
      key: tenant.key,
      body: { customerId: 'cust_77', delta: 0.5, reason: 'part back' },
    })
    assert.equal(second.previousProofHash, itemHash)
    assert.equal(second.receiptId, hex(sha256(Uint8Array.of(1), bytesOf(itemHash), bytesOf(second.itemHash))))
    assert.deepEqual(
      [second.anchorId, second.sequenceNumber, second.referenceId, second.metadata],
      ['a_1', 2, null, null],
    )
    receipts.push(first.data.receiptId, second.receiptId)
  })

  it('has written, when it answers, rows that say the same', async () => {
    const keyDigest = sha256(`${tenant.tenantId}\0vector`).subarray(0, 16)
    const { rows } = await plane.owner.query(
      `select d.log_index, d.seq, d.amount::text, d.balance::text, d.reason, d.reference_id, d.metadata, d.key_digest,
              d.items_root, c.customer_id
         from delta d join customer c using (tenant_id, customer_no) where tenant_id = $1 order by d.log_index`,
      [tenant.tenantNo],
    )
    assert.deepEqual(rows, [
      {
        log_index: 0,
        seq: 1,
        amount: '-250',
        balance: '-250',
        reason: 'seat charge',
        reference_id: 'bill_31',
        metadata: '{"plan":"pilot"}',
        key_digest: keyDigest,
        items_root: bytesOf(receipts[0] ?? assert.fail()),
        customer_id: 'cust_77',
      },
      {
        log_index: 1,
        seq: 2,
        amount: '0.5',
        balance: '-249.5',
        reason: 'part back',
        reference_id: null,
        metadata: null,
        key_digest: null,
        items_root: bytesOf(receipts[1] ?? assert.fail()),
        customer_id: 'cust_77',
      },
    ])
  })

  it('amounts leave as number literals with all their digits, or as strings when asked', async () => {
    const body = '{"customerId":"digits","delta":100000000.0000000001,"reason":"x","referenceId":"digits"}'
    const asNumber = await plane.client.call(api.emitDelta, { key: tenant.key, body })
    assert.match(asNumber.text, /"delta":100000000\.0000000001[,}]/)
    const asString = await plane.client.call(api.emitDelta, {
      key: tenant.key,
      body,
      headers: { 'x-amount-format': 'string' },
    })
    assert.match(asString.text, /"delta":"100000000\.0000000001"[,}]/)
  })

  it('metadata comes back as it was sent, and is hashed in canonical form', async () => {
    const metadata = { z: [1, { b: null, a: 1e21 / 1e21 }], '€': 'é\u2028', 'a b': '"\\', deep: { k: [[]] } }
    const emit = (text: string) =>
      plane.client.succeed(api.emitDelta, {
        key: tenant.key,
        body: `{"customerId":"meta","delta":1,"reason":"x","metadata":${text}}`,
      })
    const first = await emit(JSON.stringify(metadata))
    assert.deepEqual(first.metadata, metadata)
    const reordered = `{"deep":{"k":[[]]},"a b":"\\"\\\\","€":"é\\u2028","z":[1.0,{"a":1,"b":null}]}`
    assert.equal((await emit(reordered)).contentHash, first.contentHash)
  })

  it('a reference that was sent before in the same delta is a replay, in another one it is a new delta', async () => {
    const { key } = tenant
    const body = {
      customerId: 'refs',
      delta: '12.50',
      reason: 'invoice',
      referenceId: 'inv_1',
      metadata: { a: 1 },
    }
    const first = await plane.client.succeed(api.emitDelta, { key, body })
    const before = await ledgerRows(plane.owner)
    const replay = await plane.client.call(api.emitDelta, { key, body: { ...body, delta: 12.5 } })
    assert.equal(replay.status, 201)
    assert.equal(replay.headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(replay.data, { ...first, idempotent: true })
    assert.deepEqual(await ledgerRows(plane.owner), before)
    const others = [
      { ...body, delta: 12.51 },
      { ...body, reason: 'Invoice' },
      { ...body, metadata: { a: 2 } },
      { ...body, metadata: undefined },
      { ...body, adjusts: { recordId: first.recordId } },
      { ...body, customerId: 'refs_2' },
    ]
    for (const other of others) {
      const written = await plane.client.succeed(api.emitDelta, { key, body: other })
      assert.notEqual(written.recordId, first.recordId)
      assert.equal(written.idempotent, undefined)
    }
    assert.equal((await ledgerRows(plane.owner)).deltas, before.deltas + others.length)
    // A key, where given, alone decides.
    const keyed = await plane.client.succeed(api.emitDelta, {
      key,
      body,
      headers: { 'idempotency-key': 'own' },
    })
    assert.notEqual(keyed.recordId, first.recordId)
  })

  it('without a reference equal deltas are different deltas, and P9 their hashes differ', async () => {
    const body = { customerId: 'twins', delta: 1, reason: 'x' }
    const [a, b] = await Promise.all(
      [1, 2].map(() => plane.client.succeed(api.emitDelta, { key: tenant.key, body })),
    )
    assert.ok(a && b)
    assert.equal(a.contentHash, b.contentHash)
    assert.notEqual(a.itemHash, b.itemHash)
    assert.deepEqual([a.sequenceNumber, b.sequenceNumber].sort(), [1, 2])
  })

  it('R19 interleaved emits of many customers leave no gap, and balances that are the exact sums', async () => {
    const customers = ['r19_a', 'r19_b', 'r19_c']
    const emits = Array.from({ length: 300 }, (_, i) => ({
      customerId: customers[i % 3] ?? '',
      delta: `${i + 1}.${i % 10}1`,
      reason: 'x',
    }))
    const answers = await Promise.all(
      emits.map((body) => plane.client.succeed(api.emitDelta, { key: tenant.key, body })),
    )
    for (const customerId of customers) {
      const sequence = answers.filter((a) => a.customerId === customerId).map((a) => a.sequenceNumber)
      assert.deepEqual(
        sequence.toSorted((a, b) => a - b),
        Array.from({ length: 100 }, (_, i) => i + 1),
      )
      const sum = emits
        .filter((emit) => emit.customerId === customerId)
        .reduce((total, { delta }) => (total + amountOf(delta)) as Amount, 0n as Amount)
      const derived = await plane.client.succeed(api.deriveBalance, {
        key: tenant.key,
        params: { customerId },
        query: { includePending: true, limit: 1 },
      })
      assert.equal(derived.computedBalance, sum)
    }
  })
})

describe('R24 a correction with adjusts', () => {
  const emit = (body: object) => plane.client.succeed(api.emitDelta, { key: tenant.key, body })
  const stored = (recordId: string) =>
    plane.client.succeed(api.getDelta, { key: tenant.key, params: { recordId } })

  it('by recordId and by referenceId is linked both ways, and edits nothing', async () => {
    const wrong = await emit({ customerId: 'r24', delta: 10, reason: 'wrong', referenceId: 'r24_ref' })
    const before = await stored(wrong.recordId)
    const byRecord = await emit({
      customerId: 'r24',
      delta: -4,
      reason: 'correction',
      adjusts: { recordId: wrong.recordId },
    })
    const byReference = await emit({
      customerId: 'r24',
      delta: -3,
      reason: 'correction',
      adjusts: { referenceId: 'r24_ref' },
    })
    assert.equal(byRecord.adjusts, wrong.recordId)
    assert.equal(byReference.adjusts, wrong.recordId)
    // Each is hashed as it was named.
    assert.equal(
      byReference.contentHash,
      hex(
        sha256(
          sorted({
            adjusts: { referenceId: 'r24_ref' },
            customerId: 'r24',
            delta: '-3',
            reason: 'correction',
          }),
        ),
      ),
    )
    const after = await stored(wrong.recordId)
    assert.deepEqual(after, { ...before, adjustedBy: [byRecord.recordId, byReference.recordId] })
    assert.equal((await stored(byReference.recordId)).adjusts, wrong.recordId)
    assert.deepEqual((await stored(byReference.recordId)).adjustedBy, [])
  })

  it('may name a delta that is being committed at the same moment, once that is', async () => {
    const { recordId } = await emit({ customerId: 'r24_now', delta: 1, reason: 'x' })
    const both = await Promise.all(
      [1, 2].map((delta) => emit({ customerId: 'r24_now', delta, reason: 'x', adjusts: { recordId } })),
    )
    const { adjustedBy } = await stored(recordId)
    assert.deepEqual(
      adjustedBy,
      both.toSorted((a, b) => a.sequenceNumber - b.sequenceNumber).map((one) => one.recordId),
    )
  })

  it('of an unknown, an ambiguous, or another customer’s delta is refused and writes nothing', async () => {
    const own = await emit({ customerId: 'r24_own', delta: 1, reason: 'x', referenceId: 'r24_twice' })
    await emit({ customerId: 'r24_own', delta: 2, reason: 'x', referenceId: 'r24_twice' })
    const last = own.recordId.at(-1) === '0' ? '4' : '0'
    const unknown = [
      { recordId: 'rec_00000000000000000000000000' },
      { recordId: 'rec_zzzzzzzzzzzzzzzzzzzzzzzzz0' },
      { recordId: 'a_0' },
      { recordId: '' },
      { recordId: `${own.recordId.slice(0, -1)}${last}` }, // right place, wrong random part
      { referenceId: 'nowhere' },
    ]
    const before = await ledgerRows(plane.owner)
    const refuse = (
      code: 'ADJUSTED_DELTA_NOT_FOUND' | 'ADJUSTED_DELTA_AMBIGUOUS',
      customerId: string,
      adjusts: object,
    ) =>
      plane.client.refuse(api.emitDelta, code, {
        key: tenant.key,
        body: { customerId, delta: 1, reason: 'x', adjusts },
      })
    for (const adjusts of unknown) await refuse('ADJUSTED_DELTA_NOT_FOUND', 'r24_own', adjusts)
    for (const adjusts of [{ recordId: own.recordId }, { referenceId: 'r24_twice' }]) {
      await refuse('ADJUSTED_DELTA_NOT_FOUND', 'r24_stranger', adjusts)
    }
    await refuse('ADJUSTED_DELTA_AMBIGUOUS', 'r24_own', { referenceId: 'r24_twice' })
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })
})

describe('bad input is a typed refusal, and nothing is written', () => {
  const good = { customerId: 'bad', delta: 1, reason: 'x' }
  const raw = (members: string) => `{"customerId":"bad","reason":"x",${members}}`
  const cases: [name: string, body: unknown, path: string][] = [
    ['delta 0', { ...good, delta: 0 }, '/delta'],
    ['delta -0', raw('"delta":-0'), '/delta'],
    ['delta 0e5', raw('"delta":0e5'), '/delta'],
    ['delta 1e10', raw('"delta":1e10'), '/delta'],
    ['delta just over the limit', raw('"delta":1000000000.000000000001'), '/delta'],
    ['delta just under the limit', raw('"delta":-1000000000.000000000001'), '/delta'],
    ['delta of 13 decimals', raw('"delta":0.0000000000001'), '/delta'],
    ['delta "NaN"', { ...good, delta: 'NaN' }, '/delta'],
    ['delta "1,5"', { ...good, delta: '1,5' }, '/delta'],
    ['delta "Infinity"', { ...good, delta: 'Infinity' }, '/delta'],
    ['delta ""', { ...good, delta: '' }, '/delta'],
    ['delta " 1"', { ...good, delta: ' 1' }, '/delta'],
    ['delta "0x10"', { ...good, delta: '0x10' }, '/delta'],
    ['delta null', { ...good, delta: null }, '/delta'],
    ['delta true', { ...good, delta: true }, '/delta'],
    ['delta [1]', { ...good, delta: [1] }, '/delta'],
    ['no delta', { customerId: 'bad', reason: 'x' }, '/delta'],
    ['customerId with a space', { ...good, customerId: 'a b' }, '/customerId'],
    ['customerId of 129 characters', { ...good, customerId: 'a'.repeat(129) }, '/customerId'],
    ['empty customerId', { ...good, customerId: '' }, '/customerId'],
    ['customerId ..', { ...good, customerId: '..' }, '/customerId'],
    ['customerId summary', { ...good, customerId: 'summary' }, '/customerId'],
    ['customerId with a line end', { ...good, customerId: 'a\n' }, '/customerId'],
    ['customerId 7', { ...good, customerId: 7 }, '/customerId'],
    ['reason of 501 characters', { ...good, reason: 'x'.repeat(501) }, '/reason'],
    ['empty reason', { ...good, reason: '' }, '/reason'],
    ['reason with NUL', { ...good, reason: 'a\0b' }, '/reason'],
    ['reason with half a character', raw('"delta":1,"reason2":1').replace('"x"', '"\\ud800"'), '/reason'],
    ['referenceId of 256 characters', { ...good, referenceId: 'x'.repeat(256) }, '/referenceId'],
    ['referenceId null', { ...good, referenceId: null }, '/referenceId'],
    ['metadata []', { ...good, metadata: [] }, '/metadata'],
    ['metadata of 16 KiB and a byte', { ...good, metadata: { a: 'x'.repeat(16_384 - 7) } }, '/metadata'],
    ['metadata 17 deep', raw(`"delta":1,"metadata":${'{"a":'.repeat(17)}1${'}'.repeat(17)}`), '/metadata'],
    ['metadata with 2^53', raw('"delta":1,"metadata":{"a":9007199254740992}'), '/metadata'],
    ['metadata with 1e400', raw('"delta":1,"metadata":{"a":1e400}'), '/metadata'],
    ['adjusts by both names', { ...good, adjusts: { recordId: 'a', referenceId: 'b' } }, '/adjusts'],
    ['adjusts by none', { ...good, adjusts: {} }, '/adjusts'],
    ['an unknown field', { ...good, tenantId: 'tnt_1' }, '/tenantId'],
    ['an array', [good], ''],
    ['nothing', '', ''],
    ['a member twice', raw('"delta":1,"delta":2'), ''],
    ['__proto__', raw('"delta":1,"__proto__":{}'), ''],
  ]
  for (const [name, body, path] of cases) {
    it(name, async () => {
      const before = await ledgerRows(plane.owner)
      const { details, message } = await plane.client.refuse(api.emitDelta, 'VALIDATION_ERROR', {
        key: tenant.key,
        body,
      })
      assert.ok(
        details.some((detail) => detail.path === path),
        `${path} is not among ${JSON.stringify(details)}`,
      )
      assert.match(message, /^Validation failed: /)
      assert.deepEqual(await ledgerRows(plane.owner), before)
    })
  }

  it('the last accepted value of each limit', async () => {
    const { key } = tenant
    const accepted = [
      raw('"delta":1000000000.000000000000'),
      raw('"delta":"-1000000000"'),
      raw('"delta":0.000000000001'),
      { ...good, customerId: 'A-z0_9.:'.repeat(16) },
      { ...good, reason: 'é'.repeat(500), referenceId: 'r'.repeat(255) },
      { ...good, metadata: { a: 'x'.repeat(16_384 - 8) } },
      raw(`"delta":1,"metadata":${'{"a":'.repeat(16)}1${'}'.repeat(16)}`),
      raw('"delta":1,"metadata":{"a":9007199254740991}'),
    ]
    for (const body of accepted) await plane.client.succeed(api.emitDelta, { key, body })
  })

  it('a body of 1 MiB and a byte, a wrong content type, a compressed one', async () => {
    const before = await ledgerRows(plane.owner)
    const text = JSON.stringify(good)
    const refuse = (code: 'PAYLOAD_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE', body: string, headers = {}) =>
      plane.client.refuse(api.emitDelta, code, { key: tenant.key, body, headers })
    await refuse('PAYLOAD_TOO_LARGE', text.padEnd(1_048_577))
    await refuse('UNSUPPORTED_MEDIA_TYPE', text, { 'content-type': 'text/plain' })
    await refuse('UNSUPPORTED_MEDIA_TYPE', text, { 'content-type': 'application/json; charset=latin1' })
    await refuse('UNSUPPORTED_MEDIA_TYPE', text, { 'content-encoding': 'gzip' })
    assert.deepEqual(await ledgerRows(plane.owner), before)
    await plane.client.succeed(api.emitDelta, { key: tenant.key, body: text.padEnd(1_048_576) })
  })

  it('an Idempotency-Key of no, of 256, or of unprintable characters', async () => {
    const before = await ledgerRows(plane.owner)
    for (const idempotencyKey of ['', 'k'.repeat(256), 'a\tb', 'é']) {
      const headers = { 'idempotency-key': idempotencyKey }
      await plane.client.refuse(api.emitDelta, 'VALIDATION_ERROR', { key: tenant.key, body: good, headers })
    }
    assert.deepEqual(await ledgerRows(plane.owner), before)
    for (const idempotencyKey of [' !~ '.repeat(8).trim(), 'k'.repeat(255)]) {
      const headers = { 'idempotency-key': idempotencyKey }
      await plane.client.succeed(api.emitDelta, { key: tenant.key, body: good, headers })
    }
  })
})

it('everything that was emitted is verified, derived again and equal', () => plane.requireSound())
