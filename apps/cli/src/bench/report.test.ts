import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRow, formatRows, median, percentile, type Row } from './report.ts'

const row: Row = { name: 'emits', figure: '9,000/s', ratio: 0.754, bar: '≥ 60 %', reached: true, details: {} }

test('a line says figure, ratio, bar and whether it is reached', () => {
  assert.equal(formatRow(row), 'emits: 9,000/s [75 %, bar ≥ 60 %, reached]')
  assert.equal(formatRow({ ...row, reached: false, ratio: null }), 'emits: 9,000/s [bar ≥ 60 %, NOT REACHED]')
  assert.equal(formatRow({ ...row, ratio: null, bar: '', reached: null }), 'emits: 9,000/s')
})

test('the table is aligned', () => {
  const lines = formatRows([row, { ...row, name: 'a longer name' }]).split('\n')
  assert.equal(lines.length, 3)
  assert.equal(new Set(lines.slice(1).map((line) => line.indexOf('9,000/s'))).size, 1)
})

test('median and percentile are those of the sorted values', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  const values = Array.from({ length: 100 }, (_, i) => 100 - i)
  assert.equal(percentile(values, 0.5), 50)
  assert.equal(percentile(values, 0.99), 99)
  assert.equal(percentile([7], 0.99), 7)
})
