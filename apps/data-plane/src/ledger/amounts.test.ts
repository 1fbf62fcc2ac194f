import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Amount,
  addAmounts,
  amountOf,
  amountOfNumeric,
  formatAmount,
  parseDelta,
  ZERO,
} from '@pacspace/api/amount'
import { type SeededRandom, seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'

const SCRIPT = fileURLToPath(new URL('testdata/amounts.py', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

/** What Python answers, one line for each; undefined, and said so, where there is none. */
function askPython(
  t: TestContext,
  mode: 'literals' | 'sums',
  lines: readonly string[],
): string[] | undefined {
  if (!hasPython) {
    t.diagnostic('no python3 here: compared with SQL alone')
    return undefined
  }
  const options = { input: lines.join('\n'), encoding: 'utf8', maxBuffer: 2 ** 28 } as const
  const run = spawnSync('python3', [SCRIPT, mode], options)
  assert.equal(run.status, 0, run.stderr)
  return run.stdout.trimEnd().split('\n')
}

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

/** Any delta that is accepted: every size, every number of decimals. */
function randomDelta(random: SeededRandom): string {
  const integer = String(random.integer(10 ** random.integer(10)))
  const digits = String(random.integer(10 ** 6)).padStart(6, '0') + String(random.integer(10 ** 6))
  const fraction = `${digits.slice(0, random.integer(12))}${1 + random.integer(9)}`
  return `${random.pick(['', '-'])}${integer}.${fraction}`
}

const DELTAS = 1_000_000
const CHECKPOINTS = 50
const A_STATEMENT = 100_000

it('R17 the sum of 10⁶ random deltas is the same in JavaScript, SQL and Python, from any checkpoint on', async (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  const literals = Array.from({ length: DELTAS }, () => randomDelta(random))
  const checkpoints = Array.from({ length: CHECKPOINTS }, () => 1 + random.integer(DELTAS)).sort(
    (a, b) => a - b,
  )

  // By replay, as the ledger keeps its running balance.
  let balance = ZERO
  const wanted = new Set(checkpoints)
  const balanceAt = new Map<number, Amount>()
  for (const [i, literal] of literals.entries()) {
    balance = addAmounts(balance, amountOf(literal))
    if (wanted.has(i + 1)) balanceAt.set(i + 1, balance)
  }

  // In SQL: the sum of each stretch between checkpoints, by numeric.
  const inSql = new Map<number, Amount>()
  let sqlBalance = ZERO
  for (let from = 0; from < DELTAS; from += A_STATEMENT) {
    const inside = checkpoints.filter((n) => n > from && n <= from + A_STATEMENT)
    const { rows } = await plane.owner.query<{ n: number; sum: string }>(
      `select e.n::int, sum(a.amount) filter (where a.n <= e.n)::text as sum
         from unnest($2::int[]) as e (n)
        cross join unnest(string_to_array($1, ' ')::numeric[]) with ordinality as a (amount, n)
        group by e.n`,
      [
        literals.slice(from, from + A_STATEMENT).join(' '),
        [...new Set([...inside.map((n) => n - from), Math.min(A_STATEMENT, DELTAS - from)])],
      ],
    )
    for (const { n, sum } of rows) inSql.set(from + n, addAmounts(sqlBalance, amountOfNumeric(sum)))
    sqlBalance = inSql.get(Math.min(from + A_STATEMENT, DELTAS)) ?? assert.fail()
  }
  assert.equal(formatAmount(sqlBalance), formatAmount(balance))
  for (const n of checkpoints) assert.equal(inSql.get(n), balanceAt.get(n), `after ${n}`)

  const answers = askPython(t, 'sums', [checkpoints.join(' '), ...literals])
  if (answers === undefined) return
  const expected = [balance, ...checkpoints.map((n) => balanceAt.get(n) ?? ZERO)].map(formatAmount)
  assert.deepEqual(answers, expected)
})

const LITERALS: readonly [literal: string, canonical: string][] = [
  ['0.1', '0.1'],
  ['0.2', '0.2'],
  ['999999999.999999', '999999999.999999'],
  ['-999999999.999999999999', '-999999999.999999999999'],
  ['1000000000', '1000000000'],
  ['1000000000.000000000001', 'refused'],
  ['0.000000000001', '0.000000000001'],
  ['1e-12', '0.000000000001'],
  ['1e-18', 'refused'],
  ['10e-13', '0.000000000001'],
  ['1.50', '1.5'],
  ['1e9', '1000000000'],
  ['1E+2', '100'],
  ['0', 'refused'],
  ['-0', 'refused'],
  ['-0.0', 'refused'],
  ['1e400', 'refused'],
  ['NaN', 'refused'],
  ['Infinity', 'refused'],
  ['-Infinity', 'refused'],
  ['1,5', 'refused'],
  ['', 'refused'],
  [' 1', 'refused'],
  ['+1', 'refused'],
  ['01', 'refused'],
  ['.5', 'refused'],
  ['5.', 'refused'],
  ['0x10', 'refused'],
  ['1_000', 'refused'],
  ['١', 'refused'],
  ['123456789012345678901234567890', 'refused'],
  ['0.123456789012345678901234567890', 'refused'],
  [`1.${'0'.repeat(30)}`, '1'],
]

it('R18 a literal is the same exact decimal, or refused, in JavaScript, SQL and Python', async (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  const characters = ['0', '1', '9', '5', '.', '-', 'e', 'E', '+', '00', 'e-', '12']
  const made = Array.from({ length: 20_000 }, () =>
    random.integer(2) === 0
      ? Array.from({ length: 1 + random.integer(9) }, () => random.pick(characters)).join('')
      : `${randomDelta(random)}${random.pick(['', '', 'e1', 'e-1', 'E+3', 'e-3'])}`,
  )
  const literals = [...LITERALS.map(([literal]) => literal), ...made]
  const answers = literals.map((literal) => {
    const result = parseDelta(literal)
    return result.ok ? formatAmount(result.amount) : 'refused'
  })
  assert.deepEqual(
    answers.slice(0, LITERALS.length),
    LITERALS.map(([, canonical]) => canonical),
  )
  const accepted = answers.flatMap((answer, i) =>
    answer === 'refused' ? [] : [{ answer, literal: literals[i] }],
  )
  assert.ok(accepted.length > 5_000 && answers.length - accepted.length > 5_000, 'both kinds, many of each')
  const { rows } = await plane.owner.query<{ text: string }>(
    `select trim_scale(literal::numeric)::text as text
       from unnest($1::text[]) with ordinality as l (literal, n) order by n`,
    [accepted.map(({ literal }) => literal)],
  )
  assert.deepEqual(
    rows.map(({ text }) => text),
    accepted.map(({ answer }) => answer),
  )
  const python = askPython(t, 'literals', literals)
  if (python !== undefined) assert.deepEqual(python, answers)
})
