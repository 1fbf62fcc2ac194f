import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, login, logout, updatePreferences } from '@pacspace/api/definition/accounts'
import { reconcile } from '../reconcile.ts'
import { GOOD_PASSWORD, TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

const logIn = ({ email }: TestUser, headers: Record<string, string> = {}) =>
  plane.client.call(login, { body: { email, password: GOOD_PASSWORD }, headers })

const works = (token: string) => plane.client.succeed(getMe, { token })
const isDead = (token: string) => plane.client.refuse(getMe, 'INVALID_TOKEN', { token })

describe('logout', () => {
  test('A-14 ends this token at once and no other, and may be asked without a body', async () => {
    const user = await plane.account()
    const other = (await logIn(user)).data.token
    const answer = await plane.client.call(logout, { token: user.token })
    assert.deepEqual([answer.status, answer.data, answer.message], [200, {}, 'Logged out.'])
    await isDead(user.token)
    await works(other)
    assert.equal((await plane.actionsOf(user.tenantId)).at(-1), 'session.ended')
  })

  test('A-14 everywhere ends all tokens of this user and nobody else’s', async () => {
    const [user, stranger] = [await plane.account(), await plane.account()]
    const other = (await logIn(user)).data.token
    await plane.client.succeed(logout, { token: other, body: { everywhere: true } })
    await isDead(user.token)
    await isDead(other)
    await works(stranger.token)
    await works((await logIn(user)).data.token)
    assert.ok((await plane.actionsOf(user.tenantId)).includes('session.all_ended'))
  })

  test('an ended token stays dead for as long as it would live, and is then forgotten', async () => {
    const user = await plane.account()
    await plane.client.succeed(logout, { token: user.token })
    plane.clock.advance(12 * 60 * 60 * 1000 - 1_000)
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await isDead(user.token)
    plane.clock.advance(30 * 24 * 60 * 60 * 1000)
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    assert.equal(await plane.count('ended_session'), 0)
  })
})

describe('A-16 the cookie', () => {
  const cookiesOf = (headers: Headers) => headers.getSetCookie()

  test('holds the token, for this host alone, out of reach of scripts and other sites', async () => {
    const user = await plane.account()
    const answer = await logIn(user)
    const [session, device, ...more] = cookiesOf(answer.headers)
    assert.deepEqual(more, [])
    assert.equal(
      session,
      `__Host-pacspace_session=${answer.data.token}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure`,
    )
    assert.match(
      device ?? '',
      /^__Host-pacspace_device=[\w-]{22}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Strict; Secure$/,
    )
  })

  test('reads without more, writes only with X-Pacspace-CSRF; the bearer needs neither', async () => {
    const user = await plane.account()
    const cookie = `other=1; __Host-pacspace_session=${user.token}`
    assert.equal((await plane.client.succeed(getMe, { headers: { cookie } })).id, user.userId)
    const body = { preferredEnvironment: 'production' }
    for (const headers of [{ cookie }, { cookie, 'x-pacspace-csrf': '0' }]) {
      const { message } = await plane.client.refuse(updatePreferences, 'INVALID_TOKEN', { headers, body })
      assert.match(message, /X-Pacspace-CSRF: 1/)
    }
    assert.equal((await works(user.token)).preferredEnvironment, 'sandbox')
    await plane.client.succeed(updatePreferences, { headers: { cookie, 'x-pacspace-csrf': '1' }, body })
    await plane.client.succeed(updatePreferences, { token: user.token, headers: { cookie }, body })
    assert.equal((await works(user.token)).preferredEnvironment, 'production')
  })

  test('is deleted at logout, and its token is dead for whoever kept it', async () => {
    const user = await plane.account()
    const cookie = `__Host-pacspace_session=${user.token}`
    const answer = await plane.client.call(logout, { headers: { cookie, 'x-pacspace-csrf': '1' } })
    assert.deepEqual(cookiesOf(answer.headers), [
      '__Host-pacspace_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
    ])
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { headers: { cookie } })
  })

  test('a log-in that is refused sets none', async () => {
    const user = await plane.account()
    const answer = await plane.client.call(login, { body: { email: user.email, password: 'a wrong guess' } })
    assert.deepEqual(cookiesOf(answer.headers), [])
  })
})

