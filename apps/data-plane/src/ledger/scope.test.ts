import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { type ScopeFields, scopeOf } from './scope.ts'

const NOW = Date.parse('2028-02-29T23:59:59.999Z')
const stamp = (text: string) => text as Timestamp
const start = stamp('2030-01-01T00:00:00.000Z')
const end = stamp('2030-02-01T00:00:00.000Z')

describe('scope', () => {
  const good: [fields: ScopeFields, start: string | null, end: string | null][] = [
    [{}, null, null],
    [{ startingCheckpoint: 'a_0' }, null, null],
    [{ at: start }, null, null],
    [{ period: '2028-12' }, '2028-12-01T00:00:00.000Z', '2029-01-01T00:00:00.000Z'],
    [{ period: '2028-02' }, '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    [{ timePreset: 'current_month' }, '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    [{ timePreset: 'custom', startDate: start, endDate: end }, start, end],
    [{ startDate: start, endDate: end }, start, end],
    [{ startDate: start, endDate: start }, start, start],
  ]
  for (const [fields, from, to] of good) {
    it(JSON.stringify(fields), () => assert.deepEqual(scopeOf(fields, NOW), { start: from, end: to }))
  }

  it('every other combination is refused', () => {
    const values = {
      period: '2030-01',
      timePreset: ['current_month', 'custom'],
      startDate: start,
      endDate: end,
      startingCheckpoint: 'a_0',
      at: start,
    } as const
    const presets = [undefined, ...values.timePreset]
    let refused = 0
    for (let bits = 0; bits < 32; bits++) {
      for (const timePreset of presets) {
        const has = (bit: number) => (bits & (1 << bit)) !== 0
        const fields: ScopeFields = {
          ...(has(0) ? { period: values.period } : {}),
          ...(has(1) ? { startDate: values.startDate } : {}),
          ...(has(2) ? { endDate: values.endDate } : {}),
          ...(has(3) ? { startingCheckpoint: values.startingCheckpoint } : {}),
          ...(has(4) ? { at: values.at } : {}),
          ...(timePreset === undefined ? {} : { timePreset }),
        }
        const isGood = good.some(([one]) => isSameKind(one, fields))
        if (isGood) scopeOf(fields, NOW)
        else {
          refused++
          assert.throws(
            () => scopeOf(fields, NOW),
            (error) => error instanceof Problem && error.code === 'INVALID_SCOPE_COMBINATION',
            JSON.stringify(fields),
          )
        }
      }
    }
    assert.equal(refused, 32 * 3 - 7)
  })

  it('a month that is none, and dates the wrong way round, are refused', () => {
    const codeOf = (fields: ScopeFields) => {
      try {
        scopeOf(fields, NOW)
      } catch (error) {
        return error instanceof Problem ? error.code : error
      }
      return undefined
    }
    assert.equal(codeOf({ period: '2028-13' }), 'VALIDATION_ERROR')
    assert.equal(codeOf({ startDate: end, endDate: start }), 'INVALID_SCOPE_COMBINATION')
  })
})

/** The same fields, whatever they say; the preset by its value. */
function isSameKind(a: ScopeFields, b: ScopeFields): boolean {
  return (
    a.timePreset === b.timePreset && Object.keys(a).toSorted().join() === Object.keys(b).toSorted().join()
  )
}
