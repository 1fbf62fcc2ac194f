import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dayUsedUp, projectionOf } from './projection.ts'

const NOON = Date.parse('2026-11-20T12:00:00Z')

function month(perDay: (day: number) => number, days = 30) {
  return Array.from({ length: days }, (_, i) => ({
    date: `2026-11-${String(i + 1).padStart(2, '0')}`,
    consumedDeltas: perDay(i + 1),
  }))
}

describe('a projection', () => {
  test('goes on as the last seven days did, today as far as it is gone', () => {
    // 13 days of 0, then 6 whole days of 100 and half of one: 6.5 days.
    const days = month((day) => (day < 14 || day > 20 ? 0 : day === 20 ? 50 : 100))
    const { pace, atMonthEnd } = projectionOf(days, '2026-11', NOON)
    assert.equal(pace, 100)
    assert.equal(atMonthEnd, 650 + 100 * 10.5)
  })

  test('on the first day does not make a month of one hour', () => {
    const days = month((day) => (day === 1 ? 30 : 0))
    assert.equal(projectionOf(days, '2026-11', Date.parse('2026-11-01T01:00:00Z')).pace, 30)
  })

  test('of nothing is nothing', () => {
    assert.deepEqual(projectionOf([], '2026-12', Date.parse('2026-12-31T23:00:00Z')), {
      pace: 0,
      atMonthEnd: 0,
    })
  })

  test('of an allowance for life says on which day it is used up, if it is within a year', () => {
    assert.equal(dayUsedUp(20, 10, NOON), '2026-11-22')
    assert.equal(dayUsedUp(0, 10, NOON), '2026-11-20')
    assert.equal(dayUsedUp(100, 0, NOON), undefined)
    assert.equal(dayUsedUp(366, 1, NOON), undefined)
  })
})
