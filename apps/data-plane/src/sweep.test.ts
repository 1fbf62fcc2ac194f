import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { getLimits } from '@pacspace/api/definition/customers'
import { emitBatch, emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getLogKey } from '@pacspace/api/definition/public-log'
import type { Permission } from '@pacspace/api/endpoint'
import { dataPlaneEndpoints, planeInternalEndpoints } from '@pacspace/api/endpoints'
import { type ContractId, newId } from '@pacspace/api/id'
import { provisionTenant } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import { randomBytes } from '@pacspace/service/random'
import { permissionsWithout, type SweepWorld, sweepCases, sweepDatabaseAway } from '@pacspace/testing/sweep'
import type { TestCall } from '@pacspace/testing/test-client'
import { implementations, internalImplementations } from './data-plane.ts'
import { databaseAway } from './testing/database-away.ts'
import { ledgerRows } from './testing/ledger-rows.ts'
import {
  startTestDataPlane,
  type TestDataPlane,
  type TestTenant,
  unknownKey,
} from './testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
let publicWorld: SweepWorld
let internalWorld: SweepWorld
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const params = {
    tenantId: tenant.tenantId,
    keyId: 'key_00000000000000000000000000',
    customerId: 'cust',
    recordId: 'rec_00000000000000000000000000',
    key: 'bucket',
    contentHash: `sha256_${'0'.repeat(64)}`,
    logId: '0'.repeat(32),
    id: 'wh_00000000000000000000000000',
    eventId: 'evt_00000000000000000000000000',
    tilePath: '0/000.p/1',
    proofRoot: `0x${'0'.repeat(64)}`,
  }
  const disabled = await plane.newKey(tenant.tenantId)
  await plane.owner.query('update api_key set active = false where id = $1', [disabled.id])
  const away = (during: () => Promise<void>) => databaseAway(plane.database, during)
  await plane.miserly.succeed(listCustomers, { key: tenant.key })
  await plane.miserly.refuse(getLogKey, 'NOT_FOUND', { params })
  publicWorld = {
    client: plane.client,
    usedUp: plane.miserly,
    params,
    apiKey: {
      valid: tenant.key,
      disabled: disabled.fullKey,
      unknown: unknownKey('sandbox'),
      otherEnvironment: unknownKey('production'),
      notDeployed: await keyBeforeActive(),
      without: async (permission: Permission) =>
        (await plane.newKey(tenant.tenantId, permissionsWithout(permission))).fullKey,
      otherChainId: '295',
    },
    databaseAway: away,
  }
  internalWorld = {
    client: plane.internal,
    params,
    internalSecret: plane.internalSecret,
    databaseAway: away,
  }
})
after(() => plane[Symbol.asyncDispose]())

/** A key may be created as soon as provisioning was asked for; it opens nothing until that is done. */
async function keyBeforeActive(): Promise<string> {
  const tenantId = newId('tnt', randomBytes)
  await plane.internal.succeed(provisionTenant, {
    token: plane.internalSecret,
    params: { tenantId },
    body: provisioning(newId('ctr', randomBytes)),
  })
  return (await plane.newKey(tenantId)).fullKey
}

function provisioning(contractId: ContractId) {
  const { ratePerSecond, burst, lifetimeCap, monthlyAllotment } = plans.pilot
  return {
    contractId,
    entitlement: { tier: 'pilot', lifetimeCap, monthlyAllotment, writesAllowed: true, ratePerSecond, burst },
  }
}

describe('every endpoint that is defined for a plane is bound, and no other', () => {
  it('on the public port', () => {
    const bound = implementations.map(({ definition }) => definition.id)
    assert.deepEqual(bound.sort(), dataPlaneEndpoints.map(({ id }) => id).sort())
  })

  it('on the private port', () => {
    const bound = internalImplementations.map(({ definition }) => definition.id)
    assert.deepEqual(bound.sort(), planeInternalEndpoints.map(({ id }) => id).sort())
  })

  it('and neither port serves what belongs to the other', async () => {
    const here = await fetch(`${plane.client.baseUrl}/internal/tenants/${tenant.tenantId}`, {
      headers: { authorization: `Bearer ${plane.internalSecret}` },
    })
    const there = await fetch(`${plane.internal.baseUrl}/api/v1/balance/customers`, {
      headers: { 'x-api-key': tenant.key },
    })
    assert.deepEqual([here.status, there.status], [404, 404])
  })
})

