import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { listActivity } from '@pacspace/api/definition/activity'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import {
  createApiKey,
  getApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
  updateApiKey,
} from '@pacspace/api/definition/keys'
import type { Role } from '@pacspace/api/endpoint'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

const UNKNOWN_KEY = 'key_00000000000000000000000000'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

/** A paid account with a key in either environment, acting in that role. */
async function accountWithKeys(role: Role = 'owner') {
  const user = await plane.account({ tier: 'pilot' })
  const { token } = user
  await plane.client.succeed(provisionEnvironment, { token, body: { environment: 'mainnet' } })
  await plane.runJobs()
  const sandboxKey = await plane.client.succeed(createApiKey, { token, body: { name: 'test' } })
  const liveKey = await plane.client.succeed(createApiKey, {
    token,
    body: { name: 'live', environment: 'live' },
  })
  await plane.owner.query('update tenant_user set role = $2 where id = $1', [user.userId, role])
  return { user, sandboxKey, liveKey }
}

const of = ({ token }: TestUser, keyId: string, body?: object) => ({
  token,
  params: { keyId },
  ...(body && { body }),
})
const heldBy = (environment: 'sandbox' | 'production', { tenantId }: TestUser) =>
  plane.planes[environment].tenants.get(tenantId)?.keys ?? []

describe('get', () => {
  test('a key of either environment for any role, never with its secret', async () => {
    const { user, sandboxKey, liveKey } = await accountWithKeys('viewer')
    for (const { secretKey, fullKey: _full, ...shown } of [sandboxKey, liveKey]) {
      const answer = await plane.client.call(getApiKey, of(user, shown.id))
      assert.deepEqual(answer.data, shown)
      assert.ok(!answer.text.includes(secretKey))
    }
  })

  test('NOT_FOUND for an unknown key and another tenant’s', async () => {
    const { user } = await accountWithKeys()
    const { sandboxKey: theirs } = await accountWithKeys()
    for (const keyId of [UNKNOWN_KEY, theirs.id, 'nonsense'])
      await plane.client.refuse(getApiKey, 'NOT_FOUND', of(user, keyId))
  })

  test('SERVICE_UNAVAILABLE only when the plane that is away might have it', async () => {
    const { user, sandboxKey, liveKey } = await accountWithKeys()
    await plane.planes.production.stop()
    await plane.client.succeed(getApiKey, of(user, sandboxKey.id))
    await plane.client.refuse(getApiKey, 'SERVICE_UNAVAILABLE', of(user, liveKey.id))
    await plane.planes.production.start()
  })
})

describe('update', () => {
  test('name, permissions and activity, in the plane that has the key', async () => {
    const { user, liveKey } = await accountWithKeys('admin')
    const body = { name: 'payouts', active: false, permissions: ['balance:read'] }
    const answer = await plane.client.call(updateApiKey, of(user, liveKey.id, body))
    assert.equal(answer.message, 'API key updated')
    assert.deepEqual({ ...answer.data, ...body }, answer.data)
    assert.deepEqual(await plane.client.succeed(getApiKey, of(user, liveKey.id)), answer.data)
  })

  test('a developer changes Sandbox keys; a live key is INSUFFICIENT_PERMISSION and stays', async () => {
    const { user, sandboxKey, liveKey } = await accountWithKeys('developer')
    await plane.client.succeed(updateApiKey, of(user, sandboxKey.id, { name: 'mine' }))
    const call = of(user, liveKey.id, { active: false })
    await plane.client.refuse(updateApiKey, 'INSUFFICIENT_PERMISSION', call)
    assert.equal(heldBy('production', user)[0]?.active, true)
  })

  test('K9 VALIDATION_ERROR for what is not theirs to set', async () => {
    const { user, sandboxKey } = await accountWithKeys()
    for (const body of [
      { expiresAt: '2099-01-01' },
      { environment: 'live' },
      { tenantId: user.tenantId },
      { revokedAt: null },
      { name: '' },
      { permissions: [] },
      { active: 'yes' },
    ])
      await plane.client.refuse(updateApiKey, 'VALIDATION_ERROR', of(user, sandboxKey.id, body))
  })

  test('API_KEY_REVOKED, and NOT_FOUND', async () => {
    const { user, sandboxKey } = await accountWithKeys()
    const { user: stranger } = await accountWithKeys()
    await plane.client.refuse(updateApiKey, 'NOT_FOUND', of(stranger, sandboxKey.id, { name: 'taken' }))
    await plane.client.succeed(revokeApiKey, of(user, sandboxKey.id))
    await plane.client.refuse(updateApiKey, 'API_KEY_REVOKED', of(user, sandboxKey.id, { active: true }))
    assert.equal(heldBy('sandbox', user)[0]?.active, false)
  })
})

