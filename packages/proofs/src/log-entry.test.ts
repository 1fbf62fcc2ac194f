import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { toHex } from './hex.ts'
import {
  ENTRY_BYTES,
  ENTRY_TYPES,
  type EntryType,
  factText,
  logEntry,
  logLeaf,
  logTextEntry,
  voidText,
} from './log-entry.ts'

const ROOT = Uint8Array.from({ length: 32 }, (_, i) => i)

test('an entry is its type byte and SHA-256(0x02 ‖ payload), its leaf SHA-256(0x00 ‖ entry)', () => {
  const types: [EntryType, number][] = [
    ['epoch', 0],
    ['delta', 1],
    ['checkpoint', 2],
    ['fact', 3],
    ['void', 5],
  ]
  assert.deepEqual(Object.entries(ENTRY_TYPES), types)
  for (const [type, byte] of types) {
    const payloadHash = hash('sha256', Buffer.concat([Buffer.of(2), ROOT]), 'buffer')
    const entry = logEntry(type, ROOT)
    assert.equal(entry.length, ENTRY_BYTES)
    assert.deepEqual(Buffer.from(entry), Buffer.concat([Buffer.of(byte), payloadHash]))
    assert.equal(toHex(logLeaf(entry)), `0x${hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'hex')}`)
  }
})

test('P9 an entry shows neither the root it commits to nor any hash that another prefix gives', () => {
  const entry = toHex(logEntry('delta', ROOT))
  assert.ok(!entry.includes(toHex(ROOT).slice(2)))
  for (const prefix of [[], [0], [1]]) {
    assert.ok(!entry.includes(hash('sha256', Buffer.from([...prefix, ...ROOT]), 'hex')))
  }
})

test('payloads of facts and voids are canonical JSON with their version', () => {
  const createdAt = '2026-01-01T00:00:00.000Z'
  const fact = factText({ factId: 'fct_1', contentHash: 'sha256_00', createdAt })
  assert.equal(fact, `{"contentHash":"sha256_00","createdAt":"${createdAt}","factId":"fct_1","v":1}`)
  const voided = voidText({
    voidId: 'vd_1',
    recordId: 'rec_1',
    customerId: 'c',
    delta: '250',
    reason: 'damaged',
    createdAt,
  })
  assert.equal(
    voided,
    `{"createdAt":"${createdAt}","customerId":"c","delta":"250","reason":"damaged","recordId":"rec_1","v":1,"voidId":"vd_1"}`,
  )
  assert.deepEqual(logTextEntry('fact', fact), logEntry('fact', Buffer.from(fact)))
})
