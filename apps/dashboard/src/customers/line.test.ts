import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, startOfDaysAgo } from './line.ts'

const history = {
  startingBalance: '5',
  deltas: [
    { createdAt: '2026-11-25T12:00:00.000Z', balance: '7.5' },
    { createdAt: '2026-11-24T12:00:00.000Z', balance: '-1' },
  ],
}

test('a line goes from the oldest to the newest balance', () => {
  assert.deepEqual(lineOf(history, undefined), [
    { time: '2026-11-24T12:00:00.000Z', amount: '-1' },
    { time: '2026-11-25T12:00:00.000Z', amount: '7.5' },
  ])
})

test('a line of the last days begins with what was there before them', () => {
  const startDate = startOfDaysAgo(7, Date.parse('2026-11-25T13:14:15.000Z'))
  assert.equal(startDate, '2026-11-18T00:00:00.000Z')
  assert.deepEqual(lineOf(history, startDate)[0], { time: startDate, amount: '5' })
  assert.deepEqual(lineOf({ startingBalance: '5', deltas: [] }, startDate), [])
})
