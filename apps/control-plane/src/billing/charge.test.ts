import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Amount, amountOf, formatAmount } from '@pacspace/api/amount'
import { plans, type Tier } from '@pacspace/api/plan'
import type { Period, Timestamp } from '@pacspace/api/timestamp'
import {
  amountOfCents,
  centsOf,
  chargedPlan,
  chargeLines,
  overageOf,
  roundedToCents,
  totalOf,
} from './charge.ts'

const MARCH = '2026-03' as Period

/** `since` as a date of 2026 or a whole instant. */
function held(...spells: [since: string, tier: Tier, allotment?: number][]) {
  return spells.map(([since, tier, monthlyAllotment = null]) => ({
    since: (since.length > 5 ? since : `2026-${since}T00:00:00.000Z`) as Timestamp,
    tier,
    monthlyAllotment,
  }))
}

describe('the plan that a month is charged by', () => {
  const cases: [name: string, changes: ReturnType<typeof held>, tier: Tier][] = [
    ['the one held all the time', held(['01-05', 'pilot']), 'pilot'],
    ['none: Free', [], 'free'],
    ['none yet: Free', held(['04-01', 'scale']), 'free'],
    ['the highest of several', held(['01-01', 'free'], ['03-10', 'growth'], ['03-20', 'pilot']), 'growth'],
    ['cancelled in it', held(['01-01', 'starter'], ['03-02', 'free']), 'starter'],
    ['cancelled as it began', held(['01-01', 'starter'], ['03-01', 'free']), 'free'],
    ['taken in its last millisecond', held(['2026-03-31T23:59:59.999Z', 'pilot']), 'pilot'],
    ['taken as the next month began', held(['04-01', 'pilot']), 'free'],
    ['held for no time', held(['03-05', 'scale'], ['03-05', 'pilot']), 'scale'],
  ]
  for (const [name, changes, tier] of cases)
    test(name, () => assert.equal(chargedPlan(changes, MARCH).tier, tier))

  test('carries the newest allotment granted on it', () => {
    const changes = held(['01-01', 'pilot', 20_000], ['03-05', 'pilot', 30_000], ['03-09', 'free', 50])
    assert.deepEqual(chargedPlan(changes, MARCH), { ...plans.pilot, monthlyAllotment: 30_000 })
  })
})

describe('overage', () => {
  test('begins above the allotment, and is exact to the last digit', () => {
    const cases: [Tier, consumed: number, count: number, charges: string][] = [
      ['pilot', 10_000, 0, '0'],
      ['pilot', 10_001, 1, '0.02'],
      ['starter', 100_003, 3, '0.036'],
      ['growth', 500_007, 7, '0.07'],
      ['scale', 2_000_001, 1, '0.008'],
      ['scale', 1_002_000_000, 1_000_000_000, '8000000'],
      ['free', 5_000, 0, '0'],
      ['enterprise', 5_000_000, 0, '0'],
    ]
    for (const [tier, consumed, count, charges] of cases) {
      const overage = overageOf(plans[tier], consumed)
      assert.deepEqual([overage.count, formatAmount(overage.chargesUsd)], [count, charges], tier)
    }
  })
})

describe('the lines of an invoice', () => {
  const linesOf = (tier: Tier, consumed: number) =>
    chargeLines(plans[tier], MARCH, consumed).map(({ description, quantity, unitPriceUsd, amountUsd }) => [
      description,
      quantity,
      formatAmount(unitPriceUsd),
      formatAmount(amountUsd),
    ])

  test('the plan, and what was used above it', () => {
    assert.deepEqual(linesOf('pilot', 10_000), [['Pilot plan, 2026-03', 1, '1000', '1000']])
    assert.deepEqual(linesOf('scale', 2_000_007), [
      ['Scale plan, 2026-03', 1, '15000', '15000'],
      ['Verified deltas above 2000000, 2026-03', 7, '0.008', '0.06'],
    ])
  })

  test('none on Free, and none by contract', () => {
    assert.deepEqual([linesOf('free', 100), linesOf('enterprise', 9_000_000)], [[], []])
  })

  test('sum up exactly', () => {
    const lines = chargeLines(plans.starter, MARCH, 123_456)
    assert.equal(formatAmount(totalOf(lines)), '3281.47') // 3000 + 23,456 × 0.012 = 281.472
  })
})

describe('cents', () => {
  test('half a cent is rounded up, less is not', () => {
    const cases: [string, string, number][] = [
      ['0', '0', 0],
      ['0.004999999999', '0', 0],
      ['0.005', '0.01', 1],
      ['0.014999999999', '0.01', 1],
      ['15000.015', '15000.02', 1_500_002],
      ['999999999999.99', '999999999999.99', 99_999_999_999_999],
    ]
    for (const [amount, rounded, cents] of cases) {
      const exact: Amount = amountOf(amount)
      assert.deepEqual([formatAmount(roundedToCents(exact)), centsOf(exact)], [rounded, cents])
      assert.equal(formatAmount(amountOfCents(cents)), rounded)
    }
  })
})
