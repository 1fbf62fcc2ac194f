import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { emitBatch } from '@pacspace/api/definition/ledger'
import { newId } from '@pacspace/api/id'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'
import { randomBytes } from '@pacspace/service/random'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

const FIRST_DAY = '2031-01-30'
const SECOND_DAY = '2031-01-31'
/** What deltas are made to wait, longer than any machine takes for the rest. */
const WAITED_S = 60

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  await stopTimeAt(plane, `${FIRST_DAY}T12:00:00.000Z`)
  tenant = await plane.newTenant({ tier: 'pilot' })
  const emit = async (count: number) => {
    const deltas = Array.from({ length: count }, (_, i) => ({
      customerId: `c${i % 3}`,
      delta: 1,
      reason: 'x',
    }))
    await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
  }
  await emit(150)
  await stopTimeAt(plane, `${FIRST_DAY}T12:01:00.000Z`)
  await plane.verifyAll()
  // An entry of the log that is no delta: it has no way to VERIFIED that is counted.
  await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { customerId: 'c1' } })
  await plane.verifyAll()
  await stopTimeAt(plane, `${SECOND_DAY}T12:00:00.000Z`)
  await emit(2)
  await stopTimeAt(plane, `${SECOND_DAY}T12:02:00.000Z`)
  await plane.verifyAll()
  await emit(3)
})
after(() => plane[Symbol.asyncDispose]())

const call = (query: object = {}, tenantId = tenant.tenantId) => ({
  token: plane.internalSecret,
  params: { tenantId },
  query: { ...query },
})
const figures = (query: object = {}) => plane.internal.succeed(getPlaneVerification, call(query))

type Latency = Awaited<ReturnType<typeof figures>>['latency'] | undefined

/** Median and 95th percentile in whole times of what deltas were made to wait, and of how many. */
function waits(latency: Latency): number[] | undefined {
  if (latency === undefined || latency === null) return undefined
  const times = [latency.medianMs, latency.p95Ms].map((ms) => Math.round(ms / 1_000 / WAITED_S))
  return [...times, latency.samples]
}

describe('how verification goes', () => {
  it('is told by day, with how long deltas took, of at most a hundred of a day', async () => {
    const { days } = await figures()
    assert.equal(days.length, 30)
    assert.equal(days.at(-1)?.date, SECOND_DAY)
    const [first, second] = days.slice(-2)
    assert.deepEqual([first?.date, first?.verified, first?.pending], [FIRST_DAY, 150, 0])
    assert.deepEqual(waits(first?.latency), [1, 1, 100])
    assert.deepEqual([second?.verified, second?.pending], [2, 3])
    assert.deepEqual(waits(second?.latency), [2, 2, 2])
    assert.ok(days.slice(0, -2).every((day) => day.verified === 0 && day.latency === null))
  })

  it('of the newest hundred entries, without the one that is no delta', async () => {
    const { latency } = await figures()
    assert.deepEqual(waits(latency), [1, 1, 99])
  })

  it('of a month has its days', async () => {
    const { days } = await figures({ period: '2031-02' })
    assert.equal(days.length, 28)
    assert.ok(days.every((day) => day.verified === 0))
    const january = await figures({ period: '2031-01' })
    assert.deepEqual([january.days.length, january.days[29]?.verified], [31, 150])
  })

  it('of a tenant without a delta is nothing, of an unknown one is refused', async () => {
    const other = await plane.newTenant()
    const { days, latency } = await plane.internal.succeed(getPlaneVerification, call({}, other.tenantId))
    assert.ok(days.every((day) => day.verified === 0 && day.latency === null))
    assert.equal(latency, null)
    const nobody = call({}, newId('tnt', randomBytes))
    await plane.internal.refuse(getPlaneVerification, 'CONTRACT_NOT_DEPLOYED', nobody)
    await plane.internal.refuse(getPlaneVerification, 'VALIDATION_ERROR', call({ period: '2031-13' }))
  })
})

it('what was written is sound', () => plane.requireSound())
