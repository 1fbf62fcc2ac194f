import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { silentLog } from '@pacspace/service/log'
import { testClient } from '@pacspace/testing/test-client'
import { integrate } from '../anchors/integrate.ts'
import { createDataPlane } from '../data-plane.ts'
import { RequestLimits } from '../keys/limit-requests.ts'
import { databaseAway } from '../testing/database-away.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { VerifiedWatch, type VerifiedWatchOptions } from './verified-watch.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const body = { customerId: 'cust', delta: 1, reason: 'x' }
const waiting = { query: { wait: 'verified' } }
const emitAndWait = (key = tenant.key, headers: Record<string, string> = {}) =>
  plane.client.call(emitDelta, { key, body, headers, ...waiting })

/** True when a promise has settled after all that can run now has run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol()
  await plane.owner.query('select 1')
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

/** Resolves when the log has so many entries. */
async function logHas(size: number): Promise<void> {
  for (;;) {
    const { rows } = await plane.owner.query('select from log_head where tenant_id = $1 and size >= $2', [
      tenant.tenantNo,
      size,
    ])
    if (rows.length > 0) return
  }
}

/** The same plane with another watch. */
async function withWatch(
  options: VerifiedWatchOptions,
  during: (watch: VerifiedWatch, url: string) => Promise<void>,
) {
  const watch = new VerifiedWatch(plane.context.db, options)
  const service = await createDataPlane({ ...plane.context, watch }, plane.keys, new RequestLimits(), {
    log: silentLog,
  })
  const { url } = await service.listen({ host: '127.0.0.1', port: 0 })
  try {
    await during(watch, url)
  } finally {
    watch.close()
    await service.close()
  }
}

describe('an emit with ?wait=verified', () => {
  it('answers once its delta is verified, and says so; without it at once', async () => {
    const answer = emitAndWait()
    await logHas(1)
    const { status } = await plane.client.succeed(emitDelta, { key: tenant.key, body })
    assert.equal(status, 'QUEUED')
    assert.equal(await integrate(plane.worker, tenant.tenantNo), 'grown')
    assert.ok(!(await hasSettled(answer)), 'PROCESSING is not final')
    await plane.verifyAll()
    const { status: code, data } = await answer
    assert.deepEqual([code, data.status, data.sequenceNumber], [201, 'VERIFIED', 1])
  })

  it('holds no connection and no lane: ten times as many wait as there are, and others emit and read', async () => {
    const answers = Array.from({ length: 80 }, () => emitAndWait())
    await logHas(82)
    for (let i = 0; i < 10; i++) await plane.client.succeed(emitDelta, { key: tenant.key, body })
    await plane.verifyAll()
    for (const { data } of await Promise.all(answers)) assert.equal(data.status, 'VERIFIED')
  })

  it('waits for a replay as well, and writes nothing for it', async () => {
    const headers = { 'idempotency-key': 'waited' }
    const first = await plane.client.succeed(emitDelta, { key: tenant.key, body, headers })
    assert.equal(first.status, 'QUEUED')
    const replay = emitAndWait(tenant.key, headers)
    await plane.verifyAll()
    const { data, headers: answered } = await replay
    assert.deepEqual(data, { ...first, status: 'VERIFIED' })
    assert.equal(answered.get('idempotent-replayed'), 'true')
  })

  it('is told of damage: FAILED', async () => {
    const damaged = await plane.newTenant()
    const answer = emitAndWait(damaged.key)
    const { rows } = await rowsOnceThere(damaged.tenantNo)
    assert.equal(rows.length, 1)
    await plane.owner.query('alter table delta disable trigger user')
    const set = (amount: number) =>
      plane.owner.query('update delta set amount = $2 where tenant_id = $1', [damaged.tenantNo, amount])
    await set(2)
    assert.equal(await integrate(plane.worker, damaged.tenantNo), 'failed')
    assert.equal((await answer).data.status, 'FAILED')
    await set(1)
    await plane.owner.query('alter table delta enable trigger user')
  })

  it('ends with the present status when it takes too long', async () => {
    await withWatch({ statusWaitMsMax: 300 }, async (_watch, url) => {
      const { status } = await testClient(url).succeed(emitDelta, { key: tenant.key, body, ...waiting })
      assert.equal(status, 'QUEUED')
    })
  })

  it('ends with the present status when the process leaves, and at once where too many wait', async () => {
    await withWatch({ waitersMax: 2 }, async (watch, url) => {
      const client = testClient(url)
      const held = Array.from({ length: 2 }, () =>
        client.succeed(emitDelta, { key: tenant.key, body, ...waiting }),
      )
      // Which of the three are held is chance; two are, and the third is answered while they are.
      const third = client.succeed(emitDelta, { key: tenant.key, body, ...waiting })
      assert.equal((await Promise.race([...held, third])).status, 'QUEUED')
      watch.close()
      for (const { status } of await Promise.all([...held, third])) assert.equal(status, 'QUEUED')
    })
  })

  it('outlives an outage of the database', async () => {
    const answer = emitAndWait()
    await rowsOnceThere(tenant.tenantNo)
    await databaseAway(plane.database, async () => {
      assert.ok(!(await Promise.race([answer.then(() => true), Promise.resolve(false)])))
    })
    await plane.verifyAll()
    assert.equal((await answer).data.status, 'VERIFIED')
  })

  it('refuses any other wait', async () => {
    await plane.client.refuse(emitDelta, 'VALIDATION_ERROR', {
      key: tenant.key,
      body,
      query: { wait: 'queued' },
    })
  })
})

async function rowsOnceThere(tenantNo: number) {
  for (;;) {
    const found = await plane.owner.query('select from log_head where tenant_id = $1 and size > 0', [
      tenantNo,
    ])
    if (found.rows.length > 0) return found
  }
}

it('what was written meanwhile is sound', () => plane.requireSound())
