import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf, formatAmount } from '@pacspace/api/amount'
import {
  COMPARED_DELTAS_MAX,
  compareBalances,
  NAMED_DISCREPANCIES_MAX,
} from '@pacspace/api/definition/compare'
import { deriveBalance, emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import type { EndpointData } from '@pacspace/api/endpoint'
import type { ProblemCode } from '@pacspace/api/problem'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

type Compared = EndpointData<typeof compareBalances>
type Emitted = EndpointData<typeof emitDelta>

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const balances = { yourBalance: 0, theirBalance: 0 }
const compare = (customerId: string, body: object): Promise<Compared> =>
  plane.client.succeed(compareBalances, { key: tenant.key, body: { customerId, ...balances, ...body } })
const refuse = (code: ProblemCode, body: object) =>
  plane.client.refuse(compareBalances, code, { key: tenant.key, body })
const emit = (customerId: string, delta: number | string, referenceId?: string): Promise<Emitted> =>
  plane.client.succeed(emitDelta, {
    key: tenant.key,
    body: { customerId, delta, reason: 'x', ...(referenceId && { referenceId }) },
  })
async function emitAll(customerId: string, deltas: readonly (readonly [string, number | string])[]) {
  for (let from = 0; from < deltas.length; from += 1_000) {
    const body = {
      deltas: deltas.slice(from, from + 1_000).map(([referenceId, delta]) => ({
        customerId,
        delta,
        reason: 'x',
        referenceId,
      })),
    }
    await plane.client.succeed(emitBatch, { key: tenant.key, body })
  }
}
/** `yours changed 2 inv_2 20→21`, with `-` for null. */
const wordsOf = ({ discrepancies }: Compared) =>
  discrepancies.map((one) => {
    const amount = (value: Compared['neutralBalance'] | null) => (value === null ? '-' : formatAmount(value))
    const name = one.referenceId ?? one.recordId
    return `${one.side} ${one.kind} ${one.sequenceNumber ?? '-'} ${name} ${amount(one.neutralAmount)}→${amount(one.statedAmount)}`
  })

describe('two balances', () => {
  let emitted: Emitted[]
  before(async () => {
    emitted = [await emit('cust', '0.1', 'inv_1'), await emit('cust', '0.2', 'inv_2'), await emit('cust', 40)]
    await plane.verifyAll()
    await emit('cust', 1_000)
  })

  const verdicts: [yours: string, theirs: string, verdict: string, differences: [string, string]][] = [
    ['40.3', '40.3', 'agreed', ['0', '0']],
    ['40.3', '40.300000000001', 'theirs_differs', ['0', '0.000000000001']],
    ['-40.3', '40.3', 'yours_differs', ['-80.6', '0']],
    ['40', '41', 'both_differ', ['-0.3', '0.7']],
  ]
  for (const [yourBalance, theirBalance, verdict, differences] of verdicts) {
    it(`${yourBalance} and ${theirBalance}: ${verdict}, exact to the last digit, every field`, async () => {
      const before = await ledgerRows(plane.owner)
      assert.deepEqual(await compare('cust', { yourBalance, theirBalance }), {
        customerId: 'cust',
        startingBalance: 0n,
        neutralBalance: amountOf('40.3'),
        yourBalance: amountOf(yourBalance),
        theirBalance: amountOf(theirBalance),
        matchesYours: differences[0] === '0',
        matchesTheirs: differences[1] === '0',
        yourDifference: amountOf(differences[0]),
        theirDifference: amountOf(differences[1]),
        verdict,
        deltasCount: 3,
        latestReceiptId: emitted[2]?.receiptId,
        discrepancies: [],
        discrepanciesCount: 0,
        divergence: null,
        theirReceipt: null,
      })
      assert.deepEqual(await ledgerRows(plane.owner), before)
    })
  }

  it('are compared from a checkpoint on, with its balance as the starting one', async () => {
    const [first] = emitted
    assert.ok(first)
    for (const startingCheckpoint of [first.receiptId, first.anchorId, first.recordId]) {
      const answer = await compare('cust', {
        startingCheckpoint,
        startingBalance: '0.1',
        yourBalance: '40.3',
        theirBalance: '40.3',
      })
      assert.deepEqual([answer.verdict, answer.deltasCount], ['agreed', 2])
    }
  })

  it('of a customer with only pending deltas are compared with nothing', async () => {
    await emit('pending', 5)
    const answer = await compare('pending', { startingBalance: 2, yourBalance: 2, theirBalance: 7 })
    assert.deepEqual(
      [answer.verdict, answer.neutralBalance, answer.deltasCount, answer.latestReceiptId],
      ['theirs_differs', amountOf('2'), 0, null],
    )
  })
})

describe('lists', () => {
  let emitted: Emitted[]
  before(async () => {
    emitted = []
    for (const [delta, reference] of [
      [10, 'inv_1'],
      [20, 'inv_2'],
      [30, 'inv_3'],
      [-5, undefined],
    ] as const)
      emitted.push(await emit('lists', delta, reference))
    await plane.verifyAll()
    await emit('lists', 99, 'inv_pending')
  })
  const complete = () => [
    { referenceId: 'inv_1', delta: 10 },
    { referenceId: 'inv_2', delta: 20 },
    { referenceId: 'inv_3', delta: '30' },
    { recordId: emitted[3]?.recordId, delta: -5 },
  ]

  it('that hold everything differ in nothing', async () => {
    const answer = await compare('lists', { yourDeltas: complete(), theirDeltas: complete().reverse() })
    assert.deepEqual([answer.discrepancies, answer.discrepanciesCount, answer.divergence], [[], 0, null])
  })

  it('name each delta in which they differ, every field, and where histories part', async () => {
    const answer = await compare('lists', {
      yourDeltas: [...complete().slice(0, 1), { referenceId: 'inv_2', delta: 21 }, ...complete().slice(3)],
      theirDeltas: [...complete(), { referenceId: 'inv_1', delta: 10 }, { referenceId: 'new', delta: 1 }],
    })
    const found = ({ referenceId, recordId, sequenceNumber, createdAt }: Emitted) => ({
      referenceId,
      recordId,
      sequenceNumber,
      time: createdAt,
    })
    const [first, second, third] = emitted
    assert.ok(first && second && third)
    assert.deepEqual(answer.discrepancies, [
      {
        kind: 'changed',
        side: 'yours',
        ...found(second),
        neutralAmount: amountOf('20'),
        statedAmount: amountOf('21'),
      },
      { kind: 'missing', side: 'yours', ...found(third), neutralAmount: amountOf('30'), statedAmount: null },
      {
        kind: 'duplicate',
        side: 'theirs',
        ...found(first),
        neutralAmount: null,
        statedAmount: amountOf('10'),
      },
      {
        kind: 'extra',
        side: 'theirs',
        referenceId: 'new',
        recordId: null,
        sequenceNumber: null,
        neutralAmount: null,
        statedAmount: amountOf('1'),
        time: null,
      },
    ])
    assert.deepEqual([answer.discrepanciesCount, answer.divergence], [4, 2])
  })

  it('that hold more part after the end, an empty one at the first delta, an absent one nowhere', async () => {
    const more = await compare('lists', { theirDeltas: [...complete(), { referenceId: 'new', delta: 1 }] })
    assert.equal(more.divergence, 5)
    const empty = await compare('lists', { yourDeltas: [] })
    assert.deepEqual([empty.divergence, empty.discrepanciesCount], [1, 4])
    assert.deepEqual(wordsOf(empty)[0], 'yours missing 1 inv_1 10→-')
  })

  it('know nothing of what is pending, of another customer or of another tenant', async () => {
    const other = await emit('lists_other', 7, 'inv_1')
    const stranger = await plane.newTenant()
    const foreign = await plane.client.succeed(emitDelta, {
      key: stranger.key,
      body: { customerId: 'lists', delta: 10, reason: 'x', referenceId: 'inv_foreign' },
    })
    await plane.verifyAll()
    const strange = [
      { recordId: other.recordId, delta: 7 },
      { recordId: foreign.recordId, delta: 10 },
      { referenceId: 'inv_foreign', delta: 10 },
      { recordId: 'rec_nonsense', delta: 1 },
    ]
    const pendingNow = (await compare('lists', { yourDeltas: complete() })).deltasCount
    assert.equal(pendingNow, 5, 'verified meanwhile')
    const answer = await compare('lists', {
      yourDeltas: [...complete(), { referenceId: 'inv_pending', delta: 99 }, ...strange],
    })
    assert.deepEqual(
      answer.discrepancies.map(({ kind, time }) => [kind, time]),
      strange.map(() => ['extra', null]),
    )
    await plane.client.refuse(compareBalances, 'CUSTOMER_NOT_FOUND', {
      key: stranger.key,
      body: { customerId: 'lists_other', ...balances },
    })
  })

  it('are held against the scope alone', async () => {
    const scoped = await compare('lists', {
      startingCheckpoint: emitted[1]?.receiptId,
      yourDeltas: complete(),
    })
    assert.deepEqual(wordsOf(scoped), [
      'yours missing 5 inv_pending 99→-',
      'yours extra - inv_1 -→10',
      'yours extra - inv_2 -→20',
    ])
    assert.equal(scoped.divergence, 5)
  })
})

describe('a receipt that they hold', () => {
  it('names the history they have: it parts where ours goes on, and not where it ends with ours', async () => {
    const receipts = []
    for (const delta of [1, 2, 3]) receipts.push((await emit('receipts', delta)).receiptId)
    await plane.verifyAll()
    for (const [i, theirReceiptId] of receipts.entries()) {
      const { theirReceipt, divergence } = await compare('receipts', { theirReceiptId })
      assert.deepEqual(theirReceipt, { known: true, sequenceNumber: i + 1 })
      assert.equal(divergence, i === 2 ? null : i + 2)
    }
    const pending = await emit('receipts', 4)
    const ahead = await compare('receipts', { theirReceiptId: pending.receiptId })
    assert.deepEqual([ahead.theirReceipt, ahead.divergence], [{ known: true, sequenceNumber: 4 }, null])
  })

  it("that is unknown, or another customer's, is said to be; nobody can say where it parts", async () => {
    const other = await emit('receipts_other', 1)
    await plane.verifyAll()
    for (const theirReceiptId of [`0x${'ab'.repeat(32)}`, other.receiptId]) {
      const { theirReceipt, divergence } = await compare('receipts', { theirReceiptId })
      assert.deepEqual([theirReceipt, divergence], [{ known: false, sequenceNumber: null }, null])
    }
  })

  it('and a list: the earlier parting counts', async () => {
    const receipt = await emit('both', 1, 'r1')
    await emit('both', 2, 'r2')
    await plane.verifyAll()
    const body = { theirReceiptId: receipt.receiptId, theirDeltas: [{ referenceId: 'r1', delta: 9 }] }
    assert.equal((await compare('both', body)).divergence, 1)
  })
})

it('lists of random histories agree with a naive count, and explain the difference of the balances', async (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  for (let round = 0; round < 8; round++) {
    const customerId = `random_${round}`
    const name = () => `ref_${random.integer(20)}`
    const cents = () => `${1 + random.integer(9)}.${1 + random.integer(9)}`
    const deltas = Array.from({ length: 1 + random.integer(60) }, (): [string, string] => [name(), cents()])
    // Equal deltas under one reference are replays: the ledger holds each once.
    const unique = [...new Map(deltas.map((delta) => [delta.join(' '), delta])).values()]
    await emitAll(customerId, deltas)
    await plane.verifyAll()
    const listed = unique
      .filter(() => random.integer(5) > 0)
      .map(([reference, delta]): [string, string] => [reference, random.integer(5) > 0 ? delta : cents()])
    for (let i = random.integer(5); i > 0; i--) listed.push([name(), cents()])
    const sum = (list: readonly (readonly [string, string])[]) =>
      list.reduce((total, [, delta]) => total + amountOf(delta), 0n)
    const answer = await compare(customerId, {
      yourBalance: formatAmount(sum(listed) as Compared['yourBalance']), // a sum of amounts
      yourDeltas: listed.map(([referenceId, delta]) => ({ referenceId, delta })),
    })
    const explained = answer.discrepancies.reduce(
      (total, one) => total + (one.statedAmount ?? 0n) - (one.neutralAmount ?? 0n),
      0n,
    )
    assert.equal(answer.yourDifference, explained, `round ${round}`)
    assert.equal(answer.neutralBalance, sum(unique))
    const inBoth = new Map<string, number>()
    for (const one of listed) inBoth.set(one.join(' '), (inBoth.get(one.join(' ')) ?? 0) + 1)
    const matched = unique.filter((one) => inBoth.has(one.join(' '))).length
    const kinds = (...wanted: string[]) =>
      answer.discrepancies.filter(({ kind }) => wanted.includes(kind)).length
    assert.equal(matched + kinds('changed', 'missing'), unique.length, `round ${round}`)
    assert.equal(matched + kinds('changed', 'extra', 'duplicate'), listed.length, `round ${round}`)
  }
})

describe('limits', () => {
  const listOf = (length: number) => Array.from({ length }, (_, i) => ({ referenceId: `r${i}`, delta: 1 }))

  it('a list may hold 10,000 deltas and no more; the first 5,000 discrepancies are named, all are counted', async () => {
    await emit('limits', 1, 'r0')
    await plane.verifyAll()
    const answer = await compare('limits', { yourDeltas: listOf(COMPARED_DELTAS_MAX) })
    assert.equal(answer.discrepanciesCount, COMPARED_DELTAS_MAX - 1)
    assert.equal(answer.discrepancies.length, NAMED_DISCREPANCIES_MAX)
    assert.equal(answer.discrepancies[0]?.referenceId, 'r1')
    await refuse('VALIDATION_ERROR', {
      customerId: 'limits',
      ...balances,
      yourDeltas: listOf(COMPARED_DELTAS_MAX + 1),
    })
  })

  it('of a list that lacks more than can be named, the first ones of the ledger are named', async () => {
    await emitAll(
      'lacking',
      Array.from({ length: NAMED_DISCREPANCIES_MAX + 100 }, (_, i) => [`r${i}`, 1]),
    )
    await plane.verifyAll()
    const { discrepancies, discrepanciesCount, divergence } = await compare('lacking', {
      theirDeltas: listOf(50),
    })
    assert.deepEqual([discrepanciesCount, divergence], [NAMED_DISCREPANCIES_MAX + 50, 51])
    assert.deepEqual(
      discrepancies.map(({ kind, sequenceNumber }) => [kind, sequenceNumber]),
      Array.from({ length: NAMED_DISCREPANCIES_MAX }, (_, i) => ['missing', 51 + i]),
    )
  })
})

describe('R22 a scope', () => {
  it('holds what derive holds', async () => {
    for (const [instant, delta] of [
      ['2031-01-31T23:59:59.999Z', 1],
      ['2031-02-01T00:00:00.000Z', 2],
      ['2031-03-01T00:00:00.000Z', 4],
    ] as const) {
      await stopTimeAt(plane, instant)
      await emit('scope', delta, `ref_${delta}`)
    }
    await plane.verifyAll()
    const scopes: object[] = [
      {},
      { period: '2031-02' },
      { timePreset: 'current_month' },
      { timePreset: 'custom', startDate: '2031-01-31T23:59:59.999Z', endDate: '2031-03-01' },
      { startDate: '2031-02-01', endDate: '2031-02-01' },
      { at: '2031-02-01T00:00:00Z' },
      { period: '2033-01' },
    ]
    for (const scope of scopes) {
      const derived = await plane.client.succeed(deriveBalance, {
        key: tenant.key,
        params: { customerId: 'scope' },
        query: { ...scope },
      })
      const answer = await compare('scope', { ...scope, yourDeltas: [] })
      assert.deepEqual(
        [answer.neutralBalance, answer.deltasCount, answer.latestReceiptId],
        [derived.computedBalance, derived.deltasCount, derived.latestReceiptId],
        JSON.stringify(scope),
      )
      assert.deepEqual(
        answer.discrepancies.map(({ sequenceNumber }) => sequenceNumber),
        derived.deltas.map(({ sequenceNumber }) => sequenceNumber),
      )
    }
  })
})

describe('a comparison is refused', () => {
  it('for an unknown customer, and for an unknown checkpoint', async () => {
    await refuse('CUSTOMER_NOT_FOUND', { customerId: 'nobody', ...balances })
    await refuse('NOT_FOUND', { customerId: 'cust', ...balances, startingCheckpoint: 'a_999999' })
  })

  it('for scopes that cannot be combined, before anything is looked for', async () => {
    for (const scope of [
      { period: '2031-01', startDate: '2031-01-01' },
      { startDate: '2031-01-01' },
      { startingCheckpoint: 'a_0', period: '2031-01' },
      { at: '2031-01-01', period: '2031-01' },
    ]) {
      await refuse('INVALID_SCOPE_COMBINATION', { customerId: 'nobody', ...balances, ...scope })
    }
  })

  it('for bad fields, naming the item of a list', async () => {
    const good = { customerId: 'cust', ...balances }
    const bad: object[] = [
      {},
      { ...good, yourBalance: undefined },
      { ...good, theirBalance: 'x' },
      { ...good, yourBalance: '0.0000000000001' },
      { ...good, neutralBalance: 1 },
      { ...good, customerId: 'a b' },
      { ...good, theirReceiptId: '0x12' },
      { ...good, yourDeltas: {} },
      { ...good, yourDeltas: [{ referenceId: 'x' }] },
      { ...good, yourDeltas: [{ referenceId: 'x', delta: 0 }] },
      { ...good, yourDeltas: [{ referenceId: '', delta: 1 }] },
      { ...good, theirDeltas: [{ referenceId: 'x', delta: 1, reason: 'x' }] },
    ]
    for (const body of bad) await refuse('VALIDATION_ERROR', body)
    for (const item of [{ delta: 1 }, { referenceId: 'x', recordId: 'rec_1', delta: 1 }]) {
      const { details } = await refuse('VALIDATION_ERROR', {
        ...good,
        theirDeltas: [{ referenceId: 'x', delta: 1 }, item],
      })
      assert.deepEqual(
        details.map(({ path }) => path),
        ['/theirDeltas/1'],
      )
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
