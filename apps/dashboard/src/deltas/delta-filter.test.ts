import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isNarrowed, readDeltaSearch } from './delta-filter.ts'

const nothing = {
  customerId: undefined,
  status: undefined,
  search: undefined,
  before: undefined,
  open: undefined,
}

describe('the address of the list of deltas', () => {
  it('gives every part that it names', () => {
    const search = { customerId: 'acme', status: 'FAILED', search: 'inv_1', before: 'a_12', open: 'rec_1' }
    assert.deepEqual(readDeltaSearch(search), search)
  })

  it('gives ids that look like numbers or truth values as the texts that they are', () => {
    assert.equal(readDeltaSearch({ customerId: 42 }).customerId, '42')
    assert.equal(readDeltaSearch({ customerId: true }).customerId, 'true')
  })

  it('leaves out what it may not say, so that no request is made of it', () => {
    const search = {
      customerId: ['a'],
      status: 'verified',
      search: '',
      before: 'a_-1',
      open: { a: 1 },
      page: 7,
    }
    assert.deepEqual(readDeltaSearch(search), nothing)
    assert.deepEqual(readDeltaSearch({ before: 'a_12345678901234567' }), nothing)
  })

  it('is narrowed by customer, status and search alone', () => {
    assert.equal(isNarrowed(readDeltaSearch({ before: 'a_1', open: 'rec_1' })), false)
    for (const one of [{ customerId: 'a' }, { status: 'QUEUED' }, { search: 'x' }]) {
      assert.equal(isNarrowed(readDeltaSearch(one)), true)
    }
  })
})
