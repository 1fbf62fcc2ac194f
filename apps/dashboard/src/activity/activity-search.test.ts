import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFiltered, queryOf, readActivitySearch } from './activity-search.ts'

describe('readActivitySearch', () => {
  test('keeps what there is and leaves out everything else, whoever wrote the address', () => {
    const whole = {
      action: 'key.created',
      actor: 'usr_1',
      target: 'key_1',
      in: 'production',
      from: '2026-11-01',
      to: '2026-11-30',
      page: 2,
      entry: 'aud_1',
    }
    assert.deepEqual(readActivitySearch({ ...whole, more: 1 }), whole)
    const wrong = {
      action: 'key.eaten',
      actor: 7,
      in: 'moon',
      from: '2026-13-01',
      to: 'x',
      page: 0,
      entry: '',
    }
    assert.deepEqual(readActivitySearch(wrong), {})
  })
})

describe('queryOf', () => {
  test('the last day counts whole, since the end that the server takes is exclusive', () => {
    const { startDate, endDate } = queryOf({ from: '2026-11-01', to: '2026-11-30' })
    assert.equal(startDate, '2026-11-01T00:00:00.000Z')
    assert.equal(endDate, '2026-12-01T00:00:00.000Z')
  })

  test('page and open entry are no filter', () => {
    assert.equal(isFiltered({ page: 3, entry: 'aud_1' }), false)
    assert.equal(isFiltered({ target: 'key_1' }), true)
    assert.deepEqual(queryOf({}), { page: 1, limit: 25 })
  })
})
