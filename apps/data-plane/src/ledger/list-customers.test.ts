import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

/** In byte order, which is not the order of any language. */
const NAMES = ['-', '.x', '0', 'A', 'Zeta', '_a', 'a', 'a-1', 'a.1', 'a1', 'a:1', 'a_1', 'alpha', 'z']

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const deltas = NAMES.toReversed().map((customerId, i) => ({ customerId, delta: i + 0.5, reason: 'x' }))
  await plane.client.succeed(api.emitBatch, { key: tenant.key, body: { deltas } })
  await plane.verifyAll()
})
after(() => plane[Symbol.asyncDispose]())

const list = (query: object = {}, key = tenant.key) =>
  plane.client.succeed(api.listCustomers, { key, query: { ...query } })
const namesOf = ({ customers }: Awaited<ReturnType<typeof list>>) =>
  customers.map(({ customerId }) => customerId)

describe('customers', () => {
  it('are listed with every field, totals of what is verified only', async () => {
    const { key, tenantId } = await plane.newTenant()
    const emit = (delta: number) =>
      plane.client.succeed(api.emitDelta, { key, body: { customerId: 'cust_7', delta, reason: 'x' } })
    const digest = createHash('sha256').update(`pacspace:customer:v1\0${tenantId}\0cust_7`).digest('hex')
    const names = {
      customerId: 'cust_7',
      displayName: null,
      ledgerIdentifier: `0x${digest.slice(0, 40)}`,
      customerReference: `0x${digest.slice(0, 40)}`,
    }
    const first = await emit(1.25)
    assert.deepEqual((await list({}, key)).customers, [
      {
        ...names,
        totalDeltas: 0,
        computedBalance: 0n,
        firstDeltaAt: first.createdAt,
        lastDeltaAt: first.createdAt,
      },
    ])
    const second = await emit(2)
    await plane.verifyAll()
    await emit(64)
    assert.deepEqual(await list({}, key), {
      customers: [
        {
          ...names,
          totalDeltas: 2,
          computedBalance: amountOf('3.25'),
          firstDeltaAt: first.createdAt,
          lastDeltaAt: second.createdAt,
        },
      ],
      pagination: { total: 1, page: 1, limit: 25, totalPages: 1 },
    })
  })

  it('come in byte order of their names, each page after the other', async () => {
    assert.deepEqual(namesOf(await list()), NAMES)
    const pages: string[] = []
    for (let page = 1; page <= 5; page++) {
      const answer = await list({ page, limit: 3 })
      assert.deepEqual(answer.pagination, { total: 14, page, limit: 3, totalPages: 5 })
      pages.push(...namesOf(answer))
    }
    assert.deepEqual(pages, NAMES)
    assert.deepEqual(namesOf(await list({ page: 6, limit: 3 })), [])
    assert.deepEqual(namesOf(await list({ page: 1_000_000, limit: 100 })), [])
  })

  it('are found by any part of their name, whatever its case, and nothing in it is a pattern', async () => {
    const found: [search: string, names: string[]][] = [
      ['ALP', ['alpha']],
      ['zeta', ['Zeta']],
      ['1', ['a-1', 'a.1', 'a1', 'a:1', 'a_1']],
      ['a_1', ['a_1']],
      ['a%', []],
      ['.', ['.x', 'a.1']],
      ['\\', []],
      ["'", []],
      ['é', []],
      ['', NAMES],
    ]
    for (const [search, names] of found) {
      const answer = await list({ search })
      assert.deepEqual(namesOf(answer), names, search)
      assert.equal(answer.pagination.total, names.length)
    }
    assert.deepEqual((await list({ search: 'nobody' })).pagination, {
      total: 0,
      page: 1,
      limit: 25,
      totalPages: 0,
    })
  })

  it('of a tenant without any are none', async () => {
    const { key } = await plane.newTenant()
    assert.deepEqual(await list({}, key), {
      customers: [],
      pagination: { total: 0, page: 1, limit: 25, totalPages: 0 },
    })
  })

  it('are refused by pages out of bounds', async () => {
    for (const query of [
      { page: 0 },
      { page: 1_000_001 },
      { limit: 0 },
      { limit: 101 },
      { page: 'x' },
      { search: 'x'.repeat(129) },
      { offset: 1 },
    ]) {
      await plane.client.refuse(api.listCustomers, 'VALIDATION_ERROR', { key: tenant.key, query })
    }
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
