import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type Amount, amountOf, formatAmount } from '@pacspace/api/amount'
import { deriveBalance, emitBatch, emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { getInvoiceProof, getReceipt } from '@pacspace/api/definition/receipts'
import type { EndpointData } from '@pacspace/api/endpoint'
import type { ProblemCode } from '@pacspace/api/problem'
import { verifyDeltaProof } from '@pacspace/proofs/delta-proof'
import { hashFromHex, toHex } from '@pacspace/proofs/hex'
import { rootOf } from '@pacspace/proofs/merkle'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { stopTimeAt } from '../testing/plane-time.ts'
import {
  startTestDataPlane,
  TEST_PUBLIC_URL,
  type TestDataPlane,
  type TestTenant,
} from '../testing/test-data-plane.ts'

type Receipt = EndpointData<typeof getReceipt>

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const asked = (customerId: string, query: object = {}) => ({
  key: tenant.key,
  params: { customerId },
  query: { ...query },
})
const receipt = (customerId: string, query: object = {}): Promise<Receipt> =>
  plane.client.succeed(getReceipt, asked(customerId, query))
const invoice = (customerId: string, query: object = {}) =>
  plane.client.succeed(getInvoiceProof, asked(customerId, query))
const refuse = async (code: ProblemCode, customerId: string, query: object = {}) => {
  await plane.client.refuse(getReceipt, code, asked(customerId, query))
  await plane.client.refuse(getInvoiceProof, code, asked(customerId, query))
}
const emit = (customerId: string, delta: number | string, more: object = {}) =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'x', ...more } })
async function emitAll(customerId: string, deltas: readonly unknown[]) {
  const body = { deltas: deltas.map((delta) => ({ customerId, delta, reason: 'x' })) }
  const { totalFailed } = await plane.client.succeed(emitBatch, { key: tenant.key, body })
  assert.equal(totalFailed, 0)
}

