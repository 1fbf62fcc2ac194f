import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type Amount,
  addAmounts,
  amountOf,
  amountOfNumeric,
  BALANCE_UNITS_MAX,
  DELTA_UNITS_MAX,
  formatAmount,
  parseAmount,
  parseBalance,
  parseDelta,
  subtractAmounts,
} from './amount.ts'

/** product.md §2. */
const CANONICAL = /^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/

const anyAmount = fc
  .bigInt({ min: -BALANCE_UNITS_MAX, max: BALANCE_UNITS_MAX })
  .map((units) => units as Amount) // any is one

/** Literals of every shape the grammar allows, within 12 digits after the point. */
const anyLiteral = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 20n }),
    fc.option(fc.stringMatching(/^[0-9]{1,6}$/)),
    fc.option(fc.integer({ min: -6, max: 6 })),
    fc.constantFrom('e', 'E', 'e+', 'E+'),
  )
  .map(([negative, integer, fraction, exponent, e]) => {
    const mark = exponent === null ? '' : exponent < 0 ? `${e.charAt(0)}${exponent}` : `${e}${exponent}`
    return `${negative ? '-' : ''}${integer}${fraction === null ? '' : `.${fraction}`}${mark}`
  })

describe('R18 amounts', () => {
  it('text and back is the same amount, in canonical form', () => {
    fc.assert(
      fc.property(anyAmount, (amount) => {
        const text = formatAmount(amount)
        assert.match(text, CANONICAL)
        assert.equal(amountOf(text), amount)
      }),
    )
  })

  it('0.1 + 0.2 is 0.3', () => {
    assert.equal(formatAmount(addAmounts(amountOf('0.1'), amountOf('0.2'))), '0.3')
    assert.equal(formatAmount(subtractAmounts(amountOf('0.3'), amountOf('0.1'))), '0.2')
  })

  it('spellings of one amount are one amount', () => {
    for (const [literals, canonical] of [
      [['0.1', '0.10', '1e-1', '1E-1', '0.01e1', '10e-2', '1.0e-01'], '0.1'],
      [['0', '-0', '0.0', '0e99', '-0e-99', '0.000'], '0'],
      [['1e3', '1000', '1000.000', '1E+3', '10000e-1'], '1000'],
      [['1e-07', '0.0000001'], '0.0000001'],
      [['100000000.0000000001'], '100000000.0000000001'],
      [['-250', '-2.5e2'], '-250'],
      [['0.000000000001', '1e-12'], '0.000000000001'],
    ] as const) {
      for (const literal of literals) assert.equal(formatAmount(amountOf(literal)), canonical, literal)
    }
  })

  it('what is no decimal is refused', () => {
    for (const literal of [
      '',
      ' ',
      'NaN',
      'Infinity',
      '-Infinity',
      '+1',
      '1,5',
      '1.',
      '.5',
      '01',
      '-',
      '--1',
      '1e',
      '1e1.5',
      '0x10',
      '1_000',
      ' 1',
      '1 ',
      '１',
      'null',
      '1n',
      '1e1e1',
      '-.1',
    ]) {
      assert.equal(parseAmount(literal).ok, false, JSON.stringify(literal))
    }
  })

  it('the 13th digit after the point is refused, unless it is a zero', () => {
    for (const literal of ['0.0000000000001', '1e-13', '1e-18', '0.1234567890123', '1.5e-12', '1e-400']) {
      assert.equal(parseAmount(literal).ok, false, literal)
    }
    assert.equal(formatAmount(amountOf('0.1234567890120')), '0.123456789012')
  })

  it('a literal of 65 characters, or an exponent that would build a giant, is refused at once', () => {
    assert.equal(parseAmount(`1.${'0'.repeat(62)}`).ok, true)
    assert.equal(parseAmount(`1.${'0'.repeat(63)}`).ok, false)
    for (const literal of ['1e400', '1e65', '-1e999999999', '1e-999999999', `1e${'9'.repeat(60)}`]) {
      assert.equal(parseAmount(literal).ok, false, literal)
    }
  })

  it('a delta is not zero and within ±1,000,000,000: last accepted, first refused', () => {
    for (const literal of [
      '0',
      '-0',
      '0.000',
      '1000000000.000000000001',
      '-1000000000.000000000001',
      '1e10',
    ]) {
      assert.equal(parseDelta(literal).ok, false, literal)
    }
    for (const [literal, units] of [
      ['1000000000', DELTA_UNITS_MAX],
      ['-1000000000', -DELTA_UNITS_MAX],
      ['999999999.999999', 999_999_999_999_999_000_000n],
      ['0.000000000001', 1n],
    ] as const) {
      assert.deepEqual(parseDelta(literal), { ok: true, amount: units })
    }
  })

  it('a balance may be zero and goes to ±10¹⁸: last accepted, first refused', () => {
    assert.deepEqual(parseBalance('-0'), { ok: true, amount: 0n })
    assert.equal(parseBalance('1000000000000000000').ok, true)
    assert.equal(parseBalance('1000000000000000000.000000000001').ok, false)
    assert.equal(parseBalance('-1000000000000000001').ok, false)
  })

  it('a sum does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(anyAmount, { maxLength: 50 }), (amounts) => {
        const sum = (items: Amount[]) => items.reduce(addAmounts, amountOf('0'))
        assert.equal(sum(amounts), sum(amounts.toReversed()))
      }),
    )
  })
})

describe('numeric columns', () => {
  it('come back as the amount that was stored, trailing zeros or not', () => {
    fc.assert(
      fc.property(anyAmount, fc.nat(12), (amount, zeros) => {
        const text = formatAmount(amount)
        const padded = text.includes('.') ? text + '0'.repeat(zeros) : `${text}.${'0'.repeat(zeros)}`
        assert.equal(amountOfNumeric(zeros === 0 && padded.endsWith('.') ? text : padded), amount)
      }),
    )
    assert.equal(amountOfNumeric('-0.000000000001'), -1n)
    assert.equal(amountOfNumeric(`${'9'.repeat(40)}.5`), BigInt(`${'9'.repeat(40)}500000000000`))
  })

  it('with more digits than an amount has are a broken invariant', () => {
    assert.throws(() => amountOfNumeric('0.0000000000001'), RangeError)
    assert.throws(() => amountOf('1,5'), RangeError)
  })
})

/** Python's decimal module, exact: an implementation that shares nothing with ours. One process for all literals. */
const PYTHON = `
import sys, json
from decimal import Decimal, localcontext, Context
out = []
with localcontext(Context(prec=200)):
    for literals in json.load(sys.stdin):
        total = sum((Decimal(x) for x in literals), Decimal(0))
        text = format(total.normalize(), 'f')
        out.append('0' if total == 0 else text)
json.dump(out, sys.stdout)
`
const hasPython = spawnSync('python3', ['--version']).status === 0

it("R18 sums of any literals agree with Python's decimal, character for character", {
  skip: !hasPython,
}, () => {
  const sums = fc.sample(fc.array(anyLiteral, { minLength: 1, maxLength: 20 }), 2_000)
  const python = spawnSync('python3', ['-c', PYTHON], {
    input: JSON.stringify(sums),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  assert.equal(python.status, 0, python.stderr)
  const expected: string[] = JSON.parse(python.stdout)
  assert.equal(expected.length, sums.length)
  for (const [i, literals] of sums.entries()) {
    const sum = literals.map(amountOf).reduce(addAmounts, amountOf('0'))
    assert.equal(formatAmount(sum), expected[i], literals.join(' + '))
  }
})
