import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparisonOf, EMPTY, linkTextOf } from './comparison.ts'

const comparison = {
  ...EMPTY,
  customerId: 'cust:1',
  period: '2026-10',
  theirBalance: '-12.5',
  theirList: 'inv_1,1\ninv_2,Ünïcode\n',
}

test('a link carries a comparison whole, in characters that no address changes', async () => {
  const text = (await linkTextOf(comparison)) ?? assert.fail('it fits')
  assert.match(text, /^[A-Za-z0-9_-]+$/)
  assert.deepEqual(await comparisonOf(text), comparison)
})

test('what does not fit into a link has none', async () => {
  let seed = 1
  const random = () => (seed = (seed * 48_271) % 2_147_483_647)
  const theirList = Array.from({ length: 5_000 }, () => `inv_${random()},${random()}`).join('\n')
  assert.equal(await linkTextOf({ ...comparison, theirList }), undefined)
})

test('a link that was cut, or written by somebody else, is none', async () => {
  const text = (await linkTextOf(comparison)) ?? ''
  for (const bad of [text.slice(0, -8), 'x', '%%%', '']) assert.equal(await comparisonOf(bad), undefined, bad)
})