describe('a receipt', () => {
  it('has every field, exact', async () => {
    await stopTimeAt(plane, '2030-05-31T10:00:00.000Z')
    await emit('cust', '0.1', { referenceId: 'inv_1' })
    await stopTimeAt(plane, '2030-06-01T10:00:00.000Z')
    await emit('cust', '-20.000000000001')
    await emit('cust', 50)
    await plane.verifyAll()
    const answer = await receipt('cust')
    const { deltas: derived, ...derivation } = await plane.client.succeed(deriveBalance, asked('cust'))
    const last = derived[2]
    assert.ok(last)
    const { proof } = await plane.client.succeed(getDelta, {
      key: tenant.key,
      params: { recordId: last.recordId },
    })
    const digest = createHash('sha256').update(`pacspace:customer:v1\0${tenant.tenantId}\0cust`).digest('hex')
    assert.deepEqual(answer, {
      customerId: 'cust',
      ledgerIdentifier: `0x${digest.slice(0, 40)}`,
      generatedAt: answer.generatedAt,
      deltasCount: 3,
      finalBalance: amountOf('30.099999999999'),
      itemsRoot: derivation.latestReceiptId,
      receiptId: derivation.latestReceiptId,
      latestCheckpoint: derivation.latestReceiptId,
      deltas: derived,
      windowSummaries: [
        {
          period: '2030-05',
          totalCredits: amountOf('0.1'),
          totalDebits: 0n,
          netChange: amountOf('0.1'),
          deltasCount: 1,
        },
        {
          period: '2030-06',
          totalCredits: amountOf('50'),
          totalDebits: amountOf('20.000000000001'),
          netChange: amountOf('29.999999999999'),
          deltasCount: 2,
        },
      ],
      verification: {
        itemHashes: derived.map(({ itemHash }) => itemHash),
        proof,
        publicKey: proof?.publicKey,
        verifyUrl: `${TEST_PUBLIC_URL}/verify/${derivation.latestReceiptId}`,
        verificationApiUrl: `${TEST_PUBLIC_URL}/api/v1/verify/${derivation.latestReceiptId}`,
      },
      pagination: { total: 3, limit: 1_000, offset: 0, hasMore: false },
    })
    assert.ok(answer.generatedAt.startsWith('2030-06-01T10:0'))
  })

  it('proves itself offline: its leaves lead to its root, and its proof file to the signed log and the balance', async () => {
    const { itemsRoot, verification, finalBalance, deltasCount } = await receipt('cust')
    assert.equal(toHex(rootOf(verification.itemHashes.map(hashFromHex))), itemsRoot)
    assert.ok(verification.proof)
    const proved = await verifyDeltaProof(verification.proof.tlogProof, { logKeys: [verification.publicKey] })
    assert.ok(proved.verified)
    assert.equal(proved.customerRoot, itemsRoot)
    assert.equal(proved.record.balance, formatAmount(finalBalance))
    assert.equal(proved.record.sequenceNumber, deltasCount)
  })

  it('writes amounts as strings when asked', async () => {
    const { text } = await plane.client.call(getReceipt, {
      ...asked('cust', { limit: 1 }),
      headers: { 'x-amount-format': 'string' },
    })
    assert.match(text, /"finalBalance":"30\.099999999999"/)
    assert.match(text, /"totalDebits":"20\.000000000001"/)
  })

  it('of a customer with only pending deltas is empty', async () => {
    await emit('pending', 5)
    const { deltas, windowSummaries, verification, finalBalance, itemsRoot } = await receipt('pending')
    assert.deepEqual([deltas, windowSummaries, verification.itemHashes], [[], [], []])
    assert.deepEqual(
      [finalBalance, itemsRoot, verification.proof, verification.verifyUrl],
      [0n, null, null, null],
    )
    assert.ok(verification.publicKey.length > 0)
    await plane.verifyAll()
    await emit('pending', 7)
    const verified = await receipt('pending')
    assert.deepEqual([verified.deltasCount, verified.finalBalance], [1, amountOf('5')])
  })

  it('is paged, and its totals always cover all', async () => {
    await emitAll(
      'pages',
      Array.from({ length: 700 }, (_, i) => (i % 3 === 0 ? -1 : 2)),
    )
    await plane.verifyAll()
    const {
      deltas: all,
      pagination: _all,
      generatedAt: _at,
      verification: whole,
      ...totals
    } = await receipt('pages')
    assert.equal(all.length, 700)
    for (const [offset, limit, count] of [
      [0, 300, 300],
      [300, 300, 300],
      [600, 300, 100],
      [699, 1, 1],
      [700, 10, 0],
      [2 ** 40, 10_000, 0],
    ] as const) {
      const page = await receipt('pages', { offset, limit })
      const { deltas, pagination, generatedAt: _generatedAt, verification, ...rest } = page
      assert.deepEqual(rest, totals)
      assert.deepEqual(deltas, all.slice(offset, offset + limit))
      assert.deepEqual(verification.itemHashes, whole.itemHashes.slice(offset, offset + limit))
      assert.deepEqual(verification.proof, whole.proof)
      assert.deepEqual(pagination, { total: 700, limit, offset, hasMore: offset + count < 700 })
    }
  })
})

