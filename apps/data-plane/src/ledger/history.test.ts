import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Amount, addAmounts, formatAmount, ZERO } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
  type TestTenant,
} from '../testing/test-data-plane.ts'

/** 10,000 deltas of one customer, from two writers, each on an api of its own. */
const DELTAS_PER_WRITER = 5_000
/** What a writer sends at once: sizes of its batches, and how many of them are on their way. */
const BATCH_MAX = 80
const LANES = 4
const CUSTOMER = 'cust_1'

/** A write or read as its caller saw it: when it was begun and when it was answered, by one clock. */
interface Interval {
  readonly beganMs: number
  readonly endedMs: number
}
interface Written extends Interval {
  readonly writer: number
  /** Sequence numbers, in the order of the batch, each with its amount. */
  readonly deltas: readonly { readonly seq: number; readonly amount: Amount }[]
}
interface Derived extends Interval {
  readonly isPendingIncluded: boolean
  readonly count: number
  readonly balance: Amount
}

let store: TestStore
let planes: TestDataPlane[]
let tenant: TestTenant
before(async () => {
  store = await createTestStore()
  planes = await Promise.all([0, 1].map(() => startTestDataPlane('sandbox', { store })))
  tenant = await planeAt(0).newTenant({ tier: 'scale' })
})
after(async () => {
  await planeAt(0).requireSound()
  await Promise.all(planes.map((plane) => plane[Symbol.asyncDispose]()))
  await removeTestStore(store)
})

const planeAt = (index: number) => planes[index] ?? assert.fail('two planes run')
const random = seededRandom(testSeed())

async function timed<T>(work: () => Promise<T>): Promise<T & Interval> {
  const beganMs = performance.now()
  const result = await work()
  return { ...result, beganMs, endedMs: performance.now() }
}

async function write(writer: number, count: number): Promise<Written> {
  const deltas = Array.from({ length: count }, () => ({
    customerId: CUSTOMER,
    delta: `${random.pick(['', '-'])}${random.integer(1_000)}.${random.integer(999_999) + 1}`,
    reason: `writer ${writer}`,
  }))
  return timed(async () => {
    const { results } = await planeAt(writer).client.succeed(api.emitBatch, {
      key: tenant.key,
      body: { deltas },
    })
    return {
      writer,
      deltas: results.map(({ sequenceNumber, delta }) => ({
        seq: sequenceNumber ?? assert.fail('it was written'),
        amount: delta ?? assert.fail('it has an amount'),
      })),
    }
  })
}

async function derive(plane: TestDataPlane, isPendingIncluded: boolean): Promise<Derived> {
  return timed(async () => {
    const { deltasCount, computedBalance } = await plane.client.succeed(api.deriveBalance, {
      key: tenant.key,
      params: { customerId: CUSTOMER },
      query: { includePending: isPendingIncluded, limit: 1 },
    })
    return { isPendingIncluded, count: deltasCount, balance: computedBalance }
  })
}

/** Runs both writers to their end, and readers of both kinds beside them, while the worker verifies. */
async function run(): Promise<{ readonly writes: readonly Written[]; readonly reads: readonly Derived[] }> {
  const writes: Written[] = [await write(0, 1)]
  const reads: Derived[] = []
  const left = [DELTAS_PER_WRITER - 1, DELTAS_PER_WRITER]
  let isWriting = true
  const writerLane = async (writer: number) => {
    for (;;) {
      const count = Math.min(1 + random.integer(BATCH_MAX), left[writer] ?? 0)
      if (count === 0) return
      left[writer] = (left[writer] ?? 0) - count
      writes.push(await write(writer, count))
    }
  }
  const reader = async (plane: TestDataPlane, isPendingIncluded: boolean) => {
    while (isWriting) reads.push(await derive(plane, isPendingIncluded))
  }
  const verifier = async () => {
    while (isWriting) await planeAt(0).verifyAll()
  }
  const lanes = [0, 1].flatMap((writer) => Array.from({ length: LANES }, () => writerLane(writer)))
  const others = [verifier(), ...planes.flatMap((plane) => [reader(plane, true), reader(plane, false)])]
  await Promise.all(lanes).finally(() => {
    isWriting = false
  })
  await Promise.all(others)
  return { writes, reads }
}

