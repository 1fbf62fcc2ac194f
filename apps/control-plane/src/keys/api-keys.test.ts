import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseApiKey } from '@pacspace/api/api-key'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { createApiKey, listApiKeys, revokeApiKey } from '@pacspace/api/definition/keys'
import { type AccountOptions, TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

/** An account with both environments active. */
async function paidAccount(options: AccountOptions = {}): Promise<TestUser> {
  const user = await plane.account({ tier: 'pilot' })
  await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
  await plane.runJobs()
  await setRole(user, options.role ?? 'owner')
  return user
}

async function setRole({ userId }: TestUser, role: string): Promise<void> {
  await plane.owner.query('update tenant_user set role = $2 where id = $1', [userId, role])
}

async function createKey(user: TestUser, name: string, environment: 'test' | 'live') {
  plane.clock.advance(1_000)
  return await plane.client.succeed(createApiKey, { token: user.token, body: { name, environment } })
}

describe('create: success', () => {
  test('a Sandbox key by default, whole in this answer only, kept by its plane and not by the control plane', async () => {
    const user = await plane.account({ role: 'developer' })
    const answer = await plane.client.call(createApiKey, { token: user.token, body: { name: 'backend' } })
    assert.equal(answer.status, 201)
    const key = answer.data
    assert.equal(key.environment, 'test')
    assert.equal(key.name, 'backend')
    assert.equal(key.active, true)
    assert.equal(key.fullKey, `${key.publicKey}.${key.secretKey}`)
    assert.equal(parseApiKey(key.fullKey)?.environment, 'sandbox')
    assert.deepEqual(
      plane.planes.sandbox.tenants.get(user.tenantId)?.keys.map(({ id }) => id),
      [key.id],
    )
    const listed = await plane.client.call(listApiKeys, { token: user.token })
    assert.equal(listed.text.includes(key.secretKey), false)
    assert.equal(listed.data.items[0]?.id, key.id)
  })

  test('permissions and expiry are handed on', async () => {
    const user = await plane.account()
    const key = await plane.client.succeed(createApiKey, {
      token: user.token,
      body: { name: 'reader', permissions: ['balance:read'], expiresAt: '2027-01-01' },
    })
    assert.deepEqual(key.permissions, ['balance:read'])
    assert.equal(key.expiresAt, '2027-01-01T00:00:00.000Z')
  })

  test('a live key by an admin, as soon as provisioning was asked for', async () => {
    const user = await plane.account({ tier: 'pilot', role: 'admin' })
    await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
    const key = await createKey(user, 'live', 'live')
    assert.equal(parseApiKey(key.fullKey)?.environment, 'production')
    assert.equal(plane.planes.production.tenants.get(user.tenantId)?.keys.length, 1)
    await plane.runJobs()
    assert.equal(plane.planes.production.tenants.get(user.tenantId)?.status, 'active')
  })
})

describe('create: refusals', () => {
  test('INSUFFICIENT_PERMISSION for a developer who wants a live key, before anything else is said', async () => {
    const user = await plane.account({ role: 'developer' })
    const body = { name: 'live', environment: 'live' }
    const problem = await plane.client.refuse(createApiKey, 'INSUFFICIENT_PERMISSION', {
      token: user.token,
      body,
    })
    assert.match(problem.message, /admin/)
    assert.equal(plane.planes.production.tenants.has(user.tenantId), false)
  })

  test('PLAN_UPGRADE_REQUIRED for a live key on Free', async () => {
    const user = await plane.account()
    const body = { name: 'live', environment: 'live' }
    await plane.client.refuse(createApiKey, 'PLAN_UPGRADE_REQUIRED', { token: user.token, body })
    assert.equal(plane.planes.production.tenants.has(user.tenantId), false)
  })

  test('CONTRACT_NOT_DEPLOYED before provisioning was asked for', async () => {
    const user = await plane.account({ tier: 'pilot' })
    const body = { name: 'live', environment: 'live' }
    const problem = await plane.client.refuse(createApiKey, 'CONTRACT_NOT_DEPLOYED', {
      token: user.token,
      body,
    })
    assert.equal(problem.message, 'No contract deployed. Provision an environment first.')
    assert.equal(plane.planes.production.tenants.has(user.tenantId), false)
  })

  test('VALIDATION_ERROR for an expiry that is past, an unknown permission, a name that is missing or blank', async () => {
    const user = await plane.account()
    const bad: [string, Record<string, unknown>][] = [
      ['/expiresAt', { name: 'x', expiresAt: '2026-01-15T12:00:00Z' }],
      ['/permissions/0', { name: 'x', permissions: ['balance:delete'] }],
      ['/permissions', { name: 'x', permissions: [] }],
      ['/name', { name: '' }],
      ['/environment', { name: 'x', environment: 'sandbox' }],
    ]
    for (const [path, body] of bad) {
      const problem = await plane.client.refuse(createApiKey, 'VALIDATION_ERROR', { token: user.token, body })
      assert.equal(problem.details[0]?.path, path)
    }
    await plane.client.refuse(createApiKey, 'VALIDATION_ERROR', { token: user.token, body: {} })
    assert.equal(plane.planes.sandbox.tenants.get(user.tenantId)?.keys.length, 0)
  })

  test('SERVICE_UNAVAILABLE while the plane is away', async () => {
    const user = await plane.account()
    await plane.planes.sandbox.stop()
    const call = { token: user.token, body: { name: 'x' } }
    await plane.client.refuse(createApiKey, 'SERVICE_UNAVAILABLE', call)
    await plane.planes.sandbox.start()
    await plane.client.succeed(createApiKey, call)
  })
})

describe('list', () => {
  test('both environments, newest first, page by page', async () => {
    const user = await paidAccount()
    const names = ['t1', 'l1', 't2', 't3', 'l2']
    for (const name of names) await createKey(user, name, name.startsWith('t') ? 'test' : 'live')
    const seen: string[] = []
    for (const page of [1, 2, 3, 4]) {
      const list = await plane.client.succeed(listApiKeys, { token: user.token, query: { page, limit: 2 } })
      assert.deepEqual([list.total, list.page, list.limit, list.unavailable], [5, page, 2, undefined])
      seen.push(...list.items.map(({ name }) => name))
    }
    assert.deepEqual(seen, names.toReversed())
    const live = await plane.client.succeed(listApiKeys, {
      token: user.token,
      query: { environment: 'live' },
    })
    assert.deepEqual(
      live.items.map(({ name }) => name),
      ['l2', 'l1'],
    )
    assert.equal(live.total, 2)
  })

  test('keys of one millisecond: each on exactly one page', async () => {
    const user = await paidAccount()
    for (const environment of ['test', 'live', 'test', 'live', 'test']) {
      await plane.client.succeed(createApiKey, { token: user.token, body: { name: 'twin', environment } })
    }
    const seen = new Set<string>()
    for (const page of [1, 2, 3, 4, 5]) {
      const query = { page, limit: 1 }
      for (const { id } of (await plane.client.succeed(listApiKeys, { token: user.token, query })).items)
        seen.add(id)
    }
    assert.equal(seen.size, 5)
  })

  test('a plane that is away is named, and the rest is listed', async () => {
    const user = await paidAccount()
    await createKey(user, 'kept', 'test')
    await createKey(user, 'away', 'live')
    await plane.planes.production.stop()
    const list = await plane.client.succeed(listApiKeys, { token: user.token })
    await plane.planes.production.start()
    assert.deepEqual(list.unavailable, ['live'])
    assert.deepEqual([list.items.map(({ name }) => name), list.total], [['kept'], 1])
  })

  test('keys of other tenants are not listed', async () => {
    const [mine, theirs] = [await plane.account(), await plane.account()]
    await createKey(theirs, 'theirs', 'test')
    assert.equal((await plane.client.succeed(listApiKeys, { token: mine.token })).total, 0)
  })

  test('VALIDATION_ERROR beyond the limits of a page', async () => {
    const { token } = await plane.account()
    for (const query of [
      { page: 0 },
      { limit: 0 },
      { limit: 101 },
      { page: 1.5 },
      { environment: 'mainnet' },
    ]) {
      await plane.client.refuse(listApiKeys, 'VALIDATION_ERROR', { token, query })
    }
  })
})

describe('revoke', () => {
  test('finds the plane that has the key, and only that key ends', async () => {
    const user = await paidAccount()
    const [test, live] = [await createKey(user, 'test', 'test'), await createKey(user, 'live', 'live')]
    const answer = await plane.client.call(revokeApiKey, { token: user.token, params: { keyId: live.id } })
    assert.equal(answer.message, 'API key revoked')
    assert.deepEqual([answer.data.id, answer.data.active], [live.id, false])
    assert.notEqual(answer.data.revokedAt, null)
    const list = await plane.client.succeed(listApiKeys, { token: user.token })
    assert.deepEqual(
      list.items.map(({ id, active }) => [id, active]),
      [
        [live.id, false],
        [test.id, true],
      ],
    )
  })

  test('NOT_FOUND for an unknown key and for another tenant’s, which stays', async () => {
    const [mine, theirs] = [await plane.account(), await plane.account()]
    const key = await createKey(theirs, 'theirs', 'test')
    for (const keyId of [key.id, 'key_00000000000000000000000000', 'nonsense', '..']) {
      await plane.client.refuse(revokeApiKey, 'NOT_FOUND', { token: mine.token, params: { keyId } })
    }
    assert.equal(plane.planes.sandbox.tenants.get(theirs.tenantId)?.keys[0]?.active, true)
  })

  test('INSUFFICIENT_PERMISSION for a developer and a live key; their Sandbox keys they may revoke', async () => {
    const user = await paidAccount()
    const [test, live] = [await createKey(user, 'test', 'test'), await createKey(user, 'live', 'live')]
    await setRole(user, 'developer')
    const { token } = user
    await plane.client.refuse(revokeApiKey, 'INSUFFICIENT_PERMISSION', { token, params: { keyId: live.id } })
    assert.equal(plane.planes.production.tenants.get(user.tenantId)?.keys[0]?.active, true)
    await plane.client.succeed(revokeApiKey, { token, params: { keyId: test.id } })
    await plane.client.refuse(revokeApiKey, 'NOT_FOUND', { token, params: { keyId: 'key_0' } })
  })

  test('SERVICE_UNAVAILABLE only when the plane that is away might have the key', async () => {
    const user = await paidAccount()
    const [test, live] = [await createKey(user, 'test', 'test'), await createKey(user, 'live', 'live')]
    await plane.planes.production.stop()
    const { token } = user
    await plane.client.succeed(revokeApiKey, { token, params: { keyId: test.id } })
    await plane.client.refuse(revokeApiKey, 'SERVICE_UNAVAILABLE', { token, params: { keyId: live.id } })
    await plane.planes.production.start()
    await plane.client.succeed(revokeApiKey, { token, params: { keyId: live.id } })
  })
})
