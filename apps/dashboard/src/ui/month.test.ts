import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishedMonths, monthName, monthOf } from './month.ts'

test('finished months go back over the year, from any day of a month', () => {
  assert.deepEqual(finishedMonths(Date.parse('2026-02-28T23:59:59Z'), 3), ['2026-01', '2025-12', '2025-11'])
  assert.deepEqual(finishedMonths(Date.parse('2026-03-31T00:00:00Z'), 1), ['2026-02'])
})

test('a month is that of UTC', () => {
  assert.equal(monthOf(Date.parse('2026-11-01T00:30:00+02:00')), '2026-10')
  assert.equal(monthName('2026-10'), 'October 2026')
})
