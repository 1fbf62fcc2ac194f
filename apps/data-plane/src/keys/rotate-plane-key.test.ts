import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { emitDelta, listCustomers } from '@pacspace/api/definition/ledger'
import type { TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

let plane: TestDataPlane
let tenantId: TenantId
before(async () => {
  plane = await startTestDataPlane()
  tenantId = (await plane.newTenant()).tenantId
})
after(() => plane[Symbol.asyncDispose]())

const bearer = () => ({ token: plane.internalSecret })
const create = (body: object = {}) =>
  plane.internal.succeed(api.createPlaneKey, {
    ...bearer(),
    params: { tenantId },
    body: { name: 'to rotate', ...body },
  })
const get = (keyId: string) =>
  plane.internal.succeed(api.getPlaneKey, { ...bearer(), params: { tenantId, keyId } })
const rotation = (keyId: string, body?: object, of = tenantId) => ({
  ...bearer(),
  params: { tenantId: of, keyId },
  ...(body && { body }),
})
const rotate = (keyId: string, body?: object) =>
  plane.internal.succeed(api.rotatePlaneKey, rotation(keyId, body))
const refuseRotation = (keyId: string, code: 'API_KEY_REVOKED' | 'API_KEY_NOT_ROTATABLE') =>
  plane.internal.refuse(api.rotatePlaneKey, code, rotation(keyId, {}))
const opens = (key: string) => plane.client.succeed(listCustomers, { key })
const isRefused = (key: string) => plane.client.refuse(listCustomers, 'INVALID_API_KEY', { key })

/** As another process would: it hears of nothing and looks again when its memory is old. */
function pass(ms: number): void {
  plane.clock.offsetMs += ms
}

describe('rotating a key', () => {
  it('K5 gives a successor with the same settings, and both work until the grace ends, at that moment', async () => {
    for (const gracePeriodSeconds of [3_600, 86_400, 604_800]) {
      const old = await create({ permissions: ['balance:read', 'balance:write'], expiresAt: '2099-01-01' })
      const next = await rotate(old.id, { gracePeriodSeconds })
      const endMs = Date.parse(next.replaces.expiresAt)
      assert.ok(Math.abs(endMs - plane.clock.now() - gracePeriodSeconds * 1_000) < 5_000)
      assert.notEqual(next.fullKey, old.fullKey)
      assert.deepEqual(
        [next.name, next.permissions, next.active, next.expiresAt, next.rotatedTo],
        [old.name, old.permissions, true, old.expiresAt, null],
      )
      const shown = await get(old.id)
      assert.deepEqual([shown.rotatedTo, shown.expiresAt], [next.id, next.replaces.expiresAt])
      await Promise.all([opens(old.fullKey), opens(next.fullKey)])

      pass(endMs - plane.clock.now() - 3_000)
      await Promise.all([opens(old.fullKey), opens(next.fullKey)])
      pass(3_001)
      await isRefused(old.fullKey)
      await opens(next.fullKey)
      plane.clock.offsetMs = 0
    }
  })

  it('K5 without grace ends the old key at once', async () => {
    const old = await create()
    await opens(old.fullKey)
    const next = await rotate(old.id, { gracePeriodSeconds: 0 })
    await isRefused(old.fullKey)
    await opens(next.fullKey)
  })

  it('without a body gives a day', async () => {
    const old = await create()
    const { replaces } = await rotate(old.id)
    assert.ok(Math.abs(Date.parse(replaces.expiresAt) - plane.clock.now() - DAY_MS) < 5_000)
  })

  it('never lets the old key live longer than it would have', async () => {
    const old = await create({ expiresAt: new Date(plane.clock.now() + 60_000).toISOString() })
    const next = await rotate(old.id, { gracePeriodSeconds: 3_600 })
    assert.equal(next.replaces.expiresAt, old.expiresAt)
    assert.equal(next.expiresAt, old.expiresAt)
  })

  it('K5 twenty times at once gives one successor; the others hear who it is', async () => {
    const old = await create()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => plane.internal.call(api.rotatePlaneKey, rotation(old.id, {}))),
    )
    const made = answers.filter(({ problem }) => problem === undefined)
    assert.equal(made.length, 1)
    const successorId = made[0]?.data.id ?? ''
    for (const { problem } of answers.filter((each) => each.problem !== undefined)) {
      assert.equal(problem?.code, 'API_KEY_NOT_ROTATABLE')
      assert.ok(problem?.message.includes(successorId))
    }
    const { rows } = await plane.owner.query(
      `select from api_key where id = $1 or id = (select rotated_to from api_key where id = $2)`,
      [successorId, old.id],
    )
    assert.equal(rows.length, 1)
  })

  it('goes on: the successor is rotated in its turn, and all three work in their grace', async () => {
    const a = await create()
    const b = await rotate(a.id)
    const c = await rotate(b.id)
    await Promise.all([a, b, c].map(({ fullKey }) => opens(fullKey)))
  })

  it('leaves a key that is switched off switched off', async () => {
    const old = await create()
    await plane.internal.succeed(api.updatePlaneKey, rotation(old.id, { active: false }))
    const next = await rotate(old.id)
    assert.equal(next.active, false)
    await plane.client.refuse(listCustomers, 'API_KEY_DISABLED', { key: next.fullKey })
  })
})

