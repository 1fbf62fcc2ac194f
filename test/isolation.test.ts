import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { listActivity } from '@pacspace/api/definition/activity'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { getCustomer, getCustomersSummary } from '@pacspace/api/definition/customers'
import { acceptFact } from '@pacspace/api/definition/facts'
import { createApiKey, listApiKeys } from '@pacspace/api/definition/keys'
import { deriveBalance, emitDelta, getDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getReceipt } from '@pacspace/api/definition/receipts'
import { createInvitation } from '@pacspace/api/definition/team'
import { createWebhook, testWebhook } from '@pacspace/api/definition/webhooks'
import { acceptWrites } from '@pacspace/api/definition/writes'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { controlPlaneEndpoints, dataPlaneEndpoints } from '@pacspace/api/endpoints'
import type { TenantId } from '@pacspace/api/id'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { getPlaneHistory } from '@pacspace/api/internal/plane-history'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'
import { createPlaneWebhook, testPlaneWebhook } from '@pacspace/api/internal/plane-webhooks'
import type { Pool } from '@pacspace/service/postgres'
import { type IsolationWorld, isolationCases } from '@pacspace/testing/isolation'
import { TestControlPlane } from '../apps/control-plane/src/testing/test-control-plane.ts'
import type { TestPlane } from '../apps/control-plane/src/testing/test-plane.ts'
import { startTestDataPlane, type TestDataPlane } from '../apps/data-plane/src/testing/test-data-plane.ts'

const CUSTOMER = 'isolation-customer-of-a'
const UNKNOWN = '0123456789abcdefghjkmnpqrs'

/** Of all rows of all tables, so that none can be forgotten. Throttling may note that somebody asked. */
async function fingerprintOf(owner: Pool): Promise<string> {
  const { rows } = await owner.query<{ table: string; content: string }>(`
    select tablename as table, md5(query_to_xml(format('select * from %I t order by t::text', tablename), true, true, '')::text)
      as content
    from pg_tables where schemaname = 'public' and tablename <> 'throttle' order by tablename`)
  assert.ok(rows.length > 0)
  return JSON.stringify(rows)
}

/** The id of a webhook that is on its way to a tenant. */
async function deliveredEvent(plane: TestDataPlane, tenantId: TenantId): Promise<string> {
  const token = plane.internalSecret
  const body = { url: 'https://example.com/hook' }
  const { id } = await plane.internal.succeed(createPlaneWebhook, { token, params: { tenantId }, body })
  const test = await plane.internal.succeed(testPlaneWebhook, { token, params: { tenantId, id } })
  return test.eventId
}

describe('data plane', () => {
  let sandbox: TestDataPlane
  let production: TestDataPlane
  let world: IsolationWorld
  before(async () => {
    sandbox = await startTestDataPlane('sandbox')
    production = await startTestDataPlane('production')
    const [a, b] = [await sandbox.newTenant(), await sandbox.newTenant()]
    const body = { customerId: CUSTOMER, delta: 7, reason: 'secret reason of a', referenceId: 'ref-of-a' }
    const { recordId } = await sandbox.client.succeed(emitDelta, { key: a.key, body })
    const items = [{ key: 'bucket-of-a', accountId: CUSTOMER, bits: 1 }]
    await sandbox.client.succeed(acceptWrites, { key: a.key, body: { items } })
    const { contentHash } = await sandbox.client.succeed(acceptFact, {
      key: a.key,
      body: { content: 'secret fact of a' },
    })
    await sandbox.verifyAll()
    const eventId = await deliveredEvent(sandbox, a.tenantId)
    world = {
      client: sandbox.client,
      // A stream that is followed would never end.
      credential: ({ id }) => ({
        key: b.key,
        ...(id === 'streamDeltas' && { query: { after: 'start', follow: 'false' } }),
      }),
      ids: {
        recordId: { foreign: recordId, unknown: `rec_${UNKNOWN}` },
        customerId: { foreign: CUSTOMER, unknown: 'nobody-knows-me' },
        key: { foreign: 'bucket-of-a', unknown: 'bucket-of-n' },
        contentHash: { foreign: contentHash, unknown: `sha256_${'0'.repeat(64)}` },
        eventId: { foreign: eventId, unknown: `evt_${UNKNOWN}` },
      },
      bodies: {},
      secrets: [CUSTOMER, recordId, a.tenantId, eventId],
      fingerprint: () => fingerprintOf(sandbox.owner),
    }
  })
  after(async () => {
    await sandbox[Symbol.asyncDispose]()
    await production[Symbol.asyncDispose]()
  })

  for (const each of isolationCases(dataPlaneEndpoints)) it(each.name, () => each.run(world))

  it("K8 a correction of another tenant's delta is refused like one of a delta that does not exist", async () => {
    const before = await world.fingerprint()
    const answers = await Promise.all(
      ['foreign', 'unknown'].map(async (which) => {
        const id = world.ids.recordId
        assert.ok(id)
        const recordId = which === 'foreign' ? id.foreign : id.unknown
        const body = { customerId: CUSTOMER, delta: 1, reason: 'x', adjusts: { recordId } }
        const { message, details } = await world.client.refuse(emitDelta, 'ADJUSTED_DELTA_NOT_FOUND', {
          ...world.credential(emitDelta),
          body,
        })
        return { message, details }
      }),
    )
    assert.deepEqual(answers[0], answers[1])
    assert.equal(await world.fingerprint(), before)
  })

  it('the same customerId at two tenants is two ledgers', async () => {
    const body = { customerId: CUSTOMER, delta: 1, reason: 'mine' }
    const mine = await world.client.succeed(emitDelta, { ...world.credential(emitDelta), body })
    assert.equal(mine.sequenceNumber, 1)
  })

  for (const endpoint of dataPlaneEndpoints.filter(({ auth }) => auth.kind === 'apiKey')) {
    it(`K7 ${endpoint.id}: the other environment's key is refused and nothing crosses`, async () => {
      const { key } = await production.newTenant()
      const before = await fingerprintOf(sandbox.owner)
      const params = {
        recordId: `rec_${UNKNOWN}`,
        eventId: `evt_${UNKNOWN}`,
        customerId: CUSTOMER,
        contentHash: 'sha256_0',
      }
      const body =
        endpoint.body === undefined ? {} : { body: { customerId: CUSTOMER, delta: 1, reason: 'x' } }
      const { message } = await sandbox.client.refuse(endpoint, 'API_KEY_ENVIRONMENT_HOST_MISMATCH', {
        key,
        params,
        ...body,
      })
      assert.match(message, /Production/)
      assert.equal(await fingerprintOf(sandbox.owner), before)
      const { customers } = await production.client.succeed(listCustomers, { key })
      assert.deepEqual(customers, [])
    })
  }
})