describe('rotate', () => {
  test('K5 a successor whose secret is shown once, and until when the old key lives', async () => {
    const { user, liveKey } = await accountWithKeys('admin')
    const call = of(user, liveKey.id, { gracePeriodSeconds: 3_600 })
    const answer = await plane.client.call(rotateApiKey, call)
    assert.equal(answer.status, 201)
    const { data } = answer
    assert.equal(data.fullKey, `${data.publicKey}.${data.secretKey}`)
    assert.equal(data.environment, 'live')
    const end = new Date(plane.clock.now() + 3_600_000).toISOString()
    assert.deepEqual(data.replaces, { id: liveKey.id, expiresAt: end })
    const list = await plane.client.call(listApiKeys, { token: user.token, query: { environment: 'live' } })
    assert.deepEqual(
      list.data.items.map(({ id, rotatedTo }) => [id, rotatedTo]),
      [
        [data.id, null],
        [liveKey.id, data.id],
      ],
    )
    assert.ok(!list.text.includes(data.secretKey))
  })

  test('without a body', async () => {
    const { user, sandboxKey } = await accountWithKeys('developer')
    const { replaces } = await plane.client.succeed(rotateApiKey, of(user, sandboxKey.id))
    assert.equal(replaces.expiresAt, new Date(plane.clock.now() + 86_400_000).toISOString())
  })

  test('a second time is API_KEY_NOT_ROTATABLE, after a revocation API_KEY_REVOKED', async () => {
    const { user, sandboxKey, liveKey } = await accountWithKeys()
    await plane.client.succeed(rotateApiKey, of(user, sandboxKey.id))
    await plane.client.refuse(rotateApiKey, 'API_KEY_NOT_ROTATABLE', of(user, sandboxKey.id))
    await plane.client.succeed(revokeApiKey, of(user, liveKey.id))
    await plane.client.refuse(rotateApiKey, 'API_KEY_REVOKED', of(user, liveKey.id))
    assert.deepEqual([heldBy('sandbox', user).length, heldBy('production', user).length], [2, 1])
  })

  test('INSUFFICIENT_PERMISSION for a developer and a live key, NOT_FOUND for a stranger: no key is made', async () => {
    const { user, liveKey } = await accountWithKeys('developer')
    const { user: stranger } = await accountWithKeys()
    await plane.client.refuse(rotateApiKey, 'INSUFFICIENT_PERMISSION', of(user, liveKey.id))
    await plane.client.refuse(rotateApiKey, 'NOT_FOUND', of(stranger, liveKey.id))
    assert.equal(heldBy('production', user).length, 1)
  })
})

test('K20 the activity log tells each change of keys and environments, and no secret', async () => {
  const { user, sandboxKey, liveKey } = await accountWithKeys()
  const { token } = user
  await plane.client.succeed(updateApiKey, of(user, sandboxKey.id, { active: false }))
  const rotated = await plane.client.succeed(rotateApiKey, of(user, liveKey.id))
  await plane.client.succeed(revokeApiKey, of(user, liveKey.id))
  await plane.client.refuse(updateApiKey, 'API_KEY_REVOKED', of(user, liveKey.id, { name: 'x' }))
  const { data, text } = await plane.client.call(listActivity, { token, query: { limit: 100 } })
  const told = data.items
    .filter(({ action }) => /^(key|environment)\./.test(action))
    .map(({ action, target, environment, actor }) => [action, target, environment, actor.kind])
  assert.deepEqual(told, [
    ['key.revoked', liveKey.id, 'production', 'user'],
    ['key.rotated', liveKey.id, 'production', 'user'],
    ['key.updated', sandboxKey.id, 'sandbox', 'user'],
    ['key.created', liveKey.id, 'production', 'user'],
    ['key.created', sandboxKey.id, 'sandbox', 'user'],
    ['environment.activated', user.tenantId, 'production', 'system'],
    ['environment.requested', user.tenantId, 'production', 'user'],
    ['environment.activated', user.tenantId, 'sandbox', 'system'],
  ])
  for (const { secretKey } of [sandboxKey, liveKey, rotated])
    assert.ok(!text.includes(secretKey.slice(0, 20)))
})

test('A-17 owners, and whoever did it, are mailed about each new, rotated and revoked key, without a secret', async () => {
  const { user, liveKey } = await accountWithKeys()
  const rotated = await plane.client.succeed(rotateApiKey, of(user, liveKey.id))
  await plane.client.succeed(updateApiKey, of(user, liveKey.id, { name: 'renamed' }))
  await plane.client.succeed(revokeApiKey, of(user, liveKey.id))
  await plane.runJobs()
  const mails = plane.mails.filter(({ to, subject }) => to === user.email && subject.includes('API key'))
  assert.deepEqual(
    mails.map(({ subject }) => subject).sort(),
    ['created', 'created', 'revoked', 'rotated'].map((change) => `A PacSpace API key was ${change}`),
  )
  for (const { text } of mails) {
    assert.match(text, /Jane Doe/)
    assert.ok(!text.includes(rotated.secretKey) && !text.includes(liveKey.secretKey))
  }
})
