import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createApiKey } from '@pacspace/api/definition/keys'
import { createInvitation, removeMember, updateMember } from '@pacspace/api/definition/team'
import { type EndpointShape, type Role, roles } from '@pacspace/api/endpoint'
import { controlPlaneEndpoints } from '@pacspace/api/endpoints'
import type { TestCall } from '@pacspace/testing/test-client'
import { TestControlPlane, type TestUser } from './testing/test-control-plane.ts'

/**
 * Who may do what, every endpoint by name: the lowest role that is let in. Written by hand from product.md §4, not derived
 * from the definitions: viewer reads; developer + Sandbox keys, webhooks, customers, checkpoints; admin + live keys,
 * provisioning, team; owner + billing. An endpoint that is missing here fails.
 */
const LOWEST: Readonly<Record<string, Role | 'anybody'>> = {
  // ◆ The six public ones.
  register: 'anybody',
  login: 'anybody',
  verifyEmail: 'anybody',
  resendVerificationEmail: 'anybody',
  requestPasswordReset: 'anybody',
  resetPassword: 'anybody',
  // Outside the Dashboard API; what counts is the provider's signature.
  receiveStripeEvent: 'anybody',

  updatePreferences: 'viewer',
  getMe: 'viewer',
  updateMe: 'viewer',
  logout: 'viewer',
  changePassword: 'viewer',

  listTeam: 'viewer',
  listInvitations: 'viewer',
  acceptInvitation: 'viewer',
  // Anybody may leave; removing others is below.
  removeMember: 'viewer',
  createInvitation: 'admin',
  revokeInvitation: 'admin',
  updateMember: 'admin',

  getTenant: 'viewer',
  updateTenant: 'admin',
  listActivity: 'viewer',
  getActivityLog: 'viewer',
  getActivityProof: 'viewer',

  getEnvironmentStatus: 'viewer',
  listEnvironments: 'viewer',
  provisionEnvironment: 'admin',

  listApiKeys: 'viewer',
  getApiKey: 'viewer',
  // Live keys are below.
  createApiKey: 'developer',
  updateApiKey: 'developer',
  rotateApiKey: 'developer',
  revokeApiKey: 'developer',

  listWebhooks: 'viewer',
  getWebhook: 'viewer',
  listWebhookDeliveries: 'viewer',
  createWebhook: 'developer',
  updateWebhook: 'developer',
  deleteWebhook: 'developer',
  rotateWebhookSecret: 'developer',
  testWebhook: 'developer',
  retryWebhookDelivery: 'developer',
  recoverWebhook: 'developer',

  listLedgerCustomers: 'viewer',
  getLedgerSummary: 'viewer',
  getLedgerCustomer: 'viewer',
  getLedgerBalance: 'viewer',
  getLedgerReceipt: 'viewer',
  exportLedger: 'viewer',
  listLedgerCheckpoints: 'viewer',
  compareLedger: 'viewer',
  getLedgerDelta: 'viewer',
  listLedgerDeltas: 'viewer',
  getLedgerHistory: 'viewer',
  getLedgerVerification: 'viewer',
  listAllCheckpoints: 'viewer',
  exportLedgerDeltas: 'viewer',
  takeLedgerCheckpoint: 'developer',
  takeCheckpointOfAll: 'developer',
  createCustomer: 'developer',

  getBillingPlan: 'viewer',
  listBillingPlans: 'viewer',
  getBillingUsage: 'viewer',
  changeSubscription: 'owner',
  cancelSubscription: 'owner',
  openBillingPortal: 'owner',
  listInvoices: 'viewer',
}

