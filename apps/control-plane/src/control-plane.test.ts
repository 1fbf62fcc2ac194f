import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Role } from '@pacspace/api/endpoint'
import { controlPlaneEndpoints } from '@pacspace/api/endpoints'
import { type SweepWorld, sweepCases, sweepDatabaseAway } from '@pacspace/testing/sweep'
import { implementations } from './control-plane.ts'
import { databaseAway } from './testing/database-away.ts'
import { GOOD_PASSWORD, registration, TestControlPlane, type TestUser } from './testing/test-control-plane.ts'

let plane: TestControlPlane
let world: SweepWorld
before(async () => {
  plane = await TestControlPlane.start()
  const { token: expired } = await plane.account()
  plane.clock.advance(12 * 60 * 60 * 1000)
  const verified = await userOfEachRole(true)
  const unverified = await userOfEachRole(false)
  world = {
    client: plane.client,
    params: {
      tenantId: 'tnt_00000000000000000000000000',
      keyId: 'key_00000000000000000000000000',
      id: 'wh_00000000000000000000000000',
      eventId: 'evt_00000000000000000000000000',
      entryId: 'aud_00000000000000000000000000',
      userId: 'usr_00000000000000000000000000',
      invitationId: 'inv_00000000000000000000000000',
      customerId: 'cust',
      recordId: 'rec_00000000000000000000000000',
    },
    user: {
      token: async (role) => verified[role].token,
      unverified: async (role) => unverified[role].token,
      expired,
    },
    databaseAway: (during) => databaseAway(plane.database.url, during),
  }
})
after(() => plane[Symbol.asyncDispose]())

async function userOfEachRole(isVerified: boolean): Promise<Record<Role, TestUser>> {
  return {
    viewer: await plane.account({ isVerified, role: 'viewer' }),
    developer: await plane.account({ isVerified, role: 'developer' }),
    admin: await plane.account({ isVerified, role: 'admin' }),
    owner: await plane.account({ isVerified }),
  }
}

test('every endpoint that is defined for the control plane is bound, and no other', () => {
  const bound = implementations.map(({ definition }) => definition.id)
  assert.deepEqual(bound.sort(), controlPlaneEndpoints.map(({ id }) => id).sort())
})

describe('refusals that do not depend on what an endpoint does', () => {
  for (const each of sweepCases(controlPlaneEndpoints)) test(each.name, () => each.run(world))
})

test('R6 with the database away every endpoint answers 503, and recovers by itself', async () => {
  const owner = await plane.account()
  // Without Stripe there is nothing behind its webhook; with it, stripe.test.ts.
  const endpoints = controlPlaneEndpoints.filter(({ id }) => id !== 'receiveStripeEvent')
  await sweepDatabaseAway(endpoints, world, {
    register: { body: registration({ email: 'later@example.com' }) },
    login: { body: { email: owner.email, password: GOOD_PASSWORD } },
    verifyEmail: { query: { token: 'x' } },
    resendVerificationEmail: { body: { email: owner.email } },
    updatePreferences: { body: { preferredEnvironment: 'sandbox' } },
    requestPasswordReset: { body: { email: owner.email } },
    resetPassword: { body: { token: 'x', password: GOOD_PASSWORD } },
    changePassword: { body: { currentPassword: 'x', newPassword: GOOD_PASSWORD } },
    createInvitation: { body: { email: 'invited@example.com', role: 'viewer' } },
    acceptInvitation: { body: { token: 'x' } },
    updateMember: { body: { role: 'viewer' } },
    provisionEnvironment: { body: { environment: 'testnet' } },
    createApiKey: { body: { name: 'x' } },
    createWebhook: { body: { url: 'https://example.com/' } },
    recoverWebhook: { body: { since: '2026-01-01' } },
    changeSubscription: { body: { tier: 'pilot' } },
    compareLedger: { body: { customerId: 'cust', yourBalance: 0, theirBalance: 0 } },
  })
  await plane.account()
  assert.equal(await plane.count('tenant_user', `email = 'later@example.com'`), 0)
})

test('the service role owns nothing, creates nothing, and cannot read the job queue', async () => {
  const { db } = plane.context
  await assert.rejects(db.query('create table x (y int)'), { code: '42501' })
  await assert.rejects(db.query('drop table tenant'), { code: '42501' })
  await assert.rejects(db.query('delete from tenant_user'), { code: '42501' })
  await assert.rejects(db.query('update tenant set created_at = now()'), { code: '42501' })
  await assert.rejects(db.query('select 1 from graphile_worker._private_jobs'), { code: '42501' })
})
