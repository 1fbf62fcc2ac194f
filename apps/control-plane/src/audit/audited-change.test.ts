import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ZERO } from '@pacspace/api/amount'
import { listActivity } from '@pacspace/api/definition/activity'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { createCustomer } from '@pacspace/api/definition/customer-profile'
import { createApiKey, revokeApiKey } from '@pacspace/api/definition/keys'
import { takeLedgerCheckpoint } from '@pacspace/api/definition/ledger-views'
import { createWebhook } from '@pacspace/api/definition/webhooks'
import type { EndpointData } from '@pacspace/api/endpoint'
import type { CheckpointId } from '@pacspace/api/id'
import { createPlaneKey } from '@pacspace/api/internal/plane'
import { createPlaneCustomer } from '@pacspace/api/internal/plane-customers'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { beginVoid, endVoid, IntentRefused } from './admin-intent.ts'
import { auditedChange, settleIntents } from './audited-change.ts'
import { growAuditLog } from './grow-audit-log.ts'

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account()
})
after(() => plane[Symbol.asyncDispose]())

const ROOT = `0x${'ab'.repeat(32)}` as const
const CHECKPOINT = {
  checkpointId: `chk_${'0'.repeat(42)}` as CheckpointId,
  status: 'QUEUED',
  period: '2026-01',
  startDate: null,
  endDate: null,
  closed: true,
  customerId: 'cus_1',
  deltasCount: 1,
  startingBalance: ZERO,
  netChange: ZERO,
  endingBalance: ZERO,
  merkleRoot: ROOT,
  proofRoot: ROOT,
  mode: null,
  fingerprints: null,
  createdAt: timestampOf(Date.UTC(2026, 1, 1)),
} satisfies EndpointData<typeof takeCheckpoint>

/** Nobody is at work on an intent any more. */
const UNDER_WAY_MS = 60_001

const intents = () => plane.count('audit_intent')
const keysThere = () => plane.planes.sandbox.tenants.get(user.tenantId)?.keys ?? []
async function newest() {
  const { items } = await plane.client.succeed(listActivity, { token: await plane.freshToken(user) })
  return items.filter(({ action }) => !action.startsWith('session.'))
}

/** What a request is to the handlers. */
const asked = () => ({
  principal: { kind: 'user', userId: user.userId, tenantId: user.tenantId, role: 'owner' } as never,
  request: { id: 'req_0123456789abcdefghjkmnpqrs', remoteAddress: '192.0.2.9', headers: {} } as never,
  action: 'key.created' as const,
  environment: 'sandbox' as const,
  details: { name: 'crashed' },
})

const createInPlane = () =>
  plane.context.planes.sandbox.call(createPlaneKey, {
    params: { tenantId: user.tenantId },
    body: { name: 'crashed' },
  })

