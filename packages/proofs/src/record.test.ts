import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentHash } from './content-hash.ts'
import { type Hex, toHex, ZERO_HASH } from './hex.ts'
import { canonicalJson } from './jcs.ts'
import { logEntry } from './log-entry.ts'
import { type DeltaRecord, itemHash, parseRecord, recordText, requestHash } from './record.ts'

const RECORD: DeltaRecord = {
  recordId: 'rec_01JH8Z3K7Q2M4N6P8R0S2T4V6W',
  customerId: 'cust_77',
  sequenceNumber: 1,
  delta: '-250',
  balance: '-250',
  contentHash: '0x087f278b74c98386d5a1c769dec88513ee8062c610f17119e653ffbfa7fd40ed',
  previousProofHash: ZERO_HASH,
  createdAt: '2026-01-01T00:00:00.000Z',
}

const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const decimal = fc.constantFrom('0', '1', '-1', '0.5', '-0.000000000001', '1000000000', '-12.05')
const time = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const text = fc.string({ unit: 'binary' })
const records: fc.Arbitrary<DeltaRecord> = fc.record(
  {
    recordId: text,
    customerId: text,
    sequenceNumber: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    delta: decimal,
    balance: decimal,
    contentHash: hex,
    previousProofHash: hex,
    createdAt: time,
    adjusts: text,
    request: hex,
  },
  {
    requiredKeys: [
      'recordId',
      'customerId',
      'sequenceNumber',
      'delta',
      'balance',
      'contentHash',
      'previousProofHash',
      'createdAt',
    ],
  },
)

test('recordText is the generic canonical JSON of the record with v 1', () => {
  fc.assert(
    fc.property(records, (record) => assert.equal(recordText(record), canonicalJson({ ...record, v: 1 }))),
  )
})

test('a record survives the way to JSON and back, absent members stay absent', () => {
  fc.assert(
    fc.property(records, (record) => {
      const parsed = parseRecord({ ...record, v: 1 })
      assert.equal(recordText(parsed), recordText(record))
    }),
  )
  assert.equal(recordText({ ...RECORD, adjusts: null, request: null }), recordText(RECORD))
})

test('itemHash is the RFC 6962 leaf hash of the record: SHA-256(0x00 ‖ record)', () => {
  const bytes = Buffer.concat([Buffer.of(0), Buffer.from(recordText(RECORD))])
  assert.equal(toHex(itemHash(recordText(RECORD))), `0x${hash('sha256', bytes, 'hex')}`)
})

test('request is SHA-256(recordId ‖ key digest), for ids of any length', () => {
  const digest = Uint8Array.from({ length: 16 }, (_, i) => 255 - i)
  for (const recordId of ['', 'rec_é', '漢'.repeat(80), '漢'.repeat(81), 'a'.repeat(1000)]) {
    const bytes = Buffer.concat([Buffer.from(recordId), digest])
    assert.equal(requestHash(recordId, digest), `0x${hash('sha256', bytes, 'hex')}`)
  }
})

test('P9 two deltas of equal content have different itemHashes', () => {
  const twin = { ...RECORD, recordId: 'rec_01JH8Z3K7Q2M4N6P8R0S2T4V6X' }
  assert.equal(twin.contentHash, RECORD.contentHash)
  assert.notEqual(toHex(itemHash(recordText(twin))), toHex(itemHash(recordText(RECORD))))
})

test('P9 a delta guessed right but for its record id is not recognised in the public log', () => {
  // Alone in its tree, the weakest case: the customer root is the itemHash itself.
  const entry = toHex(logEntry('delta', itemHash(recordText(RECORD))))
  const content = contentHash({ customerId: 'cust_77', delta: '-250', reason: 'seat charge' })
  const guesses: Hex[] = [
    content,
    RECORD.contentHash,
    toHex(itemHash(recordText({ ...RECORD, recordId: 'rec_' }))),
  ]
  for (const guess of guesses) assert.ok(!entry.includes(guess.slice(2)))
  assert.ok(
    !entry.includes(toHex(itemHash(recordText(RECORD))).slice(2)),
    'nor does the log show the root itself',
  )
  assert.notEqual(entry, toHex(logEntry('delta', itemHash(recordText({ ...RECORD, recordId: 'rec_' })))))
})

test('only version 1 with exactly its members, each in canonical form, is a record', () => {
  const good = { ...RECORD, v: 1 }
  assert.deepEqual(parseRecord({ ...good, adjusts: 'rec_2', request: ZERO_HASH }).adjusts, 'rec_2')
  for (const v of [0, 2]) assert.throws(() => parseRecord({ ...good, v }), { code: 'UNSUPPORTED_VERSION' })
  const bad: Record<string, unknown>[] = [
    { v: '1' },
    { v: 1.5 },
    { recordId: 5 },
    { customerId: undefined },
    { sequenceNumber: 0 },
    { sequenceNumber: -1 },
    { sequenceNumber: 1.5 },
    { sequenceNumber: 2 ** 53 },
    { delta: '-0' },
    { delta: '01' },
    { delta: '1.0' },
    { delta: '+1' },
    { delta: '1e3' },
    { delta: '.5' },
    { delta: '1.' },
    { delta: '-0.0' },
    { delta: 1 },
    { balance: '' },
    { contentHash: ZERO_HASH.toUpperCase() },
    { previousProofHash: null },
    { createdAt: '2026-01-01' },
    { createdAt: '2026-01-01T00:00:00Z' },
    { adjusts: null },
    { request: 'x' },
    { metadata: {} },
  ]
  for (const change of bad) {
    assert.throws(() => parseRecord({ ...good, ...change }), { code: 'MALFORMED' }, JSON.stringify(change))
  }
  for (const value of [null, undefined, [], 'text', 1])
    assert.throws(() => parseRecord(value), { code: 'MALFORMED' })
})
