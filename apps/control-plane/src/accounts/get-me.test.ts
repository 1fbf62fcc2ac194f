import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { getMe } from '@pacspace/api/definition/accounts'
import { timestampOf } from '@pacspace/api/timestamp'
import { TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

test('success tells user, tenant, plan, preference and both environments', async () => {
  const user = await plane.account()
  const now = timestampOf(plane.clock.now())
  assert.deepEqual(await plane.client.succeed(getMe, { token: user.token }), {
    id: user.userId,
    email: user.email,
    name: 'Jane Doe',
    firstName: 'Jane',
    lastName: 'Doe',
    role: 'owner',
    isVerified: true,
    preferredEnvironment: 'sandbox',
    createdAt: now,
    tenant: { id: user.tenantId, companyName: 'Northwind', createdAt: now },
    plan: { tier: 'free', monthlyAllotment: 100 },
    environments: [
      { environment: 'testnet', status: 'active', provisionedAt: now },
      { environment: 'mainnet', status: 'not_provisioned' },
    ],
  })
})