describe('a scoped receipt', () => {
  it('has the members of a scoped one, and starts where the month before ended', async () => {
    const june = await receipt('cust', { period: '2030-06' })
    const root = june.itemsRoot
    const urls = {
      verifyUrl: `${TEST_PUBLIC_URL}/verify/${root}`,
      verificationApiUrl: `${TEST_PUBLIC_URL}/api/v1/verify/${root}`,
    }
    const { deltas, windowSummaries, verification, generatedAt, ledgerIdentifier, ...scoped } = june
    assert.deepEqual(scoped, {
      customerId: 'cust',
      period: '2030-06',
      proofRoot: root,
      startingBalance: amountOf('0.1'),
      finalBalance: amountOf('30.099999999999'),
      deltaCount: 2,
      deltasCount: 2,
      itemsRoot: root,
      receiptId: root,
      latestCheckpoint: root,
      pagination: { total: 2, limit: 1_000, offset: 0, hasMore: false },
      ...urls,
      accessHint: null,
      customerLinkUrl: null,
      customerLinkHost: null,
    })
    assert.deepEqual(
      windowSummaries.map(({ period, deltasCount }) => [period, deltasCount]),
      [['2030-06', 2]],
    )
    assert.deepEqual(
      deltas.map(({ sequenceNumber }) => sequenceNumber),
      [2, 3],
    )
    assert.equal(verification.proof?.proofHash, root)
    const { generatedAt: _generatedAt, ...same } = await invoice('cust', { period: '2030-06' })
    assert.deepEqual({ ...same, generatedAt }, june)
    assert.ok(ledgerIdentifier)
  })

  it('of a month whose last delta is not the newest has the root after that one', async () => {
    const may = await receipt('cust', { period: '2030-05' })
    const [first] = may.deltas
    assert.deepEqual(
      [may.proofRoot, may.finalBalance, may.startingBalance],
      [first?.receiptId, amountOf('0.1'), 0n],
    )
    assert.equal(may.verification.proof?.proofHash, first?.receiptId)
  })

  it('of a month without deltas keeps the balance and the root before it, and has nothing to prove', async () => {
    const july = await receipt('cust', { period: '2030-07' })
    const june = await receipt('cust', { period: '2030-06' })
    assert.deepEqual(
      [july.deltaCount, july.startingBalance, july.finalBalance, july.proofRoot, july.windowSummaries],
      [0, june.finalBalance, june.finalBalance, june.proofRoot, []],
    )
    assert.equal(july.verification.proof, null)
    const april = await receipt('cust', { period: '2030-04' })
    assert.deepEqual([april.finalBalance, april.proofRoot], [0n, null])
  })

  it('by dates and presets: the period is the month where it is one, else null', async () => {
    const dates = { startDate: '2030-05-31', endDate: '2030-06-01T10:00:00.001Z' }
    const cases: [query: object, period: string | null, count: number][] = [
      [dates, null, 3],
      [{ timePreset: 'custom', ...dates }, null, 3],
      [{ timePreset: 'current_month' }, '2030-06', 2],
    ]
    for (const [query, period, count] of cases) {
      const { period: said, deltaCount } = await receipt('cust', query)
      assert.deepEqual([said, deltaCount], [period, count])
    }
    const all = await invoice('cust')
    assert.deepEqual([all.period, all.deltaCount, all.startingBalance], [null, 3, 0n])
    assert.equal('period' in (await receipt('cust')), false)
  })
})

describe('the offline proof file', () => {
  it('comes by Accept or by format, the same as in JSON, as plain text', async () => {
    const { verification } = await receipt('cust')
    const text = verification.proof?.tlogProof
    assert.ok(text?.startsWith('c2sp.org/tlog-proof@v1\n'))
    const ways = [
      { ...asked('cust'), headers: { accept: 'text/plain' } },
      asked('cust', { format: 'tlog-proof' }),
      { ...asked('cust', { format: 'tlog-proof' }), headers: { accept: 'application/json' } },
    ]
    for (const definition of [getReceipt, getInvoiceProof]) {
      for (const way of ways) {
        const answer = await plane.client.call(definition, way)
        assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8')
        assert.equal(answer.text, text)
      }
    }
    const may = await plane.client.call(
      getReceipt,
      asked('cust', { format: 'tlog-proof', period: '2030-05' }),
    )
    assert.equal(may.text, (await receipt('cust', { period: '2030-05' })).verification.proof?.tlogProof)
  })

  it('does not come where JSON is asked for, or nothing is', async () => {
    for (const way of [
      { ...asked('cust'), headers: { accept: '*/*' } },
      { ...asked('cust'), headers: { accept: 'application/json, text/plain' } },
      { ...asked('cust', { format: 'json' }), headers: { accept: 'text/plain' } },
    ]) {
      assert.equal((await plane.client.call(getReceipt, way)).data.deltasCount, 3)
    }
  })

  it('of nothing verified is 404', async () => {
    await emit('unverified', 5)
    await refuse('NOT_FOUND', 'unverified', { format: 'tlog-proof' })
    await refuse('NOT_FOUND', 'cust', { format: 'tlog-proof', period: '2030-07' })
  })
})

describe('a receipt is refused', () => {
  it('for an unknown customer, of another tenant too', async () => {
    await refuse('CUSTOMER_NOT_FOUND', 'nobody')
    await refuse('CUSTOMER_NOT_FOUND', 'nobody', { format: 'tlog-proof' })
    const stranger = await plane.newTenant()
    await plane.client.refuse(getReceipt, 'CUSTOMER_NOT_FOUND', { ...asked('cust'), key: stranger.key })
  })

  it('for scopes that cannot be combined, and for bad fields', async () => {
    await refuse('INVALID_SCOPE_COMBINATION', 'nobody', { period: '2030-05', timePreset: 'current_month' })
    await refuse('INVALID_SCOPE_COMBINATION', 'nobody', { endDate: '2030-05-01' })
    for (const query of [
      { limit: 0 },
      { limit: 10_001 },
      { offset: -1 },
      { format: 'pdf' },
      { period: '2030-00' },
      { startingCheckpoint: 'a_0' },
    ]) {
      await refuse('VALIDATION_ERROR', 'cust', query)
    }
  })
})