/** What is let in only for some of what an endpoint does. */
const DEPENDS: readonly {
  readonly what: string
  readonly endpoint: EndpointShape
  readonly lowest: Role
  /** `people.other`: somebody of role viewer, whom this call may change. */
  readonly call: (people: { readonly other: TestUser; readonly owner: TestUser }) => TestCall
}[] = [
  {
    what: 'a live key',
    endpoint: createApiKey,
    lowest: 'admin',
    call: () => ({ body: { name: 'x', environment: 'live' } }),
  },
  {
    what: 'a Sandbox key',
    endpoint: createApiKey,
    lowest: 'developer',
    call: () => ({ body: { name: 'x', environment: 'test' } }),
  },
  {
    what: 'inviting an owner',
    endpoint: createInvitation,
    lowest: 'owner',
    call: () => ({ body: { email: 'owner-to-be@example.com', role: 'owner' } }),
  },
  {
    what: 'making somebody an owner',
    endpoint: updateMember,
    lowest: 'owner',
    call: ({ other }) => ({ params: { userId: other.userId }, body: { role: 'owner' } }),
  },
  {
    what: 'removing an owner',
    endpoint: removeMember,
    lowest: 'owner',
    call: ({ owner }) => ({ params: { userId: owner.userId } }),
  },
]

let plane: TestControlPlane
let people: Record<Role, TestUser>
before(async () => {
  plane = await TestControlPlane.start()
  const owner = await plane.account({ tier: 'pilot' })
  people = {
    owner,
    admin: await plane.join(owner, 'admin'),
    developer: await plane.join(owner, 'developer'),
    viewer: await plane.join(owner, 'viewer'),
  }
})
after(() => plane[Symbol.asyncDispose]())

const atLeast = (role: Role, lowest: Role) => roles.indexOf(role) >= roles.indexOf(lowest)

/** A call that changes nothing whoever makes it: permission is looked at before the body, and nobody has the id. */
function harmlessCall({ params, body }: EndpointShape): TestCall {
  const names = Object.keys(params?.properties ?? {})
  const unknown = Object.fromEntries(names.map((name) => [name, 'usr_00000000000000000000000000']))
  return { params: unknown, ...(body !== undefined && { body: '{"' }) }
}

test('K10 the table has every endpoint of the control plane, and no other', () => {
  assert.deepEqual(Object.keys(LOWEST).sort(), controlPlaneEndpoints.map(({ id }) => id).sort())
})

describe('K10 every endpoint × role', () => {
  for (const endpoint of controlPlaneEndpoints) {
    const lowest = LOWEST[endpoint.id]
    if (lowest === undefined || lowest === 'anybody') continue
    test(`${endpoint.id}: ${lowest} and above`, async () => {
      await plane.client.refuse(endpoint, 'INVALID_TOKEN', harmlessCall(endpoint))
      for (const role of roles) {
        const call = { ...harmlessCall(endpoint), token: people[role].token }
        const { problem } = await plane.client.call(endpoint, call)
        const isRefused = problem?.code === 'INSUFFICIENT_PERMISSION' && endpoint.id !== 'removeMember'
        assert.equal(isRefused, !atLeast(role, lowest), `${role}: ${problem?.code}`)
        assert.notEqual(problem?.code, 'INVALID_TOKEN', role)
      }
    })
  }

  for (const { id } of controlPlaneEndpoints.filter(({ id }) => LOWEST[id] === 'anybody')) {
    test(`${id}: no credential`, () => {
      assert.equal(controlPlaneEndpoints.find((endpoint) => endpoint.id === id)?.auth.kind, 'none')
    })
  }
})

describe('K10 what depends on what it is about', () => {
  for (const { what, endpoint, lowest, call } of DEPENDS) {
    test(`${what}: ${lowest} and above`, async () => {
      const second = await plane.join(people.owner, 'owner')
      const other = await plane.join(people.owner, 'viewer')
      for (const role of roles) {
        const token = people[role].token
        const { problem } = await plane.client.call(endpoint, { ...call({ other, owner: second }), token })
        assert.equal(
          problem?.code === 'INSUFFICIENT_PERMISSION',
          !atLeast(role, lowest),
          `${role}: ${problem?.code}`,
        )
      }
    })
  }
})