describe('R19 two writers, one customer, 10,000 interleaved deltas', () => {
  it('the history is that of one ledger: every answer fits one order of all writes, which is that of time', async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const { writes, reads } = await run()
    t.diagnostic(`${writes.length} batches, ${reads.length} balances`)
    const balances = balancesOf(writes)
    requireInterleaved(writes)
    requireRealTimeOrder(writes)
    requireSerializable(reads, writes, balances)
    requireMonotone(reads.filter(({ isPendingIncluded }) => !isPendingIncluded))
  })
})

/** The balance after each sequence number; fails where one is missing or was given twice. */
function balancesOf(writes: readonly Written[]): readonly Amount[] {
  const all = writes.flatMap(({ deltas }) => deltas).toSorted((a, b) => a.seq - b.seq)
  assert.deepEqual(
    all.map(({ seq }) => seq),
    Array.from({ length: 2 * DELTAS_PER_WRITER }, (_, index) => index + 1),
  )
  const balances = [ZERO]
  for (const { amount } of all) balances.push(addAmounts(balances.at(-1) ?? ZERO, amount))
  return balances
}

/** The writers really raced; and a batch stands in its order, undivided. */
function requireInterleaved(writes: readonly Written[]): void {
  for (const { deltas } of writes) {
    const first = deltas[0]?.seq ?? 0
    assert.deepEqual(
      deltas.map(({ seq }) => seq),
      deltas.map((_, index) => first + index),
    )
  }
  const order = writes.toSorted((a, b) => firstSeq(a) - firstSeq(b)).map(({ writer }) => writer)
  const turns = order.filter((writer, index) => index > 0 && writer !== order[index - 1]).length
  assert.ok(turns >= 10, `the writers took turns only ${turns} times`)
}

const firstSeq = ({ deltas }: Written) => deltas[0]?.seq ?? 0
const lastSeq = ({ deltas }: Written) => deltas.at(-1)?.seq ?? 0

/** What was answered before another write began stands before it. */
function requireRealTimeOrder(writes: readonly Written[]): void {
  const byBegin = writes.toSorted((a, b) => a.beganMs - b.beganMs)
  const byEnd = writes.toSorted((a, b) => a.endedMs - b.endedMs)
  let ended = 0
  let lastEnded = 0
  for (const write of byBegin) {
    for (; (byEnd[ended]?.endedMs ?? Number.POSITIVE_INFINITY) < write.beganMs; ended++) {
      lastEnded = Math.max(lastEnded, lastSeq(byEnd[ended] ?? write))
    }
    assert.ok(
      firstSeq(write) > lastEnded,
      `a write begun after sequence number ${lastEnded} stands before it`,
    )
  }
}

/**
 * Every balance is that after some prefix of the one order; with pending deltas a prefix that holds all that was
 * acknowledged before the question, and nothing that was sent after the answer.
 */
function requireSerializable(
  reads: readonly Derived[],
  writes: readonly Written[],
  balances: readonly Amount[],
): void {
  for (const { isPendingIncluded, count, balance, beganMs, endedMs } of reads) {
    const expected = balances[count]
    assert.ok(expected !== undefined, `${count} deltas were never there`)
    assert.equal(formatAmount(balance), formatAmount(expected), `after ${count} deltas`)
    const sentLater = writes.filter((write) => write.beganMs > endedMs)
    assert.ok(sentLater.every((write) => firstSeq(write) > count))
    if (!isPendingIncluded) continue
    const ackedBefore = writes.filter((write) => write.endedMs < beganMs)
    assert.ok(
      ackedBefore.every((write) => lastSeq(write) <= count),
      `acknowledged, and not in ${count} deltas`,
    )
  }
  assert.ok(
    new Set(reads.map(({ count }) => count)).size >= 10,
    'the balances are not from all along the way',
  )
}

/** Verified balances never go back: one asked for after another was answered holds at least as many deltas. */
function requireMonotone(reads: readonly Derived[]): void {
  for (const read of reads) {
    const later = reads.filter(({ beganMs }) => beganMs > read.endedMs)
    assert.ok(later.every(({ count }) => count >= read.count))
  }
}
