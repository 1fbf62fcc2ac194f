import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { filterOf, readDeliverySearch } from './delivery-search.ts'

describe('readDeliverySearch', () => {
  test('keeps what there is and leaves out everything else, whoever wrote the address', () => {
    const whole = { status: 'failed', event: 'delta.verified', page: 3, delivery: 'evt_1' } as const
    assert.deepEqual(readDeliverySearch({ ...whole, other: 'x' }), whole)
    for (const page of [0, 1, -1, 1.5, 'x', Number.POSITIVE_INFINITY, null]) {
      assert.deepEqual(readDeliverySearch({ page }), {}, String(page))
    }
    assert.deepEqual(readDeliverySearch({ page: '2' }), { page: 2 })
    assert.deepEqual(readDeliverySearch({ status: 'lost', event: '', delivery: 7 }), {})
  })
})

describe('filterOf', () => {
  test('the row that is open does not change which are listed', () => {
    assert.deepEqual(
      filterOf({ status: 'failed', delivery: 'evt_1' }),
      filterOf({ status: 'failed', delivery: 'evt_2' }),
    )
    assert.deepEqual(filterOf({}), { status: undefined, event: undefined, page: 1 })
  })
})
