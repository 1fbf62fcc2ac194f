import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, equalBytes, utf8Bytes } from './bytes.ts'

test('concatBytes joins all parts in new memory', () => {
  const part = Uint8Array.of(1, 2)
  const whole = concatBytes(part, new Uint8Array(0), Uint8Array.of(3))
  part[0] = 9
  assert.deepEqual(whole, Uint8Array.of(1, 2, 3))
  assert.deepEqual(concatBytes(), new Uint8Array(0))
})

test('equalBytes sees a difference in length and in any byte', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  assert.equal(equalBytes(bytes, Uint8Array.of(1, 2, 3)), true)
  assert.equal(equalBytes(bytes, Uint8Array.of(1, 2)), false)
  for (let i = 0; i < 3; i++) assert.equal(equalBytes(bytes, bytes.with(i, 7)), false)
})

test('utf8Bytes encodes as UTF-8', () => {
  assert.deepEqual(utf8Bytes('é'), Uint8Array.of(0xc3, 0xa9))
})
