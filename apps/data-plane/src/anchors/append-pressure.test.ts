import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AppendPressure } from './append-pressure.ts'

/** One log that grows by `rowsPerSecond` and is met every `everyMs`; the last rest. */
function restUnder(rowsPerSecond: number, everyMs: number, integratedShare: number, rounds: number): number {
  const pressure = new AppendPressure()
  let size = 0
  let integrated = 0
  for (let round = 0; round < rounds; round++) {
    size += (rowsPerSecond * everyMs) / 1_000
    pressure.measure([{ tenant_id: 1, waiting_rows: size - integrated, log_size: size }], round * everyMs)
    integrated += (size - integrated) * integratedShare
  }
  return pressure.restMs(50)
}

describe('verification', () => {
  it('does not rest while appends leave it room', () => {
    assert.equal(restUnder(1_000, 200, 1, 20), 0)
  })

  it('rests four times as long as it worked under a burst, a second at most', () => {
    assert.equal(restUnder(10_000, 200, 1, 20), 200)
    const pressure = new AppendPressure()
    pressure.measure([{ tenant_id: 1, waiting_rows: 5_000, log_size: 5_000 }], 0)
    pressure.measure([{ tenant_id: 1, waiting_rows: 5_000, log_size: 10_000 }], 1_000)
    assert.equal(pressure.restMs(900), 1_000)
  })

  it('does not rest once it lags fifteen seconds behind', () => {
    assert.equal(restUnder(10_000, 1_000, 0, 15), 200)
    assert.equal(restUnder(10_000, 1_000, 0, 16), 0)
  })

  it('works a backlog off without rest when the burst is over', () => {
    const pressure = new AppendPressure()
    pressure.measure([{ tenant_id: 1, waiting_rows: 90_000, log_size: 90_000 }], 0)
    pressure.measure([{ tenant_id: 1, waiting_rows: 86_000, log_size: 90_000 }], 500)
    assert.equal(pressure.restMs(500), 0)
  })

  it('counts the appends of all logs together', () => {
    const pressure = new AppendPressure()
    const logs = (size: number) =>
      Array.from({ length: 64 }, (_, index) => ({ tenant_id: index, waiting_rows: 50, log_size: size }))
    pressure.measure(logs(50), 0)
    pressure.measure(logs(100), 1_000)
    assert.equal(pressure.restMs(100), 400)
  })
})
