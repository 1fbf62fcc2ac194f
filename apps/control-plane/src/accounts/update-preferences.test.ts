import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { getMe, updatePreferences } from '@pacspace/api/definition/accounts'
import { TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

test('success is the published answer, also for a viewer on Free: a preference is no entitlement', async () => {
  const [user, other] = [await plane.account({ role: 'viewer' }), await plane.account()]
  const answer = await plane.client.call(updatePreferences, {
    token: user.token,
    body: { preferredEnvironment: 'production' },
  })
  assert.deepEqual(JSON.parse(answer.text), {
    success: true,
    statusCode: 200,
    data: { preferredEnvironment: 'production' },
    message: 'Preferences updated successfully',
  })
  const me = await plane.client.succeed(getMe, { token: user.token })
  assert.equal(me.preferredEnvironment, 'production')
  assert.equal((await plane.client.succeed(getMe, { token: other.token })).preferredEnvironment, 'sandbox')
})

test('VALIDATION_ERROR for any other spelling, and nothing changes', async () => {
  const { token } = await plane.account()
  for (const preferredEnvironment of ['mainnet', 'testnet', 'live', 'Production', null, undefined]) {
    await plane.client.refuse(updatePreferences, 'VALIDATION_ERROR', {
      token,
      body: { preferredEnvironment },
    })
  }
  assert.equal((await plane.client.succeed(getMe, { token })).preferredEnvironment, 'sandbox')
})
