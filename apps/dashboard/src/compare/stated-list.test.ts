import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readList, STATED_MAX } from './stated-list.ts'

const two = {
  ok: true,
  sum: '-149.5',
  deltas: [
    { referenceId: 'inv_1', delta: '-250' },
    { referenceId: 'inv_2', delta: '100.5' },
  ],
}

describe('a pasted list', () => {
  const forms = {
    'CSV without titles': 'inv_1,-250\ninv_2,100.5',
    'CSV with titles in another order':
      'amount,date,referenceId\n-250,2026-01-01,inv_1\n100.50,2026-01-02,inv_2\n',
    'a spreadsheet’s columns': 'Reference\tAmount\r\ninv_1\t-250\r\ninv_2\t100.5\r\n',
    semicolons: 'reference;delta\n\ninv_1;-250\n\ninv_2;+100.5\n\n',
    quotes: '"inv_1","-250"\n"inv_2" , "100.5"',
    'numbers as this dashboard writes them': 'inv_1\t\u2212250\ninv_2\t+100.5',
  }
  for (const [name, text] of Object.entries(forms)) {
    test(name, () => assert.deepEqual(readList(text), two))
  }

  test('an export of a ledger, whose records without a reference go by their recordId', () => {
    const text = `"sequenceNumber","createdAt","delta","balance","reason","referenceId","recordId"
1,"t",-1,-1,"a, ""b""\nc","'=inv","rec_1"
2,"t",1000000000,5,"x",,"rec_2"
`
    assert.deepEqual(readList(text), {
      ok: true,
      sum: '999999999',
      deltas: [
        { referenceId: '=inv', delta: '-1' },
        { recordId: 'rec_2', delta: '1000000000' },
      ],
    })
  })

  test('sums are exact', () => {
    const read = readList('a,0.1\nb,0.2\nc,0.000000000001')
    assert.ok(read.ok)
    assert.equal(read.sum, '0.300000000001')
  })

  test('nothing is an empty list', () => {
    assert.deepEqual(readList(' \n\n'), { ok: true, deltas: [], sum: '0' })
  })

  test('what is not understood is named by its line', () => {
    assert.deepEqual(readList('a,1\n\nb,one'), { ok: false, line: 3, message: '“one” is no amount' })
    assert.deepEqual(readList('a,1\n,2'), { ok: false, line: 2, message: 'has no reference' })
    assert.deepEqual(readList('"a\nb",1\nc,0'), { ok: false, line: 3, message: '“0” is no amount' })
    assert.deepEqual(readList('a'), { ok: false, line: 1, message: '“” is no amount' })
  })

  test('the longest that a comparison takes is read, one more is refused', () => {
    const lines = Array.from({ length: STATED_MAX }, (_, i) => `r${i},1`)
    assert.ok(readList(lines.join('\n')).ok)
    const more = readList([...lines, 'x,1'].join('\n'))
    assert.deepEqual([more.ok, more.ok || more.line], [false, STATED_MAX + 1])
  })
})