describe('refusals that do not depend on what an endpoint does', () => {
  for (const each of sweepCases(dataPlaneEndpoints)) {
    it(each.name, async () => {
      const before = await ledgerRows(plane.owner)
      await each.run(publicWorld)
      assert.deepEqual(await ledgerRows(plane.owner), before)
    })
  }
  for (const each of sweepCases(planeInternalEndpoints)) it(each.name, () => each.run(internalWorld))
})

describe('R6 with the database away', () => {
  const body = { customerId: 'cust', delta: 1, reason: 'x' }
  const publicCalls: Record<string, TestCall> = {
    emitDelta: { body, headers: { 'idempotency-key': 'away' } },
    emitBatch: { body: { deltas: [body, body] }, headers: { 'idempotency-key': 'away_batch' } },
    getLogConsistency: { query: { from: 0 } },
    compareBalances: { body: { customerId: 'cust', yourBalance: 0, theirBalance: 0 } },
    acceptFact: { body: { content: 'away' } },
    acceptWrites: { body: { items: [{ key: 'away', accountId: 'cust', bits: 1 }] } },
    takeCheckpoint: { body: { customerId: 'cust' } },
  }

  it('every public endpoint answers 503 with Retry-After, and afterwards each works again by itself', async () => {
    const before = await ledgerRows(plane.owner)
    // Limits are read from nowhere: only the key may have to be.
    const reading = dataPlaneEndpoints.filter(({ id }) => id !== getLimits.id)
    await sweepDatabaseAway(reading, publicWorld, publicCalls)
    assert.deepEqual(await ledgerRows(plane.owner), before)
    // A key that a 503 answered may be used again.
    const { key } = tenant
    const emitted = await plane.client.call(emitDelta, { key, ...publicCalls.emitDelta })
    const batch = await plane.client.call(emitBatch, { key, ...publicCalls.emitBatch })
    for (const answer of [emitted, batch]) {
      assert.equal(answer.status, 201)
      assert.equal(answer.headers.get('idempotent-replayed'), null)
    }
    assert.equal((await ledgerRows(plane.owner)).deltas, before.deltas + 3)
  })

  it('also those that it had to look up a key for', async () => {
    plane.keys.forget()
    const calls = { emitDelta: { ...publicCalls.emitDelta, key: tenant.key } }
    await databaseAway(plane.database, async () => {
      await plane.client.refuse(emitDelta, 'SERVICE_UNAVAILABLE', calls.emitDelta)
      await plane.client.refuse(getLimits, 'SERVICE_UNAVAILABLE', { key: tenant.key })
    })
    await plane.client.succeed(emitDelta, calls.emitDelta)
  })

  it('every internal endpoint answers 503 with Retry-After, and afterwards each works again by itself', async () => {
    const { entitlement, contractId } = provisioning(newId('ctr', randomBytes))
    await sweepDatabaseAway(planeInternalEndpoints, internalWorld, {
      provisionTenant: { body: { contractId, entitlement } },
      setEntitlement: { body: entitlement },
      setPublicRecords: { body: { publicRecords: false } },
      createPlaneKey: { body: { name: 'never' } },
      createPlaneCustomer: { body: { displayName: 'never' } },
      createPlaneWebhook: { body: { url: 'https://example.com/never' } },
      recoverPlaneWebhook: { body: { since: '2026-01-01' } },
      confirmWebhookNotices: { body: { noticeNos: [1] } },
      getPlaneUsage: { query: { period: '2031-01' } },
      listHighUsage: { query: { period: '2026-01', percent: 80 } },
      viewCompareBalances: { body: { customerId: 'cust', yourBalance: 0, theirBalance: 0 } },
      viewTakeCheckpoint: { body: { customerId: 'cust' } },
    })
    const { rows } = await plane.owner.query(`select from api_key where name = 'never'`)
    assert.equal(rows.length, 0)
    await plane.newKey(tenant.tenantId)
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
