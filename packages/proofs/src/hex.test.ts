import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashFromHex, hexWriter, isHashHex, toHex, ZERO_HASH } from './hex.ts'

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte)

test('every byte is written as two lower-case digits, natively and by table alike', () => {
  assert.equal(toHex(BYTES), `0x${Buffer.from(BYTES).toString('hex')}`)
  assert.equal(hexWriter({})(BYTES), toHex(BYTES))
  assert.equal(toHex(new Uint8Array(0)), '0x')
})

test('a hash survives the way to text and back', () => {
  const hash = BYTES.slice(200, 232)
  assert.deepEqual(hashFromHex(toHex(hash)), hash)
  assert.deepEqual(hashFromHex(ZERO_HASH), new Uint8Array(32))
})

test('only 0x and 64 lower-case digits are a hash', () => {
  const good = `0x${'ab'.repeat(32)}`
  assert.equal(isHashHex(good), true)
  for (const bad of [
    good.slice(0, -1),
    `${good}0`,
    good.slice(2),
    good.toUpperCase(),
    `0x${'AB'.repeat(32)}`,
    `${good}\n`,
    `0x${'g0'.repeat(32)}`,
    '',
    5,
    null,
  ]) {
    assert.equal(isHashHex(bad), false, String(bad))
    assert.throws(() => hashFromHex(String(bad)), { code: 'MALFORMED' })
  }
})
