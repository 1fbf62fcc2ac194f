import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '@pacspace/proofs/content-hash'
import { contradictionOf } from './claims.ts'
import { claimsOf } from './delta-claims.ts'

const HASH = `0x${'ab'.repeat(32)}`
const CONTENT = {
  customerId: 'cust_77',
  delta: '-250',
  metadata: '{"plan":"pilot"}',
  reason: 'seat charge',
  referenceId: 'bill_31',
}
const shown = {
  recordId: 'rec_1',
  customerId: 'cust_77',
  sequenceNumber: 3,
  delta: '-250',
  reason: 'seat charge',
  referenceId: 'bill_31',
  metadata: { plan: 'pilot' },
  adjusts: null,
  // The vector of product.md §5.1.
  contentHash: '0x087f278b74c98386d5a1c769dec88513ee8062c610f17119e653ffbfa7fd40ed',
  itemHash: HASH,
  receiptId: HASH,
}
const committed = {
  recordId: 'rec_1',
  customerId: 'cust_77',
  sequenceNumber: '3',
  delta: '-250',
  contentHash: shown.contentHash,
  itemHash: HASH,
  root: HASH,
}

describe('what a page shows of a delta', () => {
  it('is borne out by its record', () => {
    assert.equal(contradictionOf(claimsOf(shown), committed), undefined)
  })

  it('is contradicted when any part of the content is another, by the hash of the content', () => {
    for (const change of [
      { reason: 'Seat charge' },
      { referenceId: null },
      { metadata: null },
      { metadata: { plan: 'Pilot' } },
    ]) {
      const found = contradictionOf(claimsOf({ ...shown, ...change }), committed)
      assert.equal(found?.proved, shown.contentHash)
      assert.notEqual(found?.said, found?.proved)
    }
  })

  it('may be a correction, sent by the record or by the reference of what it corrects', () => {
    const correction = { ...shown, adjusts: 'rec_0' }
    const byRecord = contentHash({ ...CONTENT, adjusts: { recordId: 'rec_0' } })
    const byReference = contentHash({ ...CONTENT, adjusts: { referenceId: 'bill_30' } })
    for (const hash of [byRecord, byReference]) {
      const claims = claimsOf({ ...correction, contentHash: hash }, 'bill_30')
      assert.equal(contradictionOf(claims, { ...committed, contentHash: hash }), undefined)
    }
    const unsaid = claimsOf({ ...correction, contentHash: byReference })
    assert.notEqual(contradictionOf(unsaid, { ...committed, contentHash: byReference }), undefined)
    assert.notEqual(contradictionOf(claimsOf(correction, 'bill_30'), committed), undefined)
  })
})