describe('a change in a plane and its entry', () => {
  test('change places with an intent: afterwards there is the entry alone', async () => {
    const key = await plane.client.succeed(createApiKey, { token: user.token, body: { name: 'CI' } })
    const [entry] = await newest()
    assert.deepEqual(
      [entry?.action, entry?.target, entry?.details.outcome],
      ['key.created', key.id, undefined],
    )
    assert.equal(await intents(), 0)
  })

  test('K20 a process that dies after the plane has done it leaves an entry that says unconfirmed', async () => {
    const before = keysThere().length
    const dies = auditedChange(
      asked(),
      { change: createInPlane, note: () => Promise.reject(new Error('killed')) },
      plane.context,
    )
    await assert.rejects(dies, /killed/)
    assert.equal(keysThere().length, before + 1, 'the plane has done it')
    assert.equal(await intents(), 1)
    await settleIntents(plane.context)
    assert.equal(await intents(), 1, 'somebody might still be at work on it')
    const askedAt = timestampOf(plane.clock.now())
    plane.clock.advance(UNDER_WAY_MS)
    await Promise.all([settleIntents(plane.context), settleIntents(plane.context)])
    const entries = (await newest()).filter(({ details }) => details.outcome === 'unconfirmed')
    assert.equal(entries.length, 1)
    const { action, actor, target, environment, details, address, requestId } = entries[0] ?? assert.fail()
    assert.deepEqual(
      { action, actor: actor.id, target, environment, details, address, requestId },
      {
        action: 'key.created',
        actor: user.userId,
        target: user.tenantId,
        environment: 'sandbox',
        details: { name: 'crashed', outcome: 'unconfirmed', askedAt },
        address: '192.0.2.9',
        requestId: 'req_0123456789abcdefghjkmnpqrs',
      },
    )
    assert.equal(await intents(), 0)
    await growAuditLog(plane.context)
    assert.equal(await plane.count('audit_pending'), 0)
  })

  test('K20 a process that dies before the plane answers, or hears nothing from it, likewise', async () => {
    const already = (await newest()).length
    const silent = auditedChange(
      asked(),
      { change: () => Promise.reject(new Error('killed')), note: async () => {} },
      plane.context,
    )
    await assert.rejects(silent, /killed/)
    plane.planes.sandbox.show(user.tenantId, createPlaneCustomer, () => {
      throw new Error('broken in the middle')
    })
    const token = await plane.freshToken(user)
    const broken = await fetch(`${plane.client.baseUrl}/dashboard/customers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ displayName: 'x' }),
    })
    assert.equal(broken.status, 500)
    assert.equal(await intents(), 2)
    plane.clock.advance(UNDER_WAY_MS)
    await settleIntents(plane.context)
    const entries = (await newest()).slice(0, -already)
    assert.deepEqual(entries.map(({ action, details }) => [action, details.outcome]).sort(), [
      ['customer.created', 'unconfirmed'],
      ['key.created', 'unconfirmed'],
    ])
  })

  test('where the plane refuses, or is away, nothing is left behind', async () => {
    const already = (await newest()).length
    const token = await plane.freshToken(user)
    const unknown = { token, params: { keyId: 'key_00000000000000000000000000' } }
    await plane.client.refuse(revokeApiKey, 'NOT_FOUND', unknown)
    const body = { displayName: 'x' }
    plane.planes.sandbox.show(user.tenantId, createPlaneCustomer, () => {
      throw new Problem('CUSTOMER_EXISTS')
    })
    await plane.client.refuse(createCustomer, 'CUSTOMER_EXISTS', { token, body })
    await plane.planes.sandbox.stop()
    await plane.client.refuse(createApiKey, 'SERVICE_UNAVAILABLE', { token, body: { name: 'x' } })
    await plane.planes.sandbox.start()
    assert.equal(await intents(), 0)
    plane.clock.advance(UNDER_WAY_MS)
    await settleIntents(plane.context)
    assert.equal((await newest()).length, already)
  })
})

describe('the activity log tells of', () => {
  test('a checkpoint and a customer that were made in the dashboard', async () => {
    const own = await plane.account()
    const { token, tenantId } = own
    const made = { ledgerIdentifier: 'x', customerReference: 'x', createdAt: timestampOf(plane.clock.now()) }
    plane.planes.sandbox.show(tenantId, createPlaneCustomer, () => ({
      customerId: 'cus_1',
      displayName: 'Northwind',
      ...made,
    }))
    await plane.client.succeed(createCustomer, { token, body: { displayName: 'Northwind' } })
    plane.planes.sandbox.show(tenantId, takeCheckpoint, () => CHECKPOINT)
    const call = { token, params: { customerId: 'cus_1' }, body: { period: '2026-01' } }
    const { checkpointId } = await plane.client.succeed(takeLedgerCheckpoint, call)
    await plane.client.succeed(createWebhook, { token, body: { url: 'https://example.com/secret-path' } })
    const { items } = await plane.client.succeed(listActivity, { token })
    assert.deepEqual(
      items
        .slice(0, 3)
        .map(({ action, target, environment, details }) => [action, target, environment, details]),
      [
        ['webhook.created', items[0]?.target, 'sandbox', { url: 'https://example.com' }],
        [
          'checkpoint.taken',
          checkpointId,
          'sandbox',
          { customerId: 'cus_1', period: '2026-01', closed: true },
        ],
        ['customer.created', 'cus_1', 'sandbox', { displayName: 'Northwind' }],
      ],
    )
  })
})

describe('what an operator does in a plane', () => {
  const words = { environment: 'production', record: 'rec_1', reason: 'lost', deltas: '3' }

  test('K20 is meant first, and is an entry once it is done; what was refused leaves nothing', async () => {
    const tenant = user.tenantId
    const before = (await newest()).length
    await endVoid(await beginVoid({ ...words, tenant }, plane.context), false, plane.context)
    assert.equal((await newest()).length, before)
    const no = await beginVoid({ ...words, tenant }, plane.context)
    assert.equal(await intents(), 1)
    await endVoid(no, true, plane.context)
    assert.equal(await intents(), 0)
    const [entry] = await newest()
    assert.deepEqual(
      [entry?.action, entry?.actor.kind, entry?.target, entry?.environment, entry?.details],
      ['delta.voided', 'operator', 'rec_1', 'production', { reason: 'lost', deltas: 3 }],
    )
    await assert.rejects(endVoid(no, true, plane.context), IntentRefused)
  })

  test('K20 is told as unconfirmed where the command died', async () => {
    await beginVoid({ ...words, tenant: user.tenantId }, plane.context)
    plane.clock.advance(UNDER_WAY_MS)
    await settleIntents(plane.context)
    const [entry] = await newest()
    assert.deepEqual(
      [entry?.action, entry?.actor.kind, entry?.details.outcome],
      ['delta.voided', 'operator', 'unconfirmed'],
    )
  })

  test('is nothing without its tenant, environment and number', async () => {
    for (const change of [{ tenant: 'x' }, { environment: 'prod' }, { deltas: '0' }])
      await assert.rejects(
        beginVoid({ ...words, tenant: user.tenantId, ...change }, plane.context),
        IntentRefused,
      )
  })
})
