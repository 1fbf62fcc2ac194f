import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { compareBalances } from '@pacspace/api/definition/compare'
import { getCustomer, getCustomersSummary } from '@pacspace/api/definition/customers'
import { deriveBalance, emitDelta, getDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { getReceipt } from '@pacspace/api/definition/receipts'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { newId, type TenantId } from '@pacspace/api/id'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import { provisionTenant } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import { randomBytes } from '@pacspace/service/random'
import type { TestCall } from '@pacspace/testing/test-client'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

/** Nothing else looks like it. */
const AMOUNT = '0.123456789012'

let plane: TestDataPlane
let tenant: TestTenant
let recordId: string
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const body = { customerId: 'cust', delta: AMOUNT, reason: 'r', referenceId: 'ref' }
  const emitted = await plane.client.succeed(emitDelta, { key: tenant.key, body })
  recordId = emitted.recordId
  await plane.verifyAll()
})
after(() => plane[Symbol.asyncDispose]())

async function tenantBeforeActive(): Promise<TenantId> {
  const tenantId = newId('tnt', randomBytes)
  const { ratePerSecond, burst, lifetimeCap, monthlyAllotment } = plans.pilot
  const limits = { lifetimeCap, monthlyAllotment, ratePerSecond, burst }
  const entitlement = { tier: 'pilot', ...limits, writesAllowed: true }
  const body = { contractId: newId('ctr', randomBytes), entitlement }
  await plane.internal.succeed(provisionTenant, { token: plane.internalSecret, params: { tenantId }, body })
  return tenantId
}

const VIEWED: readonly { original: EndpointShape; call: () => TestCall }[] = [
  { original: listCustomers, call: () => ({}) },
  { original: getCustomersSummary, call: () => ({}) },
  { original: getCustomer, call: () => ({ params: { customerId: 'cust' } }) },
  { original: deriveBalance, call: () => ({ params: { customerId: 'cust' } }) },
  { original: getReceipt, call: () => ({ params: { customerId: 'cust' } }) },
  { original: takeCheckpoint, call: () => ({ body: { customerId: 'cust', period: '2020-01' } }) },
  { original: listCheckpoints, call: () => ({ query: { customerId: 'cust' } }) },
  {
    original: compareBalances,
    call: () => ({ body: { customerId: 'cust', yourBalance: AMOUNT, theirBalance: '0.2' } }),
  },
  { original: getDelta, call: () => ({ params: { recordId } }) },
]

describe('a view answers for a tenant what a key of the tenant gets', () => {
  for (const { original, call } of VIEWED) {
    const ask = (tenantId: TenantId) => {
      const { params, ...rest } = call()
      const token = plane.internalSecret
      return { ...rest, token, params: { ...params, tenantId } }
    }

    it(`${original.id}: the same answer`, async () => {
      const own = await plane.client.succeed(original, { ...call(), key: tenant.key })
      const viewed = await plane.internal.succeed(ledgerView(original), ask(tenant.tenantId))
      assert.deepEqual(comparable(viewed), comparable(own))
    })

    it(`${original.id}: of another tenant nothing, of one that is not active CONTRACT_NOT_DEPLOYED`, async () => {
      const other = await plane.newTenant()
      const { text } = await plane.internal.call(ledgerView(original), ask(other.tenantId))
      for (const secret of [recordId, AMOUNT]) {
        if (original !== compareBalances) assert.ok(!text.includes(secret), text)
      }
      // Introduced last: making a tenant active makes all active that wait.
      for (const tenantId of [await tenantBeforeActive(), newId('tnt', randomBytes)]) {
        await plane.internal.refuse(ledgerView(original), 'CONTRACT_NOT_DEPLOYED', ask(tenantId))
      }
    })
  }
})

/** A receipt says when it was made. */
function comparable(data: unknown): unknown {
  return { ...Object(data), generatedAt: undefined }
}

it('what was written is sound', () => plane.requireSound())
