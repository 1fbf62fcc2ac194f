import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Amount } from '@pacspace/api/amount'
import type { Timestamp } from '@pacspace/api/timestamp'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { type LedgerDelta, matchDeltas, type StatedDelta } from './match-deltas.ts'
import { recordIdOf } from './record-id.ts'

const amount = (units: number) => BigInt(units) as Amount // any bigint is one
/** The ledger [reference, amount] …, numbered from 1. */
const ledger = (...deltas: [reference: string | null, units: number][]): LedgerDelta[] =>
  deltas.map(([referenceId, units], i) => ({
    sequenceNumber: i + 1,
    recordId: recordIdOf(i, new Uint8Array(10)),
    referenceId,
    amount: amount(units),
    createdAt: '2030-01-01T00:00:00.000Z' as Timestamp, // has the form of one
  }))
const list = (...deltas: [referenceId: string, units: number][]): StatedDelta[] =>
  deltas.map(([referenceId, units]) => ({ referenceId, delta: amount(units) }))
/** `changed 1 a:10→12`, or with `-` for what is not there. */
function wordsOf({ differences }: ReturnType<typeof matchDeltas>): string[] {
  return differences.map(({ kind, ledger: found, stated }) => {
    const name = stated?.referenceId ?? stated?.recordId ?? '-'
    return `${kind} ${found?.sequenceNumber ?? '-'} ${name}:${found?.amount ?? '-'}→${stated?.delta ?? '-'}`
  })
}

describe('a list held against the ledger', () => {
  it('that is equal, in any order, differs in nothing', () => {
    const matched = matchDeltas(list(['b', 2], ['a', 1], ['b', 3]), ledger(['a', 1], ['b', 3], ['b', 2]))
    assert.deepEqual([...matched.claimed].sort(), [1, 2, 3])
    assert.deepEqual(matched.differences, [])
  })

  const cases: [name: string, list: StatedDelta[], ledger: LedgerDelta[], words: string[]][] = [
    ['nothing listed', list(), ledger(['a', 1]), []],
    ['another amount', list(['a', 12]), ledger(['a', 10]), ['changed 1 a:10→12']],
    ['an unknown reference', list(['z', 12]), ledger(['a', 10]), ['extra - z:-→12']],
    ['listed twice', list(['a', 10], ['a', 10]), ledger(['a', 10]), ['duplicate 1 a:10→10']],
    ['twice in both', list(['a', 10], ['a', 10]), ledger(['a', 10], ['a', 10]), []],
    [
      'once more than in the ledger',
      list(['a', 1], ['a', 1], ['a', 1]),
      ledger(['a', 1], ['a', 1]),
      ['duplicate 1 a:1→1'],
    ],
    [
      'equal amounts find each other first',
      list(['a', 12], ['a', 10]),
      ledger(['a', 10], ['a', 11]),
      ['changed 2 a:11→12'],
    ],
    ['a second amount under a reference', list(['a', 10], ['a', 12]), ledger(['a', 10]), ['extra - a:-→12']],
    ['an unknown one, twice', list(['z', 5], ['z', 5]), ledger(), ['extra - z:-→5', 'duplicate - z:-→5']],
    ['without a reference in the ledger', list(['a', 1]), ledger([null, 1]), ['extra - a:-→1']],
  ]
  for (const [name, stated, deltas, words] of cases) {
    it(name, () => assert.deepEqual(wordsOf(matchDeltas(stated, deltas)), words))
  }

  it('may name recordIds, which name one delta whatever its amount', () => {
    const deltas = ledger(['a', 10], [null, 20], ['b', 30])
    const [first, second, third] = deltas.map(({ recordId }) => recordId)
    assert.ok(first && second && third)
    const unknown = recordIdOf(9, new Uint8Array(10))
    const stated = [
      { recordId: first, delta: amount(10) },
      { recordId: second, delta: amount(21) },
      { recordId: second, delta: amount(22) },
      { recordId: unknown, delta: amount(5) },
      { recordId: unknown, delta: amount(6) },
    ]
    const matched = matchDeltas(stated, deltas)
    assert.deepEqual([...matched.claimed], [1, 2])
    assert.deepEqual(wordsOf(matched), [
      `changed 2 ${second}:20→21`,
      `duplicate 2 ${second}:20→22`,
      `extra - ${unknown}:-→5`,
      `duplicate - ${unknown}:-→6`,
    ])
  })

  it('the same delta by recordId and by reference is listed twice', () => {
    const deltas = ledger(['a', 10])
    const stated = [...list(['a', 10]), { recordId: deltas[0]?.recordId ?? '', delta: amount(10) }]
    assert.deepEqual(wordsOf(matchDeltas(stated, deltas)), ['duplicate 1 a:10→10'])
  })
})

/**
 * The same by other means: counts of equal things. Of each reference, what is in both with equal amounts is matched,
 * the lesser rest is changed, and what is over is missing, or extra and duplicate.
 */
function naive(stated: readonly StatedDelta[], deltas: readonly LedgerDelta[]) {
  const counts = { matched: 0, changed: 0, missing: 0, over: 0 }
  const references = new Set([...stated, ...deltas].map(({ referenceId }) => referenceId ?? null))
  for (const reference of references) {
    const left = deltas.filter((delta) => delta.referenceId === reference).map((delta) => delta.amount)
    const right = stated.filter((one) => one.referenceId === reference).map((one) => one.delta)
    for (const one of [...left]) {
      const at = right.indexOf(one)
      if (at < 0 || reference === null) continue
      right.splice(at, 1)
      left.splice(left.indexOf(one), 1)
      counts.matched++
    }
    const changed = reference === null ? 0 : Math.min(left.length, right.length)
    counts.changed += changed
    counts.missing += left.length - changed
    counts.over += right.length - changed
  }
  return counts
}

it('of random lists agrees with a naive model, and its differences sum up to the difference of the sums', (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  for (let round = 0; round < 3_000; round++) {
    const names = ['a', 'b', 'c', 'd'].slice(0, 1 + random.integer(4))
    const some = () => 1 + random.integer(4)
    const deltas = ledger(
      ...Array.from({ length: random.integer(12) }, (): [string | null, number] => [
        random.pick([...names, null]),
        some(),
      ]),
    )
    const stated = list(
      ...Array.from({ length: random.integer(12) }, (): [string, number] => [random.pick(names), some()]),
    )
    const { claimed, differences } = matchDeltas(stated, deltas)
    const of = (...kinds: string[]) => differences.filter(({ kind }) => kinds.includes(kind)).length
    const missing = deltas.filter(({ sequenceNumber }) => !claimed.has(sequenceNumber))
    const counts = {
      matched: claimed.size - of('changed'),
      changed: of('changed'),
      missing: missing.length,
      over: of('extra', 'duplicate'),
    }
    assert.deepEqual(counts, naive(stated, deltas), `round ${round}`)
    const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n)
    const explained = differences.map(
      ({ kind, ledger: found, stated: one }) =>
        (one?.delta ?? 0n) - (kind === 'changed' ? (found?.amount ?? 0n) : 0n),
    )
    assert.equal(
      sum(stated.map(({ delta }) => delta)) - sum(deltas.map((delta) => delta.amount)),
      sum(explained) - sum(missing.map((delta) => delta.amount)),
      `round ${round}`,
    )
  }
})
