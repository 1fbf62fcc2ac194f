import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf, formatAmount } from '@pacspace/api/amount'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { newId } from '@pacspace/api/id'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { getPlaneHistory } from '@pacspace/api/internal/plane-history'
import { randomBytes } from '@pacspace/service/random'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { wantedSeqs } from './get-plane-history.ts'

const AMOUNTS = ['100', '-0.5', '7', '-20', '0.000000000001']

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const emit = (customerId: string, delta: string) =>
    plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'r' } })
  for (const [i, amount] of AMOUNTS.entries()) {
    await emit('a', amount)
    await emit('b', '1')
    // The last one is not verified.
    if (i === AMOUNTS.length - 2) await plane.verifyAll()
  }
})
after(() => plane[Symbol.asyncDispose]())

const call = (customerId: string, query: object = {}, tenantId = tenant.tenantId) => ({
  token: plane.internalSecret,
  params: { tenantId, customerId },
  query: { ...query },
})
async function history(query: object = {}) {
  return await plane.internal.succeed(getPlaneHistory, call('a', query))
}
async function balances(query: object = {}): Promise<string[]> {
  const { deltas } = await history(query)
  return deltas.map(({ balance }) => formatAmount(balance))
}

describe('the history of a customer', () => {
  it('is each delta with the balance after it, newest first, pending ones included', async () => {
    const { deltas, ...rest } = await history()
    assert.deepEqual(
      deltas.map((one) => [
        one.sequenceNumber,
        formatAmount(one.delta),
        formatAmount(one.balance),
        one.status,
      ]),
      [
        [5, '0.000000000001', '86.500000000001', 'QUEUED'],
        [4, '-20', '86.5', 'VERIFIED'],
        [3, '7', '106.5', 'VERIFIED'],
        [2, '-0.5', '99.5', 'VERIFIED'],
        [1, '100', '100', 'VERIFIED'],
      ],
    )
    assert.deepEqual(rest, {
      customerId: 'a',
      startingBalance: amountOf('0'),
      endingBalance: amountOf('86.500000000001'),
      netChange: amountOf('86.500000000001'),
      pagination: { total: 5, limit: 100, offset: 0, hasMore: false },
    })
  })

  it('comes by page, and evenly spaced with its first and its last', async () => {
    assert.deepEqual(await balances({ limit: 2, offset: 1 }), ['86.5', '106.5'])
    assert.equal((await history({ limit: 2, offset: 1 })).pagination.hasMore, true)
    assert.equal((await history({ limit: 2, offset: 3 })).pagination.hasMore, false)
    assert.deepEqual(await balances({ offset: 5 }), [])
    assert.deepEqual(await balances({ limit: 3, evenly: true }), ['86.500000000001', '106.5', '100'])
    assert.equal((await history({ limit: 3, evenly: true })).pagination.hasMore, false)
  })

  it('is cut by a scope, with what was there before it', async () => {
    const { deltas } = await history()
    const third = deltas.find((one) => one.sequenceNumber === 3)
    assert.ok(third)
    const cut = await history({ startDate: third.createdAt, endDate: '9999-01-01' })
    assert.ok(cut.deltas.every((one) => one.createdAt >= third.createdAt))
    assert.equal(formatAmount(cut.endingBalance), '86.500000000001')
    const nothing = await history({ period: '2001-01' })
    assert.deepEqual([nothing.deltas, nothing.pagination.total, nothing.netChange], [[], 0, amountOf('0')])
  })

  it('of a customer that was created and has no delta yet is empty', async () => {
    const { token, params } = call('new')
    const body = { displayName: 'New', customerId: 'new' }
    await plane.internal.succeed(createPlaneCustomer, { token, params: { tenantId: params.tenantId }, body })
    const { deltas, endingBalance, pagination } = await plane.internal.succeed(getPlaneHistory, call('new'))
    assert.deepEqual([deltas, endingBalance, pagination.total], [[], amountOf('0'), 0])
  })

  it('is refused for a bad scope, an unknown customer, and to everybody but its tenant', async () => {
    const refuse = plane.internal.refuse.bind(plane.internal)
    await refuse(
      getPlaneHistory,
      'INVALID_SCOPE_COMBINATION',
      call('a', { period: '2026-01', timePreset: 'current_month' }),
    )
    await refuse(getPlaneHistory, 'CUSTOMER_NOT_FOUND', call('nobody'))
    const other = await plane.newTenant()
    await refuse(getPlaneHistory, 'CUSTOMER_NOT_FOUND', call('a', {}, other.tenantId))
    await refuse(getPlaneHistory, 'CONTRACT_NOT_DEPLOYED', call('a', {}, newId('tnt', randomBytes)))
  })
})

it('whatever is asked for, sequence numbers lie in the stretch, fall strictly, and are as many as there can be', () => {
  for (let total = 0; total <= 12; total++) {
    const stretch = { fromSeq: 3, toSeq: 3 + total - 1 }
    for (let limit = 1; limit <= 14; limit++) {
      for (const evenly of [true, false]) {
        for (let offset = 0; offset <= (evenly ? 0 : 13); offset++) {
          const seqs = wantedSeqs(stretch, { evenly, limit, offset })
          const where = JSON.stringify({ total, limit, evenly, offset, seqs })
          assert.equal(seqs.length, Math.max(0, Math.min(limit, total - offset)), where)
          assert.ok(
            seqs.every((seq, i) => i === 0 || seq < (seqs[i - 1] ?? 0)),
            where,
          )
          assert.ok(
            seqs.every((seq) => seq >= stretch.fromSeq && seq <= stretch.toSeq),
            where,
          )
          if (evenly && total > 0) assert.equal(seqs[0], stretch.toSeq, where)
          if (evenly && limit > 1 && total > 0) assert.equal(seqs.at(-1), stretch.fromSeq, where)
        }
      }
    }
  }
})

it('what was written is sound', () => plane.requireSound())
