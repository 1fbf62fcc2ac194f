import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AppendPressure } from './append-pressure.ts'

/** One log that grows by `rowsPerSecond` from 0 to `endMs`, met every 500 ms, with nothing of it integrated. */
function pressureOf(rowsPerSecond: number, endMs: number): AppendPressure {
  const pressure = new AppendPressure()
  for (let nowMs = 0; nowMs <= endMs; nowMs += 500) {
    const size = (rowsPerSecond * nowMs) / 1_000
    pressure.measure([{ tenant_id: 1, waiting_rows: size, log_size: size }], nowMs)
  }
  return pressure
}

describe('verification', () => {
  it('does not rest while appends leave it room', () => {
    const pressure = pressureOf(1_000, 5_000)
    pressure.worked(4_900, 5_000)
    assert.equal(pressure.isResting(5_001), false)
  })

  it('rests nineteen times as long as it worked under a burst, ten seconds at most', () => {
    const pressure = pressureOf(10_000, 5_000)
    pressure.worked(4_900, 5_000)
    assert.equal(pressure.isResting(6_899), true)
    assert.equal(pressure.isResting(6_900), false)
    pressure.worked(2_000, 5_000)
    assert.equal(pressure.isResting(14_999), true)
    assert.equal(pressure.isResting(15_000), false)
  })

  it('does not rest once it lags fifteen seconds behind', () => {
    for (const [endMs, isResting] of [[15_000, true] as const, [15_500, false] as const]) {
      const pressure = pressureOf(10_000, endMs)
      pressure.worked(endMs - 100, endMs)
      assert.equal(pressure.isResting(endMs + 1), isResting)
    }
  })

  it('works a backlog off without rest when the burst is over', () => {
    const pressure = pressureOf(10_000, 5_000)
    pressure.worked(4_000, 5_000)
    assert.equal(pressure.isResting(5_500), true)
    pressure.measure([{ tenant_id: 1, waiting_rows: 50_000, log_size: 50_000 }], 6_000)
    assert.equal(pressure.isResting(6_001), false)
  })

  it('counts the appends of all logs together', () => {
    const pressure = new AppendPressure()
    const logs = (size: number) =>
      Array.from({ length: 64 }, (_, index) => ({ tenant_id: index, waiting_rows: 50, log_size: size }))
    pressure.measure(logs(50), 0)
    pressure.measure(logs(100), 1_000)
    pressure.worked(1_000, 1_100)
    assert.equal(pressure.isResting(1_101), true)
  })

  it('calls it a burst for its first fifteen seconds, and again after a pause', () => {
    assert.equal(pressureOf(1_000, 5_000).isBurst(5_000), false)
    const pressure = pressureOf(10_000, 5_000)
    assert.equal(pressure.isBurst(5_000), true)
    assert.equal(pressure.isBurst(15_999), true) // it began to be seen at 1,000
    assert.equal(pressure.isBurst(16_000), false)
    pressure.measure([{ tenant_id: 1, waiting_rows: 0, log_size: 50_000 }], 16_000)
    pressure.measure([{ tenant_id: 1, waiting_rows: 5_000, log_size: 55_000 }], 17_000)
    assert.equal(pressure.isBurst(17_000), true)
  })

  it('takes no single commit for a burst, however soon round follows on round', () => {
    const pressure = new AppendPressure()
    // 500 rows a second, in commits of 50, each met 5 ms after the round before it.
    for (let nowMs = 0, size = 0; nowMs <= 5_000; nowMs += 100) {
      pressure.measure([{ tenant_id: 1, waiting_rows: 0, log_size: size }], nowMs)
      size += 50
      pressure.measure([{ tenant_id: 1, waiting_rows: 50, log_size: size }], nowMs + 5)
      pressure.worked(nowMs + 5, nowMs + 10)
      assert.equal(pressure.isBurst(nowMs + 10), false)
      assert.equal(pressure.isResting(nowMs + 10), false)
    }
  })
})
