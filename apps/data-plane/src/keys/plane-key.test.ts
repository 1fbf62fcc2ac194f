import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { parseApiKey } from '@pacspace/api/api-key'
import { emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import { permissions } from '@pacspace/api/endpoint'
import { newId, type TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { transaction } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenantId: TenantId
before(async () => {
  plane = await startTestDataPlane()
  tenantId = (await plane.newTenant()).tenantId
})
after(() => plane[Symbol.asyncDispose]())

const create = (body: object, of = tenantId) =>
  plane.internal.succeed(api.createPlaneKey, { token: plane.internalSecret, params: { tenantId: of }, body })
const list = (query: object = {}, of = tenantId) =>
  plane.internal.succeed(api.listPlaneKeys, {
    token: plane.internalSecret,
    params: { tenantId: of },
    query: { ...query },
  })
const revoke = (keyId: string, of = tenantId) =>
  plane.internal.call(api.revokePlaneKey, { token: plane.internalSecret, params: { tenantId: of, keyId } })

describe('creating a key', () => {
  it('answers every field, its secret once, and keeps only the hash of that', async () => {
    const answer = await plane.internal.call(api.createPlaneKey, {
      token: plane.internalSecret,
      params: { tenantId },
      body: { name: 'my key', permissions: ['balance:read'], expiresAt: '2099-01-01' },
    })
    assert.equal(answer.status, 201)
    const { id, secretKey, fullKey, createdAt, ...rest } = answer.data
    const parsed = parseApiKey(fullKey)
    assert.ok(parsed)
    assert.deepEqual([parsed.environment, parsed.secret], ['sandbox', secretKey])
    assert.equal(fullKey, `${rest.publicKey}.${secretKey}`)
    assert.ok(Math.abs(Date.parse(createdAt) - plane.clock.now()) < 5_000)
    assert.deepEqual(rest, {
      name: 'my key',
      environment: 'test',
      publicKey: parsed.publicKey,
      permissions: ['balance:read'],
      active: true,
      expiresAt: '2099-01-01T00:00:00.000Z',
      lastUsedAt: null,
      revokedAt: null,
      rotatedTo: null,
    })
    const { rows } = await plane.owner.query<{ secret_hash: Buffer }>(
      'select secret_hash from api_key where id = $1',
      [id],
    )
    assert.deepEqual(rows[0]?.secret_hash, createHash('sha256').update(secretKey).digest())
    await plane.client.succeed(listCustomers, { key: fullKey })
  })

  it('gives full access and no end by default', async () => {
    const key = await create({ name: 'x' })
    assert.deepEqual([key.permissions, key.expiresAt], [[...permissions], null])
  })

  it('K2 leaves its secret nowhere in the database', async () => {
    const { secretKey } = await create({ name: 'secret' })
    const { rows } = await plane.owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    assert.ok(rows.length > 10)
    const part = secretKey.slice(0, 20)
    for (const { name } of rows) {
      const found = await plane.owner.query(
        `select from ${name} t where position($1 in t::text) > 0 or position($2 in t::text) > 0`,
        [part, Buffer.from(part).toString('hex')],
      )
      assert.equal(found.rowCount, 0, name)
    }
  })

  it('of a tenant that nobody asked to provision is 412', async () => {
    await plane.internal.refuse(api.createPlaneKey, 'CONTRACT_NOT_DEPLOYED', {
      token: plane.internalSecret,
      params: { tenantId: newId('tnt', randomBytes) },
      body: { name: 'x' },
    })
  })

  it('takes no bad input', async () => {
    const { total } = await list()
    const bad: object[] = [
      {},
      { name: '' },
      { name: 'x'.repeat(101) },
      { name: 'x', permissions: [] },
      { name: 'x', permissions: ['balance:admin'] },
      { name: 'x', permissions: ['balance:read', 'balance:read'] },
      { name: 'x', expiresAt: 'never' },
      { name: 'x', expiresAt: '9999-12-31T23:59:59-12:00' },
      { name: 'x', secretKey: 'mine' },
    ]
    for (const body of bad) {
      await plane.internal.refuse(api.createPlaneKey, 'VALIDATION_ERROR', {
        token: plane.internalSecret,
        params: { tenantId },
        body,
      })
    }
    assert.equal((await list()).total, total)
  })
})

describe('listing keys', () => {
  it('shows the newest first, by page, and never a secret', async () => {
    const { tenantId: of } = await plane.newTenant()
    const made = []
    for (let i = 0; i < 5; i++) {
      plane.clock.offsetMs += 10
      made.unshift(await create({ name: `key ${i}` }, of))
    }
    plane.clock.offsetMs = 0
    const shown = made.map(({ secretKey: _secret, fullKey: _full, ...rest }) => rest)
    const all = await list({}, of)
    assert.equal(all.total, 6)
    assert.deepEqual(all.items.slice(0, 5), shown)
    assert.deepEqual((await list({ limit: 2, offset: 1 }, of)).items, shown.slice(1, 3))
    assert.deepEqual((await list({ offset: 6 }, of)).items, [])
    const { text } = await plane.internal.call(api.listPlaneKeys, {
      token: plane.internalSecret,
      params: { tenantId: of },
    })
    for (const { secretKey } of made) assert.ok(!text.includes(secretKey.slice(0, 10)))
  })

  it('of a tenant that is unknown here shows none', async () => {
    assert.deepEqual(await list({}, newId('tnt', randomBytes)), { items: [], total: 0 })
  })

  it('tells when a key was used last', async () => {
    const { id, fullKey } = await create({ name: 'used' })
    await plane.client.succeed(listCustomers, { key: fullKey })
    await plane.keys.flushUses()
    const used = (await list()).items.find((key) => key.id === id)
    assert.ok(used?.lastUsedAt && Math.abs(Date.parse(used.lastUsedAt) - plane.clock.now()) < 5_000)
  })
})

describe('revoking a key', () => {
  it('K4 ends it at once, for good, and says so', async () => {
    const { id, fullKey, secretKey: _secret, ...created } = await create({ name: 'to end' })
    await plane.client.succeed(listCustomers, { key: fullKey })
    const { status, data } = await revoke(id)
    assert.equal(status, 200)
    const { revokedAt, ...rest } = data
    assert.ok(revokedAt && Math.abs(Date.parse(revokedAt) - plane.clock.now()) < 5_000)
    const { revokedAt: _never, ...before } = created
    assert.deepEqual(rest, { id, ...before, active: false })
    await plane.client.refuse(listCustomers, 'INVALID_API_KEY', { key: fullKey })
    plane.clock.offsetMs += 1_000
    assert.deepEqual((await revoke(id)).data, data) // again: the first time stays
    plane.clock.offsetMs = 0
    assert.deepEqual(
      (await list()).items.find((key) => key.id === id),
      data,
    )
  })

  it('K4 lets what was let in before finish', async () => {
    const { tenantId: of, tenantNo } = await plane.newTenant()
    const { id, fullKey } = await create({ name: 'in flight' }, of)
    const body = { customerId: 'c', delta: 1, reason: 'in flight' }
    const inFlight = await transaction(plane.owner, async (tx) => {
      await tx.query('select from log_head where tenant_id = $1 for update', [tenantNo])
      const emit = plane.client.call(emitDelta, { key: fullKey, body })
      const isWaiting = async () => {
        const { rows } = await plane.owner.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return rows.length > 0
      }
      assert.ok(await waitUntil(isWaiting, 10_000))
      assert.equal((await revoke(id, of)).status, 200)
      await plane.client.refuse(emitDelta, 'INVALID_API_KEY', { key: fullKey, body })
      return { emit }
    })
    assert.equal((await inFlight.emit).status, 201)
  })

  it("of another tenant, or of nobody, is 404, and the other's key lives on", async () => {
    const stranger = await plane.newTenant()
    const { id, fullKey } = await create({ name: 'mine' })
    const foreign = await revoke(id, stranger.tenantId)
    const unknown = await revoke('key_00000000000000000000000000', stranger.tenantId)
    assert.deepEqual([foreign.problem?.code, unknown.problem?.code], ['NOT_FOUND', 'NOT_FOUND'])
    const text = ({ text }: typeof foreign) => text.replace(/req_[0-9a-z]{26}/, '')
    assert.equal(text(foreign), text(unknown))
    await plane.client.succeed(listCustomers, { key: fullKey })
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
