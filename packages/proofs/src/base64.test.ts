import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBase64, toBase64 } from './base64.ts'
import { utf8Bytes } from './bytes.ts'

/** RFC 4648 §10. */
const VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const

test('the vectors of RFC 4648 hold both ways', () => {
  for (const [text, encoded] of VECTORS) {
    assert.equal(toBase64(utf8Bytes(text)), encoded)
    assert.deepEqual(fromBase64(encoded), utf8Bytes(text))
  }
})

test('every length and every byte equals Buffer, both ways', () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length) & 255)
    const encoded = Buffer.from(bytes).toString('base64')
    assert.equal(toBase64(bytes), encoded)
    assert.deepEqual(fromBase64(encoded), bytes)
  }
})

test('one text per value: white space, missing padding, other alphabets and unused bits are refused', () => {
  const bad = [
    'Zg',
    'Zg=',
    'Zg===',
    'Zh==',
    'Zm9=',
    'Zm9vYg==\n',
    ' Zg==',
    'Zm 9v',
    'Zm-_',
    '====',
    '=',
    'Z===',
    'Zg==Zg==',
  ]
  for (const text of bad) assert.throws(() => fromBase64(text), { code: 'MALFORMED' }, text)
})