describe('a key that cannot be rotated', () => {
  it('API_KEY_REVOKED: revoked', async () => {
    const { id } = await create()
    await plane.internal.succeed(api.revokePlaneKey, rotation(id))
    await refuseRotation(id, 'API_KEY_REVOKED')
    assert.equal((await get(id)).rotatedTo, null)
  })

  it('K5 API_KEY_NOT_ROTATABLE: expired, by itself or at the end of its grace', async () => {
    const { id } = await create({ expiresAt: new Date(plane.clock.now() + 60_000).toISOString() })
    pass(60_001)
    await refuseRotation(id, 'API_KEY_NOT_ROTATABLE')
    plane.clock.offsetMs = 0
    assert.equal((await get(id)).rotatedTo, null)
  })

  it("NOT_FOUND: unknown, and another tenant's, which stays as it is", async () => {
    const { id } = await create()
    const stranger = await plane.newTenant()
    for (const keyId of [id, 'key_00000000000000000000000000']) {
      const call = rotation(keyId, {}, stranger.tenantId)
      await plane.internal.refuse(api.rotatePlaneKey, 'NOT_FOUND', call)
      await plane.internal.refuse(api.getPlaneKey, 'NOT_FOUND', { ...call, body: undefined })
      await plane.internal.refuse(api.updatePlaneKey, 'NOT_FOUND', { ...call, body: { name: 'taken' } })
    }
    const { rotatedTo, name } = await get(id)
    assert.deepEqual([rotatedTo, name], [null, 'to rotate'])
  })

  it('VALIDATION_ERROR: a grace that is not offered', async () => {
    const { id } = await create()
    for (const gracePeriodSeconds of [1, -1, 3_601, 31_536_000, '3600', null]) {
      await plane.internal.refuse(
        api.rotatePlaneKey,
        'VALIDATION_ERROR',
        rotation(id, { gracePeriodSeconds }),
      )
    }
    assert.equal((await get(id)).rotatedTo, null)
  })
})

describe('changing a key', () => {
  const update = (keyId: string, body: object) =>
    plane.internal.succeed(api.updatePlaneKey, rotation(keyId, body))

  it('K4 a key that is switched off is refused by name, and opens again when it is switched on', async () => {
    const { id, fullKey } = await create()
    await opens(fullKey)
    assert.equal((await update(id, { active: false })).active, false)
    await plane.client.refuse(listCustomers, 'API_KEY_DISABLED', { key: fullKey })
    assert.equal((await update(id, { active: true })).active, true)
    await opens(fullKey)
  })

  it('permissions hold from the next request on', async () => {
    const { id, fullKey } = await create()
    const body = { customerId: 'c', delta: 1, reason: 'x' }
    await plane.client.succeed(emitDelta, { key: fullKey, body })
    const changed = await update(id, { permissions: ['balance:read'] })
    assert.deepEqual(changed.permissions, ['balance:read'])
    await plane.client.refuse(emitDelta, 'INSUFFICIENT_PERMISSION', { key: fullKey, body })
    await opens(fullKey)
  })

  it('what is not named stays; nothing named changes nothing', async () => {
    const {
      id,
      secretKey: _secret,
      fullKey: _full,
      ...created
    } = await create({ permissions: ['balance:read'] })
    assert.deepEqual(await update(id, { name: 'renamed' }), { id, ...created, name: 'renamed' })
    assert.deepEqual(await update(id, {}), { id, ...created, name: 'renamed' })
  })

  it('API_KEY_REVOKED: what was revoked stays so', async () => {
    const { id, fullKey } = await create()
    await plane.internal.succeed(api.revokePlaneKey, rotation(id))
    await plane.internal.refuse(api.updatePlaneKey, 'API_KEY_REVOKED', rotation(id, { active: true }))
    await isRefused(fullKey)
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
