import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  epochMsOf,
  isPeriod,
  type Period,
  parseTimestamp,
  periodBounds,
  periodOf,
  timestampOf,
} from './timestamp.ts'

const anyEpochMs = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(9999, 11, 1) - 1 })

describe('timestamps', () => {
  it('are ISO 8601 UTC with milliseconds, and there and back is the same instant', () => {
    assert.equal(timestampOf(Date.UTC(2026, 0, 15, 12, 0, 5)), '2026-01-15T12:00:05.000Z')
    fc.assert(fc.property(anyEpochMs, (epochMs) => epochMsOf(timestampOf(epochMs)) === epochMs))
  })

  it('compare as text', () => {
    fc.assert(fc.property(anyEpochMs, anyEpochMs, (a, b) => timestampOf(a) < timestampOf(b) === a < b))
  })

  it('requests may send a date, or a date-time with or without zone', () => {
    for (const [text, instant] of [
      ['2026-01-15', '2026-01-15T00:00:00.000Z'],
      ['2026-01-15T12:00', '2026-01-15T12:00:00.000Z'],
      ['2026-01-15T12:00:05', '2026-01-15T12:00:05.000Z'],
      ['2026-01-15T12:00:05.1', '2026-01-15T12:00:05.100Z'],
      ['2026-01-15T12:00:05.123456789Z', '2026-01-15T12:00:05.123Z'],
      ['2026-01-15T12:00:05z', '2026-01-15T12:00:05.000Z'],
      ['2026-01-15T00:30:00+01:00', '2026-01-14T23:30:00.000Z'],
      ['2026-01-15T00:30:00-0530', '2026-01-15T06:00:00.000Z'],
      ['2024-02-29', '2024-02-29T00:00:00.000Z'],
      ['2026-12-31T23:59:59.999Z', '2026-12-31T23:59:59.999Z'],
    ] as const) {
      assert.equal(parseTimestamp(text), instant, text)
    }
  })

  it('anything else is refused, days that do not exist included', () => {
    for (const text of [
      '',
      'now',
      '2026',
      '2026-1-5',
      '2026-02-30',
      '2025-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-01-15 12:00',
      '2026-01-15T25:00',
      '2026-01-15T12:60',
      '2026-01-15T12:00:61',
      '2026-01-15T12:00:05+25:00',
      '15.01.2026',
      '1768478405',
      '+002026-01-15',
      '2026-01-15T12:00:05.Z',
      '2026-01-15T12:00:05ZZ',
    ]) {
      assert.equal(parseTimestamp(text), undefined, text)
    }
  })
})

describe('periods', () => {
  it('contain exactly the instants from their start up to the next start', () => {
    fc.assert(
      fc.property(anyEpochMs, (epochMs) => {
        const timestamp = timestampOf(epochMs)
        const { start, end } = periodBounds(periodOf(timestamp))
        assert.ok(start <= timestamp && timestamp < end)
        assert.equal(periodOf(start), periodOf(timestamp))
        assert.notEqual(periodOf(end), periodOf(timestamp))
      }),
    )
  })

  it('R22 the last millisecond of a year is of its month, the next one of the next year', () => {
    const december = '2026-12' as Period // is one
    assert.deepEqual(periodBounds(december), {
      start: '2026-12-01T00:00:00.000Z',
      end: '2027-01-01T00:00:00.000Z',
    })
  })

  it('of the first century are of the first century, and the last one ends with the last timestamp', () => {
    const [early, last] = ['0026-12', '9999-12'] as Period[] // are periods
    assert.deepEqual(early && periodBounds(early), {
      start: '0026-12-01T00:00:00.000Z',
      end: '0027-01-01T00:00:00.000Z',
    })
    assert.deepEqual(last && periodBounds(last), {
      start: '9999-12-01T00:00:00.000Z',
      end: '9999-12-31T23:59:59.999Z',
    })
  })

  it('are YYYY-MM', () => {
    for (const text of ['2026-01', '0001-12']) assert.ok(isPeriod(text), text)
    for (const text of ['2026-00', '2026-13', '2026-1', '26-01', '2026-01-01', ' 2026-01', ''])
      assert.ok(!isPeriod(text), text)
  })
})