describe('A-1 a known device', () => {
  const from = (address: string, cookie?: string) => ({
    'x-forwarded-for': address,
    ...(cookie !== undefined && { cookie }),
  })
  const guess = (user: TestUser, headers: Record<string, string>) =>
    plane.client.call(login, { body: { email: user.email, password: 'a wrong guess' }, headers })
  const deviceOf = (headers: Headers) => headers.getSetCookie()[1]?.split(';')[0] ?? ''

  /** Strangers from ten addresses, until the account makes everybody wait. */
  async function guessUntilThrottled(user: TestUser) {
    const codes: (string | undefined)[] = []
    for (let i = 1; i <= 10; i++) codes.push((await guess(user, from(`192.0.2.${i}`))).problem?.code)
    assert.deepEqual(codes.slice(-5), Array(5).fill('RATE_LIMITED'))
  }

  test('its owner logs in by cookie from wherever, while strangers have to wait', async () => {
    const user = await plane.account()
    const cookie = deviceOf((await logIn(user, from('198.51.100.1'))).headers)
    await guessUntilThrottled(user)
    assert.equal((await logIn(user, from('203.0.113.5'))).problem?.code, 'RATE_LIMITED')
    const again = await logIn(user, from('203.0.113.5', cookie))
    assert.equal(again.status, 200)
    assert.equal(deviceOf(again.headers), cookie)
    assert.equal(
      (await guess(user, from('192.0.2.99'))).problem?.code,
      'RATE_LIMITED',
      'strangers still wait',
    )
  })

  test('its owner logs in from the address of an earlier log-in, cookie or not', async () => {
    const user = await plane.account()
    await logIn(user, from('198.51.100.2'))
    await guessUntilThrottled(user)
    assert.equal((await logIn(user, from('198.51.100.2'))).status, 200)
  })

  test('guesses on a known device are counted by themselves and slowed like others', async () => {
    const user = await plane.account()
    const cookie = deviceOf((await logIn(user, from('198.51.100.3'))).headers)
    for (let i = 0; i < 5; i++) {
      const { problem } = await guess(user, from(`198.51.100.${10 + i}`, cookie))
      assert.equal(problem?.code, 'INVALID_CREDENTIALS')
    }
    const { problem } = await guess(user, from('198.51.100.3', cookie))
    assert.equal(problem?.code, 'RATE_LIMITED')
    assert.equal((await logIn(user, from('203.0.113.77'))).status, 200, 'another device does not wait for it')
  })

  test('a device is known for one account only, and a cookie that was made up for none', async () => {
    const [user, other] = [await plane.account(), await plane.account()]
    const cookie = deviceOf((await logIn(user, from('198.51.100.4'))).headers)
    await guessUntilThrottled(other)
    const madeUp = `__Host-pacspace_device=${'A'.repeat(22)}`
    for (const sent of [cookie, madeUp]) {
      assert.equal((await logIn(other, from('203.0.113.6', sent))).problem?.code, 'RATE_LIMITED')
    }
  })

  test('after half a year without a log-in it is a stranger again, and forgotten', async () => {
    const user = await plane.account()
    const cookie = deviceOf((await logIn(user, from('198.51.100.8'))).headers)
    plane.clock.advance(180 * 24 * 60 * 60 * 1000)
    await guessUntilThrottled(user)
    plane.clock.advance(1)
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    assert.equal(await plane.count('known_device'), 0)
    assert.equal((await logIn(user, from('198.51.100.8', cookie))).problem?.code, 'RATE_LIMITED')
  })
})

describe('A-17 the activity log', () => {
  test('tells of log-ins and refused ones of an account; of an unknown address nothing stays', async () => {
    const user = await plane.account()
    await plane.client.call(login, { body: { email: user.email, password: 'a wrong guess' } })
    assert.deepEqual(await plane.actionsOf(user.tenantId), [
      'account.registered',
      'environment.activated',
      'account.email_verified',
      'session.started',
      'session.refused',
    ])
    const before = await plane.count('audit_entry')
    await plane.client.call(login, { body: { email: 'nobody@example.com', password: 'a wrong guess' } })
    assert.equal(await plane.count('audit_entry'), before)
    assert.equal(await plane.count('audit_pending', 'entry_no not in (select no from audit_entry)'), 0)
  })
})
