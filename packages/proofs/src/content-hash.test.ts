import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentHash, contentText, factContentHash } from './content-hash.ts'
import { canonicalJson } from './jcs.ts'

test('the vector of product contract §5.1 holds', () => {
  const sent = {
    customerId: 'cust_77',
    delta: '-250',
    metadata: canonicalJson({ plan: 'pilot' }),
    reason: 'seat charge',
    referenceId: 'bill_31',
  }
  assert.equal(
    contentText(sent),
    '{"customerId":"cust_77","delta":"-250","metadata":{"plan":"pilot"},"reason":"seat charge","referenceId":"bill_31"}',
  )
  assert.equal(contentHash(sent), '0x087f278b74c98386d5a1c769dec88513ee8062c610f17119e653ffbfa7fd40ed')
})

test('contentText is the generic canonical JSON, whatever is there and whatever is not', () => {
  const text = fc.string({ unit: 'binary' })
  const adjusts = fc.oneof(fc.record({ recordId: text }), fc.record({ referenceId: text }))
  const metadata = fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 })
  const sent = fc.record(
    { customerId: text, delta: text, reason: text, referenceId: text, adjusts, metadata },
    { requiredKeys: ['customerId', 'delta', 'reason'] },
  )
  fc.assert(
    fc.property(sent, (delta) => {
      const { metadata: object, ...rest } = delta
      const metadataText = object === undefined ? undefined : canonicalJson(object)
      assert.equal(contentText({ ...rest, metadata: metadataText }), canonicalJson(delta))
    }),
  )
})

test('null, undefined and absent are one: left out', () => {
  const required = { customerId: 'c', delta: '1', reason: 'r' }
  const none = contentHash(required)
  assert.equal(contentHash({ ...required, referenceId: null, adjusts: null, metadata: null }), none)
  assert.equal(
    contentHash({ ...required, referenceId: undefined, adjusts: undefined, metadata: undefined }),
    none,
  )
  assert.notEqual(contentHash({ ...required, referenceId: '' }), none)
  assert.notEqual(contentHash({ ...required, metadata: '{}' }), none)
})

test('a correction named by record and one named by reference are different contents', () => {
  const required = { customerId: 'c', delta: '1', reason: 'r' }
  const byRecord = contentText({ ...required, adjusts: { recordId: 'x' } })
  assert.equal(byRecord, '{"adjusts":{"recordId":"x"},"customerId":"c","delta":"1","reason":"r"}')
  assert.notEqual(contentText({ ...required, adjusts: { referenceId: 'x' } }), byRecord)
})

test('a lone surrogate has no hash', () => {
  const required = { customerId: 'c', delta: '1', reason: 'r' }
  assert.throws(() => contentHash({ ...required, reason: '\ud800' }), { code: 'ILL_FORMED_STRING' })
  assert.throws(() => contentHash({ ...required, referenceId: '\udc00' }), { code: 'ILL_FORMED_STRING' })
})

test('a fact is hashed by its content alone', () => {
  assert.equal(factContentHash('größe'), `sha256_${hash('sha256', 'größe', 'hex')}`)
})