/** The tenant has a customer; any other's question that reached it would fail. */
function showLedger(plane: TestPlane, a: TenantId): void {
  const views = [getCustomer, deriveBalance, getReceipt, listCheckpoints, takeCheckpoint, getDelta]
  const lists = [listCustomers, getCustomersSummary, listPlaneDeltas, getPlaneHistory, getPlaneVerification]
  for (const original of [...views, ...lists]) {
    plane.show<EndpointShape>(a, original, () => assert.fail(`${original.id} of a was asked for b`))
  }
}

describe('control plane', () => {
  let plane: TestControlPlane
  let ownerOfKey: string
  let world: IsolationWorld
  before(async () => {
    plane = await TestControlPlane.start()
    const [a, b] = [await plane.account(), await plane.account()]
    ownerOfKey = a.token
    showLedger(plane.planes.sandbox, a.tenantId)
    const { id: keyId, publicKey } = await plane.client.succeed(createApiKey, {
      token: a.token,
      body: { name: 'key of a' },
    })
    const { items } = await plane.client.succeed(listActivity, { token: a.token })
    const { id: invitationId } = await plane.client.succeed(createInvitation, {
      token: a.token,
      body: { email: 'invited-by-a@example.com', role: 'viewer' },
    })
    const entryId = items[0]?.id ?? assert.fail('registering is an activity')
    const webhook = await plane.client.succeed(createWebhook, {
      token: a.token,
      body: { url: 'https://example.com/' },
    })
    const event = await plane.client.succeed(testWebhook, { token: a.token, params: { id: webhook.id } })
    world = {
      client: plane.client,
      credential: () => ({ token: b.token }),
      ids: {
        tenantId: { foreign: a.tenantId, unknown: `tnt_${UNKNOWN}` },
        keyId: { foreign: keyId, unknown: `key_${UNKNOWN}` },
        id: { foreign: webhook.id, unknown: `wh_${UNKNOWN}` },
        eventId: { foreign: event.eventId, unknown: `evt_${UNKNOWN}` },
        entryId: { foreign: entryId, unknown: `aud_${UNKNOWN}` },
        userId: { foreign: a.userId, unknown: `usr_${UNKNOWN}` },
        invitationId: { foreign: invitationId, unknown: `inv_${UNKNOWN}` },
        customerId: { foreign: CUSTOMER, unknown: 'nobody-knows-me' },
        recordId: { foreign: `rec_${UNKNOWN}`, unknown: `rec_${UNKNOWN}` },
      },
      bodies: {
        updateWebhook: {},
        recoverWebhook: { since: '2026-01-01' },
        updateApiKey: { name: 'taken' },
        rotateApiKey: {},
        updateMember: { role: 'viewer' },
        takeLedgerCheckpoint: {},
      },
      secrets: [a.tenantId, a.userId, a.email, keyId, publicKey, 'key of a', entryId, invitationId],
      fingerprint: () => fingerprintOf(plane.owner),
    }
  })
  after(() => plane[Symbol.asyncDispose]())

  for (const each of isolationCases(controlPlaneEndpoints)) it(each.name, () => each.run(world))

  it("K8 the other tenant's key is as it was", async () => {
    const { items } = await plane.client.succeed(listApiKeys, { token: ownerOfKey })
    assert.deepEqual(
      items.map(({ name, active, revokedAt }) => ({ name, active, revokedAt })),
      [{ name: 'key of a', active: true, revokedAt: null }],
    )
  })
})
