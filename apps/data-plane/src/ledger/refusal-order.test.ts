import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { type EndpointShape, problemsOf } from '@pacspace/api/endpoint'
import type { TenantId } from '@pacspace/api/id'
import { setEntitlement } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import type { ProblemCode } from '@pacspace/api/problem'
import { permissionsWithout } from '@pacspace/testing/sweep'
import type { TestCall } from '@pacspace/testing/test-client'
import { ledgerRows } from '../testing/ledger-rows.ts'
import {
  startTestDataPlane,
  type TestDataPlane,
  type TestTenant,
  unknownKey,
} from '../testing/test-data-plane.ts'

/** Told of the plane itself, not of a call: tested in `sweep.test.ts`. */
const NOT_HERE: readonly ProblemCode[] = ['RATE_LIMITED', 'SERVICE_UNAVAILABLE']

/** One thing that is wrong with a call, or with the world it is made in, and how it is put right. */
interface Fault {
  readonly code: ProblemCode
  /** Changes the call; later faults are put right first. */
  spoil?(call: TestCall): TestCall
  /** Makes the world wrong before all calls, and right when it is this fault's turn. */
  make?(): Promise<unknown>
  mend?(): Promise<unknown>
}

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

/**
 * Makes a call that is wrong in every way at once, then puts right one thing after the other: each answer must name the
 * first that is left, in the very order of the definition.
 */
async function climb(endpoint: EndpointShape, good: TestCall, faults: readonly Fault[]): Promise<void> {
  const codes = [...new Set(faults.map(({ code }) => code))]
  assert.deepEqual(
    codes,
    problemsOf(endpoint).filter((code) => !NOT_HERE.includes(code)),
  )
  for (const fault of faults) await fault.make?.()
  const before = await ledgerRows(plane.owner)
  for (const [i, { code, mend }] of faults.entries()) {
    const call = faults.slice(i).reduceRight((call, fault) => fault.spoil?.(call) ?? call, good)
    await plane.client.refuse(endpoint, code, call)
    await mend?.()
  }
  assert.deepEqual(await ledgerRows(plane.owner), before)
  await plane.client.succeed(endpoint, good)
}

/** Refusals of every endpoint that takes an API key, up to the reading of its input. */
async function faultsOfKeys(tenant: TestTenant): Promise<Fault[]> {
  const sql = (statement: string) => () => plane.owner.query(statement, [tenant.tenantNo])
  const disabled = await plane.newKey(tenant.tenantId)
  await plane.owner.query('update api_key set active = false where id = $1', [disabled.id])
  const header = (name: string, value: string) => (call: TestCall) => ({
    ...call,
    headers: { ...call.headers, [name]: value },
  })
  const withKey = (key: string) => (call: TestCall) => ({ ...call, key })
  return [
    { code: 'ORIGIN_NOT_ALLOWED', spoil: header('origin', 'https://elsewhere.example') },
    { code: 'INVALID_API_KEY', spoil: withKey('pk_live_nonsense') },
    { code: 'API_KEY_ENVIRONMENT_HOST_MISMATCH', spoil: withKey(unknownKey('production')) },
    { code: 'API_KEY_DISABLED', spoil: withKey(disabled.fullKey) },
    {
      code: 'INSUFFICIENT_PERMISSION',
      spoil: withKey((await plane.newKey(tenant.tenantId, ['webhooks:read'])).fullKey),
    },
    { code: 'CHAIN_MISMATCH', spoil: header('x-chain-id', '295') },
    {
      code: 'CONTRACT_NOT_DEPLOYED',
      make: sql(`update tenant set status = 'provisioning' where id = $1`),
      mend: async () => {
        await sql(`update tenant set status = 'active' where id = $1`)()
        plane.keys.forget()
      },
    },
    { code: 'NOT_FOUND', spoil: header('x-credit-pool-id', 'ctr_00000000000000000000000000') },
  ]
}

/** Refusals of the two endpoints that write. */
async function faultsOfWrites(tenant: TestTenant, conflicting: string, bytesMax: number): Promise<Fault[]> {
  const entitle = (writesAllowed: boolean) => () =>
    plane.internal.succeed(setEntitlement, {
      token: plane.internalSecret,
      params: { tenantId: tenant.tenantId as TenantId },
      body: { ...entitlementOf('free'), writesAllowed },
    })
  const offset = (ms: number) => async () => {
    plane.clock.offsetMs = ms
  }
  return [
    ...(await faultsOfKeys(tenant)),
    {
      code: 'UNSUPPORTED_MEDIA_TYPE',
      spoil: (call) => ({ ...call, headers: { ...call.headers, 'content-type': 'text/plain' } }),
    },
    { code: 'PAYLOAD_TOO_LARGE', spoil: (call) => ({ ...call, body: ' '.repeat(bytesMax + 1) }) },
    { code: 'VALIDATION_ERROR', spoil: (call) => ({ ...call, body: '{}' }) },
    {
      code: 'LOG_BEHIND_ANCHOR',
      make: () =>
        plane.owner.query(
          `insert into verify_state (tenant_id, discrepancies, blocked_code, found_at) values ($1, '[]', 'LOG_BEHIND_ANCHOR', now())`,
          [tenant.tenantNo],
        ),
      mend: () => plane.owner.query('delete from verify_state where tenant_id = $1', [tenant.tenantNo]),
    },
    { code: 'CLOCK_UNSURE', make: offset(61_000), mend: offset(0) },
    {
      code: 'IDEMPOTENCY_CONFLICT',
      spoil: (call) => ({ ...call, headers: { ...call.headers, 'idempotency-key': conflicting } }),
    },
    { code: 'PLAN_UPGRADE_REQUIRED', make: entitle(false), mend: entitle(true) },
  ]
}

