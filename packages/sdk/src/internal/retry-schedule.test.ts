import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRetryableStatus, parseRetryAfter, retryDelayMs } from './retry-schedule.ts'

test('the backoff is 0.5 s × 2ⁿ up to 8 s, and all of it is jitter', () => {
  const upper = [0, 1, 2, 3, 4, 5, 40].map((retry) => retryDelayMs(retry, () => 1))
  assert.deepEqual(upper, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  assert.equal(
    retryDelayMs(3, () => 0),
    0,
  )
  assert.equal(
    retryDelayMs(1, () => 0.25),
    250,
  )
})

test('what the server asked for is the least', () => {
  assert.equal(
    retryDelayMs(0, () => 0, 3),
    3_000,
  )
  assert.equal(
    retryDelayMs(4, () => 1, 3),
    8_000,
  )
})

test('408, 429 and 5xx are worth another attempt, nothing else is', () => {
  const statuses = Array.from({ length: 500 }, (_, i) => i + 100).filter(isRetryableStatus)
  assert.deepEqual(statuses.slice(0, 2), [408, 429])
  assert.deepEqual(
    statuses.slice(2),
    Array.from({ length: 100 }, (_, i) => 500 + i),
  )
})

test('Retry-After is read as seconds or as a date; anything else says nothing', () => {
  const nowMs = Date.parse('2026-01-15T12:00:00.500Z')
  assert.equal(parseRetryAfter('0', nowMs), 0)
  assert.equal(parseRetryAfter('120', nowMs), 120)
  assert.equal(parseRetryAfter('Thu, 15 Jan 2026 12:00:03 GMT', nowMs), 3)
  assert.equal(parseRetryAfter('Thu, 15 Jan 2026 11:00:00 GMT', nowMs), 0)
  assert.equal(parseRetryAfter('soon', nowMs), undefined)
  assert.equal(parseRetryAfter(null, nowMs), undefined)
})
