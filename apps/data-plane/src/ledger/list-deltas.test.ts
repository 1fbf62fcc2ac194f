import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { newId } from '@pacspace/api/id'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { randomBytes } from '@pacspace/service/random'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { statusOf } from './delta-answer.ts'
import { rangeOf } from './list-deltas.ts'

let plane: TestDataPlane
let tenant: TestTenant
/** In the order in which they were emitted; the last two are not verified. */
const records: string[] = []
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const emit = async (customerId: string, referenceId: string) => {
    const body = { customerId, delta: records.length + 1, reason: 'r', referenceId }
    const answer = await plane.client.succeed(emitDelta, { key: tenant.key, body })
    records.push(answer.recordId)
  }
  await emit('a', 'one')
  await emit('b', 'one')
  await emit('a', 'two')
  await plane.verifyAll()
  await emit('b', 'three')
  await emit('a', 'four')
})
after(() => plane[Symbol.asyncDispose]())

const call = (query: object = {}, tenantId = tenant.tenantId) => ({
  token: plane.internalSecret,
  params: { tenantId },
  query: { ...query },
})
const list = (query: object = {}) => plane.internal.succeed(listPlaneDeltas, call(query))
/** Their numbers, from 1, in the order of the list. */
async function listed(query: object = {}): Promise<number[]> {
  const { deltas } = await list(query)
  return deltas.map(({ recordId }) => records.indexOf(recordId) + 1)
}

describe('deltas of a tenant', () => {
  it('come newest first, of all customers, with status', async () => {
    const { deltas, pagination } = await list()
    assert.deepEqual(
      deltas.map((each) => [each.customerId, each.referenceId, each.sequenceNumber, each.status]),
      [
        ['a', 'four', 3, 'QUEUED'],
        ['b', 'three', 2, 'QUEUED'],
        ['a', 'two', 2, 'VERIFIED'],
        ['b', 'one', 1, 'VERIFIED'],
        ['a', 'one', 1, 'VERIFIED'],
      ],
    )
    assert.deepEqual(pagination, { page: 1, limit: 25, hasMore: false })
  })

  it('come by page', async () => {
    const pages = []
    for (const page of [1, 2, 3, 4]) {
      const { pagination } = await list({ page, limit: 2 })
      pages.push([...(await listed({ page, limit: 2 })), pagination.hasMore])
    }
    assert.deepEqual(pages, [[5, 4, true], [3, 2, true], [1, false], [false]])
    assert.deepEqual(await listed({ customerId: 'a', page: 2, limit: 2 }), [1])
    assert.equal((await list({ customerId: 'a', page: 1, limit: 3 })).pagination.hasMore, false)
  })

  it('before an entry of the log stay the same while the log grows', async () => {
    const { deltas } = await list({ limit: 2 })
    const before = deltas.at(-1)?.anchorId
    assert.deepEqual(await listed({ before }), [3, 2, 1])
    assert.deepEqual(await listed({ before, customerId: 'a' }), [3, 1])
    assert.deepEqual(await listed({ before, status: 'QUEUED' }), [])
    assert.deepEqual(await listed({ before, customerId: 'b', search: 'three' }), [])
    assert.deepEqual(await listed({ before, search: records[4] }), [])
    assert.deepEqual(await listed({ before, search: records[2] }), [3])
    assert.deepEqual(await listed({ before: 'a_0' }), [])
    assert.deepEqual(await listed({ before: 'a_9999999999999999' }), [5, 4, 3, 2, 1])
  })

  it('come by customer and status', async () => {
    assert.deepEqual(await listed({ customerId: 'a' }), [5, 3, 1])
    assert.deepEqual(await listed({ status: 'VERIFIED' }), [3, 2, 1])
    assert.deepEqual(await listed({ status: 'QUEUED' }), [5, 4])
    assert.deepEqual(await listed({ status: 'PROCESSING' }), [])
    assert.deepEqual(await listed({ status: 'FAILED' }), [])
    assert.deepEqual(await listed({ customerId: 'a', status: 'VERIFIED' }), [3, 1])
    assert.deepEqual(await listed({ customerId: 'b', status: 'QUEUED' }), [4])
  })

  it('are found by recordId, and by referenceId beside a customer', async () => {
    const [first = '', second = ''] = records
    assert.deepEqual(await listed({ search: second }), [2])
    assert.deepEqual(await listed({ search: second, page: 2 }), [])
    assert.deepEqual(await listed({ search: second, customerId: 'a' }), [])
    assert.deepEqual(await listed({ search: second, customerId: 'b', status: 'VERIFIED' }), [2])
    assert.deepEqual(await listed({ search: second, status: 'QUEUED' }), [])
    // The same place in the log, another random part.
    const forged = first.slice(0, -2) + (first.endsWith('00') ? '10' : '00')
    assert.deepEqual(await listed({ search: forged }), [])
    assert.deepEqual(await listed({ search: 'one', customerId: 'a' }), [1])
    assert.deepEqual(await listed({ search: 'one', customerId: 'b' }), [2])
    assert.deepEqual(await listed({ search: 'four', customerId: 'a', status: 'VERIFIED' }), [])
    assert.deepEqual(await listed({ search: 'on', customerId: 'a' }), [])
    const { message } = await plane.internal.refuse(
      listPlaneDeltas,
      'VALIDATION_ERROR',
      call({ search: 'one' }),
    )
    assert.match(message, /search/)
  })

  it("of another tenant are not shown, by nobody's customer or recordId either", async () => {
    const other = await plane.newTenant()
    const { deltas } = await plane.internal.succeed(listPlaneDeltas, call({}, other.tenantId))
    assert.deepEqual(deltas, [])
    const found = await plane.internal.succeed(listPlaneDeltas, call({ search: records[0] }, other.tenantId))
    assert.deepEqual(found.deltas, [])
    const foreign = call({ customerId: 'a' }, other.tenantId)
    await plane.internal.refuse(listPlaneDeltas, 'CUSTOMER_NOT_FOUND', foreign)
    const nobody = call({}, newId('tnt', randomBytes))
    await plane.internal.refuse(listPlaneDeltas, 'CONTRACT_NOT_DEPLOYED', nobody)
  })
})

it('the range of each status is what statusOf says, whatever the state of a log', () => {
  const SIZE = 6
  const sizes = Array.from({ length: SIZE + 1 }, (_, i) => i)
  for (const tree_size of sizes) {
    for (const verified_size of sizes.slice(0, tree_size + 1)) {
      for (const first_failed_index of [null, ...sizes.slice(0, SIZE)]) {
        const progress = { tree_size, verified_size, first_failed_index }
        for (const status of ['QUEUED', 'PROCESSING', 'VERIFIED', 'FAILED'] as const) {
          const { from, to, holeFrom, holeTo } = rangeOf(status, progress, SIZE)
          const inRange = (i: number) => i >= from && i < to && !(i >= holeFrom && i < holeTo)
          for (const i of sizes.slice(0, SIZE)) {
            const where = `${status} ${i} ${JSON.stringify(progress)}`
            assert.equal(inRange(i), statusOf(i, progress) === status, where)
          }
        }
      }
    }
  }
})

it('what was written is sound', () => plane.requireSound())
