import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { parseRecordId, RECORD_NONCE_BYTES, recordIdOf } from './record-id.ts'

const zeros = new Uint8Array(RECORD_NONCE_BYTES)
const ones = new Uint8Array(RECORD_NONCE_BYTES).fill(255)

describe('recordId', () => {
  it('has these very characters, for ever: it stands in records that were hashed', () => {
    assert.equal(recordIdOf(0, zeros), 'rec_00000000000000000000000000')
    assert.equal(recordIdOf(1, zeros), 'rec_00000000040000000000000000')
    assert.equal(recordIdOf(2 ** 48 - 1, ones), 'rec_zzzzzzzzzzzzzzzzzzzzzzzzzw')
  })

  it('tells its log index and random part again, from the first index to the last', (t) => {
    const random = seededRandom(testSeed())
    t.diagnostic(`seed ${random.seed}`)
    const indexes = [0, 1, 31, 32, 255, 256, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 47, 2 ** 48 - 1]
    for (let i = 0; i < 1_000; i++) indexes.push(Math.floor(random.next() * 2 ** 48))
    for (const logIndex of indexes) {
      const nonce = random.bytes(RECORD_NONCE_BYTES)
      const recordId = recordIdOf(logIndex, nonce)
      assert.match(recordId, /^rec_[0-9a-hjkmnp-tv-z]{26}$/)
      assert.deepEqual(parseRecordId(recordId), { logIndex, nonce })
    }
  })

  it('sorts as its log index does', () => {
    const ids = [0, 1, 2, 31, 32, 1_023, 1_024, 2 ** 40].map((logIndex) => recordIdOf(logIndex, ones))
    assert.deepEqual(ids.toSorted(), ids)
  })

  it('has one spelling, and nothing else is one', () => {
    const good = recordIdOf(7, ones)
    const others = [
      '',
      'rec_',
      good.slice(0, -1),
      `${good}0`,
      good.toUpperCase(),
      good.replace('rec_', 'chk_'),
      ` ${good}`.slice(0, 30),
      `${good.slice(0, -1)}z`, // the same 128 bits and two spare ones
      `${good.slice(0, -1)}y`,
      `${good.slice(0, -1)}x`,
      good.replace('z', 'i'),
      good.replace('z', 'l'),
      good.replace('z', 'o'),
      good.replace('z', 'u'),
      good.replace('z', 'é'),
    ]
    for (const text of others) assert.equal(parseRecordId(text), undefined, text)
  })
})
