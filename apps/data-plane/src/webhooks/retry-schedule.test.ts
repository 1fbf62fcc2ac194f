import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRetryAfter, RETRY_DELAYS_MS, retryDelayMs } from './retry-schedule.ts'

const none = () => 0.5

describe('W4 the retry schedule', () => {
  it('is 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 12 h, and then nothing', () => {
    const seconds = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200]
    assert.deepEqual(
      seconds.map((_, i) => (retryDelayMs(i, { random: none }) ?? 0) / 1_000),
      seconds,
    )
    assert.equal(retryDelayMs(10, { random: none }), undefined)
  })

  it('is spread by 10 % either way', () => {
    for (const [i, delayMs] of RETRY_DELAYS_MS.entries()) {
      assert.equal(retryDelayMs(i, { random: () => 0 }), delayMs * 0.9)
      const most = retryDelayMs(i, { random: () => 1 - Number.EPSILON }) ?? 0
      assert.ok(most > delayMs && most <= delayMs * 1.1)
    }
  })

  it('waits as long as Retry-After asks, at most as long as the following step, never shorter than its own', () => {
    const delay = (i: number, retryAfterMs: number) => retryDelayMs(i, { random: none, retryAfterMs })
    assert.equal(delay(0, 1_000), 5_000)
    assert.equal(delay(0, 20_000), 20_000)
    assert.equal(delay(0, 90_000), 30_000)
    assert.equal(delay(9, 10 ** 9), 43_200_000)
    assert.equal(delay(10, 10 ** 9), undefined)
  })
})

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-01-15T12:00:00Z')

  it('is seconds or a date', () => {
    assert.equal(parseRetryAfter('120', nowMs), 120_000)
    assert.equal(parseRetryAfter('Thu, 15 Jan 2026 12:00:20 GMT', nowMs), 20_000)
    assert.equal(parseRetryAfter('Thu, 15 Jan 2026 11:00:00 GMT', nowMs), 0)
  })

  it('is nothing where it is neither', () => {
    for (const text of [undefined, '', '-5', '1.5', 'soon', '99999999999']) {
      assert.equal(parseRetryAfter(text, nowMs), undefined, String(text))
    }
  })
})
