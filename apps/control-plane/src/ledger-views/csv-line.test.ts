import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { csvLine } from './csv-line.ts'

describe('a line of CSV', () => {
  test('quotes texts, leaves numbers and nothing as they are, ends with CRLF', () => {
    const line = csvLine([
      { number: '-0.000000000001' },
      'plain',
      'with "quotes", a comma;\r\nand a line',
      null,
      '',
    ])
    assert.equal(line, '-0.000000000001,"plain","with ""quotes"", a comma;\r\nand a line",,""\r\n')
  })

  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
    test(`no formula begins with ${JSON.stringify(start)}`, () => {
      assert.equal(csvLine([`${start}cmd|' /C calc'!A0`]), `"'${start}cmd|' /C calc'!A0"\r\n`)
    })
  }

  test('what is no plain decimal is no number cell', () => {
    for (const number of ['=1', '1e5', '', '-', '1,5', '+1', '1\n2', '0x1', '1.', 'NaN']) {
      assert.throws(() => csvLine([{ number }]), TypeError, number)
    }
    assert.equal(csvLine([{ number: '12345678901234567890.5' }]), '12345678901234567890.5\r\n')
  })
})
