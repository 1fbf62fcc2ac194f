import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newApiKey } from '@pacspace/api/api-key'
import { Problem, type ProblemCode } from '@pacspace/api/problem'
import type { Db } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { startTestDataPlane, type TestDataPlane, unknownKey } from '../testing/test-data-plane.ts'
import { KeyAuthenticator } from './authenticate-key.ts'

let plane: TestDataPlane
let tenantId: Parameters<TestDataPlane['newKey']>[0]
before(async () => {
  plane = await startTestDataPlane()
  tenantId = (await plane.newTenant()).tenantId
})
after(() => plane[Symbol.asyncDispose]())

/** An authenticator of its own, like another process's, that tells how often it asked the database. */
function authenticator() {
  const counted = { queries: 0 }
  const db: Db = {
    query: (statement, values) => {
      counted.queries++
      return plane.context.db.query(statement, values)
    },
  }
  return { keys: new KeyAuthenticator(db, 'sandbox', plane.clock), counted }
}

async function refuse(keys: KeyAuthenticator, header: string, code: ProblemCode): Promise<Problem> {
  try {
    await keys.authenticate(header)
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, code)
    return error
  }
  return assert.fail(`${header.slice(0, 10)}… was let in`)
}

describe('a key', () => {
  it('that is right opens, and tells whose it is', async () => {
    const { keys } = authenticator()
    const { id, fullKey } = await plane.newKey(tenantId, ['balance:read', 'webhooks:write'])
    const { rows } = await plane.owner.query<{ id: number }>('select id from tenant where public_id = $1', [
      tenantId,
    ])
    assert.deepEqual(await keys.authenticate(fullKey), {
      kind: 'apiKey',
      tenantId,
      tenantNo: rows[0]?.id,
      keyId: id,
      permissions: ['balance:read', 'webhooks:write'],
    })
  })

  it('K1 with a typing error in any one character is refused without a look-up', async () => {
    const { keys, counted } = authenticator()
    const { fullKey } = await plane.newKey(tenantId)
    for (let at = 0; at < fullKey.length; at++) {
      for (const typo of ['a', 'Z', '7', ' ']) {
        if (fullKey[at] === typo) continue
        const mistyped = `${fullKey.slice(0, at)}${typo}${fullKey.slice(at + 1)}`
        await refuse(keys, mistyped, 'INVALID_API_KEY')
      }
      await refuse(keys, fullKey.slice(0, at) + fullKey.slice(at + 1), 'INVALID_API_KEY')
      if (at > 0 && fullKey[at] !== fullKey[at - 1]) {
        const swapped = `${fullKey.slice(0, at - 1)}${fullKey[at]}${fullKey[at - 1]}${fullKey.slice(at + 1)}`
        await refuse(keys, swapped, 'INVALID_API_KEY')
      }
    }
    for (const malformed of [
      '',
      'x',
      'Bearer x',
      `${fullKey}0`,
      ` ${fullKey}`,
      fullKey.repeat(2),
      'pk_test_.',
      "' or 1=1",
    ]) {
      await refuse(keys, malformed, 'INVALID_API_KEY')
    }
    assert.equal(counted.queries, 0)
  })

  it('K7 of the other environment is refused by name, without a look-up', async () => {
    const { keys, counted } = authenticator()
    const { message } = await refuse(keys, unknownKey('production'), 'API_KEY_ENVIRONMENT_HOST_MISMATCH')
    assert.match(message, /Production key \(pk_live_/)
    assert.match(message, /this is the Sandbox API/)
    assert.equal(counted.queries, 0)
  })

  it('that nobody has is asked for once a half second, however often it is tried', async () => {
    const { keys, counted } = authenticator()
    const unknown = unknownKey('sandbox')
    for (let i = 0; i < 20; i++) await refuse(keys, unknown, 'INVALID_API_KEY')
    assert.equal(counted.queries, 1)
    plane.clock.offsetMs += 501
    await refuse(keys, unknown, 'INVALID_API_KEY')
    assert.equal(counted.queries, 2)
    plane.clock.offsetMs = 0
  })

  it('with the right public part and another secret is refused', async () => {
    const { keys } = authenticator()
    const { fullKey } = await plane.newKey(tenantId)
    const forged = forgedWith(fullKey.slice(0, fullKey.indexOf('.')))
    await refuse(keys, forged, 'INVALID_API_KEY')
    await keys.authenticate(fullKey)
    await refuse(keys, forged, 'INVALID_API_KEY')
  })

  it('K3 is refused after the same steps and in the same words, whether its public part is known or not', async () => {
    const { fullKey } = await plane.newKey(tenantId)
    const forged = forgedWith(fullKey.slice(0, fullKey.indexOf('.')))
    for (const wrong of [forged, unknownKey('sandbox')]) {
      const { keys, counted } = authenticator()
      const { message } = await refuse(keys, wrong, 'INVALID_API_KEY')
      assert.deepEqual([counted.queries, message], [1, 'Invalid API key'])
    }
  })

  it('costs one look-up for a hundred who ask at once, and one every 4 seconds after', async () => {
    const { keys, counted } = authenticator()
    const { fullKey } = await plane.newKey(tenantId)
    await Promise.all(Array.from({ length: 100 }, () => keys.authenticate(fullKey)))
    await keys.authenticate(fullKey)
    assert.equal(counted.queries, 1)
    plane.clock.offsetMs += 4_001
    await keys.authenticate(fullKey)
    assert.equal(counted.queries, 2)
    plane.clock.offsetMs = 0
  })

  it('K4 that is revoked or disabled dies within 5 s where no notification arrives, and at once where one does', async () => {
    const deaths: [change: string, code: ProblemCode][] = [
      ['revoked_at = now(), active = false', 'INVALID_API_KEY'],
      ['active = false', 'API_KEY_DISABLED'],
    ]
    for (const [change, code] of deaths) {
      const [deaf, told] = [authenticator(), authenticator()]
      const { id, fullKey } = await plane.newKey(tenantId)
      await Promise.all([deaf, told].map(({ keys }) => keys.authenticate(fullKey)))
      await plane.owner.query(`update api_key set ${change} where id = $1`, [id])
      await deaf.keys.authenticate(fullKey)
      told.keys.forget()
      await refuse(told.keys, fullKey, code)
      plane.clock.offsetMs += 5_000
      await refuse(deaf.keys, fullKey, code)
      plane.clock.offsetMs = 0
    }
  })

  it('that has expired is refused at that very moment, remembered or not', async () => {
    const { keys, counted } = authenticator()
    const { id, fullKey } = await plane.newKey(tenantId)
    await plane.owner.query('update api_key set expires_at = $2 where id = $1', [
      id,
      new Date(plane.clock.now() + 2_000).toISOString(),
    ])
    await keys.authenticate(fullKey)
    plane.clock.offsetMs += 2_001
    await refuse(keys, fullKey, 'INVALID_API_KEY')
    assert.equal(counted.queries, 1)
    plane.clock.offsetMs = 0
  })
})

describe('lastUsedAt', () => {
  const lastUse = async (id: string) => {
    const { rows } = await plane.owner.query<{ at: string }>(
      'select last_used_at as at from api_key_use where api_key_id = $1',
      [id],
    )
    return rows[0]?.at
  }

  it('K6 costs one write for all uses of all keys, is the last use, and never goes back', async () => {
    const { keys, counted } = authenticator()
    const [a, b] = await Promise.all([plane.newKey(tenantId), plane.newKey(tenantId)])
    assert.ok(a && b)
    for (let i = 0; i < 50; i++) await keys.authenticate(a.fullKey)
    await keys.authenticate(b.fullKey)
    const queries = counted.queries
    const lastMs = plane.clock.now()
    await keys.flushUses()
    await keys.flushUses() // nothing new: no write
    assert.equal(counted.queries, queries + 1)
    const at = await lastUse(a.id)
    assert.ok(at !== undefined && Math.abs(Date.parse(at) - lastMs) < 1_000)

    const other = authenticator()
    plane.clock.offsetMs -= 30_000
    await other.keys.authenticate(a.fullKey)
    await other.keys.flushUses()
    plane.clock.offsetMs = 0
    assert.equal(await lastUse(a.id), at)
  })

  it('is not lost when it could not be written down', async () => {
    let isAway = true
    const db: Db = {
      query: (statement, values) =>
        isAway ? Promise.reject(new Error('away')) : plane.context.db.query(statement, values),
    }
    const { id, fullKey } = await plane.newKey(tenantId)
    const keys = new KeyAuthenticator(db, 'sandbox', plane.clock)
    isAway = false
    await keys.authenticate(fullKey)
    isAway = true
    await assert.rejects(keys.flushUses())
    isAway = false
    await keys.flushUses()
    assert.ok((await lastUse(id)) !== undefined)
  })
})

/** Another key with the same public part: its form and checksum are right, only the secret is not. */
function forgedWith(publicKey: string): string {
  // newApiKey makes the public characters of the first bytes it draws, each the character at that place of the alphabet.
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const publicBytes = Uint8Array.from(publicKey.slice('pk_test_'.length), (character) =>
    alphabet.indexOf(character),
  )
  let isFirst = true
  const { fullKey } = newApiKey('sandbox', (length) => {
    const bytes = isFirst ? publicBytes : randomBytes(length)
    isFirst = false
    return bytes
  })
  assert.ok(fullKey.startsWith(`${publicKey}.`))
  return fullKey
}
