import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EMPTY } from './comparison.ts'
import { prepare } from './run-comparison.ts'

const good = { ...EMPTY, customerId: 'c', theirBalance: '5' }

describe('a comparison', () => {
  test('of a balance alone takes the ledger for your side', () => {
    assert.deepEqual(prepare(good), {
      yours: { balance: undefined, deltas: undefined },
      theirs: { balance: '5', deltas: undefined },
    })
  })

  test('of a list without a balance takes its sum', () => {
    const prepared = prepare({ ...good, theirBalance: '', theirList: 'a,0.1\nb,0.2' })
    assert.ok('theirs' in prepared)
    assert.equal(prepared.theirs.balance, '0.3')
    assert.equal(prepared.theirs.deltas?.length, 2)
  })

  test('takes balances as the dashboard writes them', () => {
    const prepared = prepare({ ...good, yourBalance: '\u22121\u202f250.5' })
    assert.ok('yours' in prepared)
    assert.equal(prepared.yours.balance, '-1250.5')
  })

  const refused = {
    customerId: { ...good, customerId: '' },
    yourBalance: { ...good, yourBalance: 'much' },
    theirBalance: { ...good, theirBalance: '' },
    yourList: { ...good, yourList: 'a,b' },
    theirList: { ...good, theirList: 'a,1\nb' },
  }
  for (const [field, comparison] of Object.entries(refused)) {
    test(`that cannot be made names ${field}`, () => {
      const prepared = prepare(comparison)
      assert.equal('field' in prepared && prepared.field, field)
    })
  }
})
