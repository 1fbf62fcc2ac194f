import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getLogCheckpoint } from '@pacspace/api/definition/public-log'
import { newId, type TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane'
import { plans, type Tier } from '@pacspace/api/plan'
import { transaction } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { FileAnchor } from '../anchors/file-anchor.ts'
import { provisionWaiting } from '../anchors/provision-log.ts'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let token: string
before(async () => {
  plane = await startTestDataPlane()
  token = plane.internalSecret
})
after(() => plane[Symbol.asyncDispose]())

function entitlementOf(tier: Tier) {
  const { ratePerSecond, burst, lifetimeCap, monthlyAllotment } = plans[tier]
  return { tier, lifetimeCap, monthlyAllotment, writesAllowed: true, ratePerSecond, burst }
}

const provision = (tenantId: TenantId, tier: Tier = 'pilot') =>
  plane.internal.call(api.provisionTenant, {
    token,
    params: { tenantId },
    body: { contractId: newId('ctr', randomBytes), entitlement: entitlementOf(tier) },
  })
const stateOf = (tenantId: TenantId) =>
  plane.internal.succeed(api.getPlaneTenant, { token, params: { tenantId } })
const someTenant = () => newId('tnt', randomBytes)

async function rowsOf(tenantId: TenantId) {
  const { rows } = await plane.owner.query(
    `select tier, lifetime_cap, writes_allowed, rate_per_second, burst,
            (select count(*) from log where tenant_id = t.id) as logs,
            (select count(*) from log_key where tenant_id = t.id) as keys,
            (select count(*) from log_note where tenant_id = t.id) as notes
       from tenant t where public_id = $1`,
    [tenantId],
  )
  assert.equal(rows.length, 1)
  return rows[0]
}

/** A worker whose anchor cannot be written: its folder is a file. */
async function withBrokenAnchor(during: (worker: TestDataPlane['worker']) => Promise<void>): Promise<void> {
  const path = join(tmpdir(), `pacspace-no-folder-${process.pid}`)
  await writeFile(path, '')
  await during({ ...plane.worker, fileAnchor: new FileAnchor(path, { writer: 'test' }) })
  await rm(path)
}

describe('provisioning', () => {
  it('is asked for, then done by the worker: log, key, heads and a signed empty head at the anchor', async () => {
    const tenantId = someTenant()
    const asked = await provision(tenantId)
    assert.equal(asked.status, 200)
    assert.deepEqual(asked.data, { tenantId, status: 'provisioning', reason: null, origin: null })
    assert.deepEqual(await stateOf(tenantId), asked.data)
    assert.equal(await provisionWaiting(plane.worker), 1)
    const { origin, ...done } = await stateOf(tenantId)
    assert.deepEqual(done, { tenantId, status: 'active', reason: null })
    assert.match(origin ?? '', /^test\.pacspace\.example\/log\/[0-9a-f]{32}$/)
    const logId = origin?.split('/').at(-1) ?? ''
    const checkpoint = await plane.client.succeed(getLogCheckpoint, { params: { logId } })
    assert.equal(await plane.worker.fileAnchor.readCheckpoint(logId), checkpoint)
    assert.deepEqual(await rowsOf(tenantId), {
      tier: 'pilot',
      lifetime_cap: null,
      writes_allowed: true,
      rate_per_second: 50,
      burst: 100,
      logs: 1,
      keys: 1,
      notes: 1,
    })
  })

  it('may be asked for again at any time: the state stays, the entitlement is replaced', async () => {
    const tenantId = someTenant()
    await provision(tenantId, 'free')
    assert.equal((await provision(tenantId)).data.status, 'provisioning')
    await provisionWaiting(plane.worker)
    const before = await stateOf(tenantId)
    assert.deepEqual((await provision(tenantId, 'scale')).data, before)
    assert.equal(await provisionWaiting(plane.worker), 0)
    assert.deepEqual(await stateOf(tenantId), before)
    const { tier, logs } = (await rowsOf(tenantId)) as { tier: string; logs: number }
    assert.deepEqual([tier, logs], ['scale', 1])
  })

  it('asked for twenty times at once, and done by three workers, makes one log', async () => {
    const tenantId = someTenant()
    await Promise.all(Array.from({ length: 20 }, () => provision(tenantId)))
    const activated = await Promise.all(Array.from({ length: 3 }, () => provisionWaiting(plane.worker)))
    assert.equal(
      activated.reduce((sum, count) => sum + count, 0),
      1,
    )
    const { logs, notes } = (await rowsOf(tenantId)) as { logs: number; notes: number }
    assert.deepEqual([logs, notes], [1, 1])
  })

  it('that fails says why, and asked for again goes on with what was made', async () => {
    const tenantId = someTenant()
    await provision(tenantId)
    await withBrokenAnchor(async (worker) => {
      assert.equal(await provisionWaiting(worker), 0)
      const { origin, ...failed } = await stateOf(tenantId)
      const reason = 'The log of this environment could not be set up.'
      assert.deepEqual(failed, { tenantId, status: 'error', reason })
      // Not tried again before somebody asks.
      assert.equal(await provisionWaiting(plane.worker), 0)
      assert.deepEqual((await provision(tenantId)).data, {
        tenantId,
        status: 'provisioning',
        reason: null,
        origin,
      })
      assert.equal(await provisionWaiting(plane.worker), 1)
      assert.deepEqual(await stateOf(tenantId), { tenantId, status: 'active', reason: null, origin })
    })
  })

  it('is not called done while another worker is still at it', async () => {
    const tenantId = someTenant()
    await provision(tenantId)
    await withBrokenAnchor(async (worker) => {
      await provisionWaiting(worker)
    })
    await provision(tenantId)
    await transaction(plane.owner, async (tx) => {
      await tx.query(
        'select from verified_head where tenant_id = (select id from tenant where public_id = $1) for update',
        [tenantId],
      )
      assert.equal(await provisionWaiting(plane.worker), 0)
      assert.equal((await stateOf(tenantId)).status, 'provisioning')
    })
    assert.equal(await provisionWaiting(plane.worker), 1)
  })

  it('before it is done a key may be made, opens nothing, and opens within half a second of it', async () => {
    const tenantId = someTenant()
    await provision(tenantId)
    const { fullKey: key } = await plane.newKey(tenantId)
    const body = { customerId: 'cust', delta: 1, reason: 'x' }
    for (let i = 0; i < 2; i++) {
      const { message } = await plane.client.refuse(emitDelta, 'CONTRACT_NOT_DEPLOYED', { key, body })
      assert.equal(message, 'No contract deployed. Provision an environment first.')
    }
    await provisionWaiting(plane.worker)
    plane.clock.offsetMs = 501
    await plane.client.succeed(emitDelta, { key, body })
    plane.clock.offsetMs = 0
  })

  it('takes no bad input', async () => {
    const good = { contractId: newId('ctr', randomBytes), entitlement: entitlementOf('free') }
    const tenantId = someTenant()
    const bad: object[] = [
      {},
      { ...good, contractId: 'tnt_1' },
      { ...good, entitlement: { ...good.entitlement, tier: 'gold' } },
      { ...good, entitlement: { ...good.entitlement, lifetimeCap: -1 } },
      { ...good, entitlement: { ...good.entitlement, burst: 0 } },
      { ...good, entitlement: { ...good.entitlement, writesAllowed: 'yes' } },
      { ...good, status: 'active' },
    ]
    for (const body of bad) {
      await plane.internal.refuse(api.provisionTenant, 'VALIDATION_ERROR', {
        token,
        params: { tenantId },
        body,
      })
    }
    await plane.internal.refuse(api.getPlaneTenant, 'NOT_FOUND', { token, params: { tenantId } })
  })
})

describe('an entitlement', () => {
  it('is replaced whole, at once, and nothing else is', async () => {
    const { tenantId, key } = await plane.newTenant({ tier: 'free' })
    const before = await stateOf(tenantId)
    const set = (body: object) =>
      plane.internal.call(api.setEntitlement, { token, params: { tenantId }, body })
    const body = { customerId: 'cust', delta: 1, reason: 'x' }
    await plane.client.succeed(emitDelta, { key, body })

    const answer = await set({ ...entitlementOf('free'), writesAllowed: false })
    assert.deepEqual([answer.status, answer.data], [200, before])
    await plane.client.refuse(emitDelta, 'PLAN_UPGRADE_REQUIRED', { key, body })
    await plane.client.succeed(listCustomers, { key }) // reads go on

    await set({ ...entitlementOf('free'), lifetimeCap: 1 })
    await plane.client.refuse(emitDelta, 'INSUFFICIENT_CREDITS', { key, body })
    await set(entitlementOf('growth'))
    await plane.client.succeed(emitDelta, { key, body })
    const { tier, rate_per_second: rate } = (await rowsOf(tenantId)) as {
      tier: string
      rate_per_second: number
    }
    assert.deepEqual([tier, rate], ['growth', 1_000])
  })

  it('of an unknown tenant is 404, and of nobody is refused', async () => {
    await plane.internal.refuse(api.setEntitlement, 'NOT_FOUND', {
      token,
      params: { tenantId: someTenant() },
      body: entitlementOf('free'),
    })
    await plane.internal.refuse(api.setEntitlement, 'VALIDATION_ERROR', {
      token,
      params: { tenantId: someTenant() },
      body: { tier: 'free' },
    })
  })

  it('a replay of what was written before a cancellation is still answered', async () => {
    const { tenantId, key } = await plane.newTenant()
    const call = {
      key,
      body: { customerId: 'cust', delta: 1, reason: 'x' },
      headers: { 'idempotency-key': 'before' },
    }
    const first = await plane.client.call(emitDelta, call)
    await plane.internal.succeed(api.setEntitlement, {
      token,
      params: { tenantId },
      body: { ...entitlementOf('pilot'), writesAllowed: false },
    })
    assert.equal((await plane.client.call(emitDelta, call)).text, first.text)
  })
})

it('what was made meanwhile is sound', () => plane.requireSound())