function entitlementOf(tier: 'free') {
  const { lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans[tier]
  return { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst }
}

/** Uses up the allowance, and gives one more delta at the end. */
function lastFault(tenant: TestTenant): Fault {
  return {
    code: 'INSUFFICIENT_CREDITS',
    mend: () => plane.owner.query('update tenant set lifetime_cap = 101 where id = $1', [tenant.tenantNo]),
  }
}

async function fullTenant(): Promise<TestTenant> {
  const tenant = await plane.newTenant({ tier: 'free' })
  const deltas = Array.from({ length: 100 }, () => ({
    customerId: 'cust',
    delta: 1,
    reason: 'x',
    referenceId: 'twice',
  }))
  const headers = { 'idempotency-key': 'taken' }
  const { totalQueued } = await plane.client.succeed(api.emitBatch, {
    key: tenant.key,
    body: { deltas },
    headers,
  })
  assert.equal(totalQueued, 100)
  return tenant
}

describe('a call that is wrong in every way is refused for the first of them, in the order of the definition', () => {
  const good = { customerId: 'cust', delta: 1, reason: 'new' }

  it('emitDelta', async () => {
    const tenant = await fullTenant()
    const body = (adjusts: object) => (call: TestCall) => ({ ...call, body: { ...good, adjusts } })
    await climb(api.emitDelta, { key: tenant.key, body: good }, [
      ...(await faultsOfWrites(tenant, 'taken', 1_048_576)),
      { code: 'ADJUSTED_DELTA_NOT_FOUND', spoil: body({ referenceId: 'nowhere' }) },
      { code: 'ADJUSTED_DELTA_AMBIGUOUS', spoil: body({ referenceId: 'twice' }) },
      lastFault(tenant),
    ])
  })

  it('emitBatch', async () => {
    const tenant = await fullTenant()
    const call = { key: tenant.key, body: { deltas: [good] } }
    await climb(api.emitBatch, call, [
      ...(await faultsOfWrites(tenant, 'taken', 20 * 1_048_576)),
      lastFault(tenant),
    ])
  })

  it('getDelta', async () => {
    const tenant = await plane.newTenant()
    const { recordId } = await plane.client.succeed(api.emitDelta, { key: tenant.key, body: good })
    const withId = (id: string) => (call: TestCall) => ({ ...call, params: { recordId: id } })
    await climb(api.getDelta, { key: tenant.key, params: { recordId } }, [
      ...(await faultsOfKeys(tenant)),
      { code: 'VALIDATION_ERROR', spoil: withId('a\0b') },
      { code: 'NOT_FOUND', spoil: withId('rec_00000000000000000000000000') },
    ])
  })

  it('deriveBalance', async () => {
    const tenant = await plane.newTenant()
    await plane.client.succeed(api.emitDelta, { key: tenant.key, body: good })
    const spoilQuery = (query: object) => (call: TestCall) => ({ ...call, query: { ...query } })
    const params = { customerId: 'cust' }
    await climb(api.deriveBalance, { key: tenant.key, params }, [
      ...(await faultsOfKeys(tenant)),
      { code: 'VALIDATION_ERROR', spoil: spoilQuery({ limit: 0, startDate: '2030-01-01' }) },
      { code: 'INVALID_SCOPE_COMBINATION', spoil: spoilQuery({ startDate: '2030-01-01' }) },
      { code: 'CUSTOMER_NOT_FOUND', spoil: (call) => ({ ...call, params: { customerId: 'nobody' } }) },
      { code: 'NOT_FOUND', spoil: spoilQuery({ startingCheckpoint: 'a_7' }) },
    ])
  })

  it('listCustomers', async () => {
    const tenant = await plane.newTenant()
    await climb(api.listCustomers, { key: tenant.key }, [
      ...(await faultsOfKeys(tenant)),
      { code: 'VALIDATION_ERROR', spoil: (call) => ({ ...call, query: { page: 0 } }) },
    ])
  })
})

it('a key with exactly the permission that is asked for is enough', async () => {
  const { tenantId } = await plane.newTenant()
  const writer = await plane.newKey(tenantId, ['balance:write'])
  const reader = await plane.newKey(tenantId, ['balance:read'])
  const body = { customerId: 'cust', delta: 1, reason: 'x' }
  const { recordId } = await plane.client.succeed(api.emitDelta, { key: writer.fullKey, body })
  await plane.client.succeed(api.getDelta, { key: reader.fullKey, params: { recordId } })
  const lacking = await plane.newKey(tenantId, permissionsWithout('balance:read'))
  const { message } = await plane.client.refuse(api.getDelta, 'INSUFFICIENT_PERMISSION', {
    key: lacking.fullKey,
    params: { recordId },
  })
  assert.match(message, /balance:read/)
})

it('what was written meanwhile is sound', () => plane.requireSound())
