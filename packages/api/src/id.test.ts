import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { isId, newId } from './id.ts'

it('an id is its prefix and 26 characters of 5 random bits each', () => {
  assert.equal(
    newId('usr', (length) => new Uint8Array(length)),
    `usr_${'0'.repeat(26)}`,
  )
  assert.equal(
    newId('tnt', (length) => new Uint8Array(length).fill(255)),
    `tnt_${'z'.repeat(26)}`,
  )
  const counted = newId('rec', (length) => Uint8Array.from({ length }, (_, i) => i))
  assert.equal(counted, 'rec_0123456789abcdefghjkmnpqrs')
})

it('every bit of every byte that counts changes the id', () => {
  const ids = new Set<string>()
  for (let position = 0; position < 26; position++) {
    for (let bit = 0; bit < 5; bit++) {
      ids.add(newId('key', (length) => new Uint8Array(length).fill(1 << bit, position, position + 1)))
    }
  }
  assert.equal(ids.size, 26 * 5)
})

it('isId looks at prefix and form', () => {
  const id = newId('usr', randomBytes)
  assert.ok(isId('usr', id))
  assert.ok(!isId('tnt', id))
  for (const text of [
    '',
    'usr_',
    `${id}0`,
    id.slice(0, -1),
    id.toUpperCase(),
    `x${id}`,
    `${id}\n`,
    id.replace('_', '-'),
  ]) {
    assert.ok(!isId('usr', text), JSON.stringify(text))
  }
})

it('the same seed makes the same ids, another one others: a run can be replayed', () => {
  const seed = testSeed()
  const idsOf = (from: number) => {
    const { bytes } = seededRandom(from)
    return Array.from({ length: 1_000 }, () => newId('rec', bytes))
  }
  const ids = idsOf(seed)
  assert.deepEqual(idsOf(seed), ids, `seed ${seed}`)
  assert.equal(new Set([...ids, ...idsOf(seed + 1)]).size, 2_000, `seed ${seed}`)
})
