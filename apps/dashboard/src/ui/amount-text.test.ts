import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountText, changeText, fractionDigitsOf } from './amount-text.ts'

test('amounts keep every digit, in groups of three, with a true minus sign', () => {
  const cases = {
    '0': '0',
    '-250': '\u2212250',
    '1000': '1\u202f000',
    '-1234567.000000000001': '\u22121\u202f234\u202f567.000000000001',
    '0.012': '0.012',
  }
  for (const [canonical, text] of Object.entries(cases)) assert.equal(amountText(canonical), text)
})

test('changes carry their sign in any case, and nothing has none', () => {
  assert.equal(changeText('1250.5'), '+1\u202f250.5')
  assert.equal(changeText('-1250.5'), '\u22121\u202f250.5')
  assert.equal(changeText('0'), '0')
})

test('a column is aligned by the longest fraction in it', () => {
  assert.equal(fractionDigitsOf([]), 0)
  assert.equal(fractionDigitsOf(['1', '-0.25', '100.5']), 2)
})
