import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { getMe } from '@pacspace/api/definition/accounts'
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { JWT_SECRET, PUBLIC_URL, TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account()
})
after(() => plane[Symbol.asyncDispose]())

const SECRET = Buffer.from(JWT_SECRET)
const nowSeconds = () => Math.floor(plane.clock.now() / 1000)

/** What the control plane itself would claim, with what a test wants otherwise. */
function claims(other: Record<string, unknown> = {}): JWTPayload {
  return {
    sub: user.userId,
    iss: PUBLIC_URL,
    aud: 'pacspace-dashboard',
    jti: 'ses_test',
    iat: nowSeconds(),
    exp: nowSeconds() + 3_600,
    sessionVersion: 1,
    ...other,
  }
}

async function signed(
  payload: JWTPayload,
  header: object = {},
  secret: Uint8Array = SECRET,
): Promise<string> {
  return await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(secret)
}

/** Header and payload as given, with the signature of a good token. */
function glued(header: object, payload: object, signature: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}

describe('a token', () => {
  test('carries iss, aud, exp in 12 h, sub, session version and an id of its own', async () => {
    const payload = JSON.parse(Buffer.from(user.token.split('.')[1] ?? '', 'base64url').toString())
    assert.equal(payload.iss, PUBLIC_URL)
    assert.equal(payload.aud, 'pacspace-dashboard')
    assert.equal(payload.exp - payload.iat, 12 * 60 * 60)
    assert.equal(payload.sub, user.userId)
    assert.equal(payload.sessionVersion, 1)
    assert.match(payload.jti, /^ses_[0-9a-z]{26}$/)
  })

  test('of these tests’ making is good, so that the bad ones below are refused for what is bad in them', async () => {
    await plane.client.succeed(getMe, { token: await signed(claims()) })
  })
})

describe('INVALID_TOKEN', () => {
  test('A-12 other algorithms, injected headers, empty and cut signatures', async () => {
    const good = await signed(claims())
    const [header = '', payload = '', signature = ''] = good.split('.')
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))
    const bad: Record<string, string> = {
      'alg none': new UnsecuredJWT(claims()).encode(),
      'alg None, old signature': glued({ alg: 'None', typ: 'JWT' }, claims(), signature),
      'alg NONE, no signature': glued({ alg: 'NONE', typ: 'JWT' }, claims(), ''),
      'signed with a public key': await signed(claims(), {}, pem),
      'HS512 with the right secret': await signed(
        claims(),
        { alg: 'HS512' },
        Buffer.concat([SECRET, SECRET]),
      ),
      'kid with a path': await signed(claims(), { kid: '../../../dev/null' }, Buffer.alloc(32)),
      'kid with SQL, right secret': await signed(claims(), { kid: `x' union select 'secret` }),
      'jku, right secret': await signed(claims(), { jku: 'https://evil.example/keys' }),
      'x5u, right secret': await signed(claims(), { x5u: 'https://evil.example/cert' }),
      'jwk, right secret': await signed(claims(), { jwk: { kty: 'oct', k: 'AAAA' } }),
      'empty signature': `${header}.${payload}.`,
      'no signature': `${header}.${payload}`,
      'cut signature': good.slice(0, -4),
      'changed payload': glued({ alg: 'HS256', typ: 'JWT' }, claims({ sub: 'usr_0' }), signature),
    }
    for (const [name, token] of Object.entries(bad)) await refused(name, token)
  })

  test('A-13 not yet valid, for others, from others, of another kind, of another deployment, or no JWT', async () => {
    const bad: Record<string, string> = {
      'nbf in the future': await signed(claims({ nbf: nowSeconds() + 60 })),
      'other audience': await signed(claims({ aud: 'pacspace-invoices' })),
      'other issuer': await signed(claims({ iss: 'https://elsewhere.example' })),
      'other typ': await signed(claims(), { typ: 'verify+jwt' }),
      'no typ': await signed(claims(), { typ: undefined }),
      'another deployment’s secret': await signed(claims(), {}, Buffer.from(JWT_SECRET.toUpperCase())),
      'a mailed token': Buffer.alloc(32, 7).toString('base64url'),
      'no session version': await signed(claims({ sessionVersion: undefined })),
      'no expiry': await signed(claims({ exp: undefined })),
      'no user id': await signed(claims({ sub: 'owner' })),
    }
    for (const [name, token] of Object.entries(bad)) await refused(name, token)
  })

  test('A-14 a raised session version, and a removed user, end the token at once', async () => {
    const other = await plane.account()
    await plane.client.succeed(getMe, { token: other.token })
    await plane.owner.query('update tenant_user set session_version = session_version + 1 where id = $1', [
      other.userId,
    ])
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: other.token })
    await plane.client.refuse(getMe, 'INVALID_TOKEN', {
      token: await signed(claims({ sub: 'usr_00000000000000000000000000' })),
    })
  })

  async function refused(name: string, token: string): Promise<void> {
    const { problem } = await plane.client.call(getMe, { token })
    assert.equal(problem?.code, 'INVALID_TOKEN', name)
  }
})

describe('TOKEN_EXPIRED', () => {
  test('A-13 a token ends with its time, to the second', async () => {
    const token = await signed(claims({ exp: nowSeconds() + 10 }))
    plane.clock.advance(9_000)
    await plane.client.succeed(getMe, { token })
    plane.clock.advance(1_000)
    const problem = await plane.client.refuse(getMe, 'TOKEN_EXPIRED', { token })
    assert.equal(problem.message, 'JWT expired')
  })
})
