import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decimalText } from './decimal-text.ts'

test('R18 a number is sent by its shortest decimal, without exponent', () => {
  const expected: [number, string][] = [
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-250, '-250'],
    [1e-7, '0.0000001'],
    [-1.5e-7, '-0.00000015'],
    [5e-324, `0.${'0'.repeat(323)}5`],
    [1e21, '1000000000000000000000'],
    [-1.25e22, '-12500000000000000000000'],
    [1.7976931348623157e308, `17976931348623157${'0'.repeat(292)}`],
    [-0, '0'],
  ]
  for (const [number, text] of expected) assert.equal(decimalText(number), text)
})

test('every finite number is sent as a plain decimal that reads back as that number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = decimalText(number)
      assert.match(text, /^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/)
      assert.equal(Number(text), number === 0 ? 0 : number)
    }),
  )
})

test('a bigint and a text go digit by digit', () => {
  assert.equal(decimalText(123456789012345678901234567890n), '123456789012345678901234567890')
  assert.equal(decimalText('100000000.0000000001'), '100000000.0000000001')
})

test('what is no finite number is refused before anything is sent', () => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.throws(() => decimalText(number), { code: 'INVALID_AMOUNT' })
  }
})