describe('R17 totals', () => {
  const months = ['2031-01', '2031-02', '2031-03', '2031-05', '2032-01']
  const written: { amount: Amount; month: string; at: string }[] = []

  it('are kept at every 256th verified delta, whatever was verified together', async (t) => {
    const random = seededRandom(testSeed())
    t.diagnostic(`seed ${random.seed}`)
    const other: Amount[] = []
    for (const month of months) {
      for (let day = 10; day < 14; day++) {
        const at = `${month}-${day}T12:00:00.000Z`
        await stopTimeAt(plane, at)
        const literals = Array.from(
          { length: 1 + random.integer(400) },
          () =>
            `${random.pick(['', '-'])}${random.integer(10 ** random.integer(10))}.${random.integer(10 ** 9)}1`,
        )
        await emitAll('totals', literals)
        written.push(...literals.map((literal) => ({ amount: amountOf(literal), month, at })))
        const few = literals.slice(0, random.integer(100))
        if (few.length > 0) await emitAll('totals_other', few)
        other.push(...few.map(amountOf))
        if (random.integer(2) === 0) await plane.verifyAll()
      }
    }
    await plane.verifyAll()
    const { rows } = await plane.owner.query<{ customer_id: string; seq: number; credits: string }>(
      `select c.customer_id, t.seq, trim_scale(t.credits)::text as credits
         from customer_total t join customer c using (tenant_id, customer_no)
        where customer_id like 'totals%' order by customer_id, seq`,
    )
    const expected = (amounts: readonly Amount[], customer: string) =>
      Array.from({ length: Math.floor(amounts.length / 256) }, (_, i) => ({
        customer_id: customer,
        seq: (i + 1) * 256,
        credits: formatAmount(creditsOf(amounts.slice(0, (i + 1) * 256))),
      }))
    assert.deepEqual(rows, [
      ...expected(
        written.map(({ amount }) => amount),
        'totals',
      ),
      ...expected(other, 'totals_other'),
    ])
  })

  it('of every month, and of every stretch by dates, are the sums of its deltas', async () => {
    const summary = (period: string, amounts: readonly Amount[]) => ({
      period,
      totalCredits: creditsOf(amounts),
      totalDebits: -creditsOf(amounts.map((amount) => -amount as Amount)), // the negative of one
      netChange: sum(amounts),
      deltasCount: amounts.length,
    })
    const summaries = (deltas: typeof written) =>
      months
        .map((month) =>
          summary(
            month,
            deltas.filter((one) => one.month === month).map(({ amount }) => amount),
          ),
        )
        .map((one) => ({ ...one, totalDebits: -one.totalDebits }))
        .filter(({ deltasCount }) => deltasCount > 0)
    assert.deepEqual((await receipt('totals', { limit: 1 })).windowSummaries, summaries(written))
    for (const [startDate, endDate] of [
      ['2031-01-11', '2031-01-12'],
      ['2031-01-12', '2031-03-11'],
      ['2031-02-13', '2032-01-11'],
      ['2031-04-01', '2031-04-30'],
      ['2020-01-01', '2040-01-01'],
    ] as const) {
      const answer = await receipt('totals', { startDate, endDate, limit: 1 })
      const deltas = written.filter(({ at }) => at >= startDate && at < endDate)
      assert.deepEqual(answer.windowSummaries, summaries(deltas), `${startDate} ${endDate}`)
      const earlier = written.filter(({ at }) => at < startDate)
      assert.equal(answer.startingBalance, sum(earlier.map(({ amount }) => amount)))
      assert.equal(answer.finalBalance, sum([...earlier, ...deltas].map(({ amount }) => amount)))
    }
  })
})

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

function creditsOf(amounts: readonly Amount[]): Amount {
  return sum(amounts.filter((amount) => amount > 0n)) as Amount // a sum of amounts
}

it('what was written meanwhile is sound', () => plane.requireSound())
