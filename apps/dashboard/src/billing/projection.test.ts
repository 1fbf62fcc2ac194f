import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { projectedDeltas, usedPercent } from './projection.ts'

describe('projectedDeltas', () => {
  test('goes on as the month did so far, whatever its length', () => {
    assert.equal(projectedDeltas(100, '2026-11', Date.UTC(2026, 10, 16)), 200)
    assert.equal(projectedDeltas(100, '2026-02', Date.UTC(2026, 1, 15)), 200)
    assert.equal(projectedDeltas(31, '2026-12', Date.UTC(2026, 11, 2)), 961)
    assert.equal(projectedDeltas(0, '2026-11', Date.UTC(2026, 10, 16)), 0)
  })

  test('says nothing on the first day, nor of a month that is over', () => {
    assert.equal(projectedDeltas(5, '2026-11', Date.UTC(2026, 10, 1, 23, 59)), undefined)
    assert.notEqual(projectedDeltas(5, '2026-11', Date.UTC(2026, 10, 30, 23, 59)), undefined)
    assert.equal(projectedDeltas(5, '2026-11', Date.UTC(2026, 11, 1)), undefined)
  })
})

describe('usedPercent', () => {
  test('is whole percent, never rounded up to full, and a start counts', () => {
    assert.equal(usedPercent(0, 100), 0)
    assert.equal(usedPercent(1, 10_000), 1)
    assert.equal(usedPercent(9_999, 10_000), 99)
    assert.equal(usedPercent(150, 100), 150)
    assert.equal(usedPercent(5, null), undefined)
  })
})
