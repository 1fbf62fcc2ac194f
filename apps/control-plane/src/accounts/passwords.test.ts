import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, login, resendVerificationEmail } from '@pacspace/api/definition/accounts'
import { changePassword, requestPasswordReset, resetPassword } from '@pacspace/api/definition/passwords'
import { rawRequest } from '@pacspace/testing/raw-request'
import { GOOD_PASSWORD, PUBLIC_URL, TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { senderRule } from './throttle.ts'

const NEW_PASSWORD = 'another tram, another glass'
const MINUTE_MS = 60 * 1000

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

const logIn = (email: string, password: string) => plane.client.call(login, { body: { email, password } })
const reset = (token: string, password = NEW_PASSWORD) =>
  plane.client.call(resetPassword, { body: { token, password } })

/** Asks for a link and gives the token that was mailed. */
async function mailedReset(email: string): Promise<string> {
  await plane.client.succeed(requestPasswordReset, { body: { email } })
  await plane.runJobs()
  return plane.mailedToken(email)
}

describe('request-password-reset', () => {
  test('mails a link to the page, of the configured address whatever Host says (A-9)', async () => {
    const { email } = await plane.account()
    const body = JSON.stringify({ email: ` ${email.toUpperCase()} ` })
    const answer = await rawRequest(
      plane.client.baseUrl,
      `POST /dashboard/auth/request-password-reset HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: evil.example\n` +
        `Content-Type: application/json\nContent-Length: ${body.length}\nConnection: close\n\n${body}`,
    )
    assert.equal(answer.status, 200)
    await plane.runJobs()
    const mail = plane.mails.findLast(({ to }) => to === email)
    assert.equal(mail?.subject, 'Reset your PacSpace password')
    assert.match(mail?.links[0] ?? '', new RegExp(`^${PUBLIC_URL}/reset-password\\?token=[\\w-]{43}$`))
    assert.doesNotMatch(`${mail?.text}${mail?.html}`, /evil/)
  })

  test('A-3 an unknown address gets the same answer after the same writes, and no mail', async () => {
    const { email } = await plane.account()
    for (const definition of [requestPasswordReset, resendVerificationEmail]) {
      const rows = async () => [
        await plane.count('throttle'),
        await plane.count('mail'),
        await plane.count('graphile_worker._private_jobs'),
      ]
      plane.clock.advance(2 * 60 * MINUTE_MS)
      const seen: unknown[] = []
      for (const address of [email, `nobody-${definition.id}@example.com`]) {
        await plane.runJobs()
        const before = await rows()
        const answer = await plane.client.call(definition, { body: { email: address } })
        const written = (await rows()).map((n, i) => n - (before[i] ?? 0))
        seen.push([answer.status, answer.text, [...answer.headers.keys()], written.slice(1)])
      }
      assert.deepEqual(seen[0], seen[1])
      const mails = plane.mails.length
      await plane.runJobs()
      assert.ok(plane.mails.slice(mails).every(({ to }) => to === email))
    }
  })

  test('RATE_LIMITED when one address is asked for too often, known or not, or one sender asks too often', async () => {
    const { email } = await plane.account()
    for (const address of [email, 'nobody2@example.com']) {
      for (let i = 0; i < 9; i++) await plane.client.call(requestPasswordReset, { body: { email: address } })
      await plane.client.call(requestPasswordReset, { body: { email: address } })
      const body = { email: address }
      const problem = await plane.client.refuse(requestPasswordReset, 'RATE_LIMITED', { body })
      assert.ok((problem.retryAfterSeconds ?? 0) >= 1)
    }
    const ask = (i: number) =>
      plane.client.call(requestPasswordReset, {
        body: { email: `person${i}@example.com` },
        headers: { 'x-forwarded-for': '192.0.2.55' },
      })
    const { key, free } = senderRule('192.0.2.55')
    assert.equal((await ask(0)).status, 200)
    await plane.owner.query('update throttle set attempts = $2 where key = $1', [key, free - 1])
    assert.equal((await ask(1)).status, 200)
    assert.equal((await ask(2)).problem?.code, 'RATE_LIMITED')
    plane.clock.advance(2 * 60 * MINUTE_MS)
  })
})

describe('reset-password', () => {
  test('A-10 sets the password, ends every session, mails the owner, and logs nobody in', async () => {
    const user = await plane.account()
    const answer = await reset(await mailedReset(user.email))
    assert.deepEqual([answer.status, answer.data], [200, {}])
    assert.deepEqual(answer.headers.getSetCookie(), [])
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: user.token })
    assert.equal((await logIn(user.email, GOOD_PASSWORD)).problem?.code, 'INVALID_CREDENTIALS')
    assert.equal((await logIn(user.email, NEW_PASSWORD)).status, 200)
    await plane.runJobs()
    assert.equal(plane.subjectsTo(user.email).at(-1), 'Your PacSpace password was changed')
    assert.ok((await plane.actionsOf(user.tenantId)).includes('password.reset'))
  })

  test('A-8 a token works once, also when used twice at the same moment', async () => {
    const user = await plane.account()
    const token = await mailedReset(user.email)
    const answers = await Promise.all(Array.from({ length: 5 }, () => reset(token)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400, 400, 400])
    assert.equal((await reset(token)).problem?.code, 'INVALID_RESET_TOKEN')
  })

  test('A-8 it ends after 60 minutes, not before', async () => {
    const [early, late] = [await plane.account(), await plane.account()]
    const tokens = [await mailedReset(early.email), await mailedReset(late.email)] as const
    plane.clock.advance(60 * MINUTE_MS - 1)
    assert.equal((await reset(tokens[0])).status, 200)
    plane.clock.advance(1)
    assert.equal((await reset(tokens[1])).problem?.code, 'INVALID_RESET_TOKEN')
    assert.equal((await logIn(late.email, GOOD_PASSWORD)).status, 200)
  })

  test('A-8 an older one is void once a newer is mailed, and every one once the password was changed', async () => {
    const user = await plane.account()
    const first = await mailedReset(user.email)
    const second = await mailedReset(user.email)
    assert.equal((await reset(first)).problem?.code, 'INVALID_RESET_TOKEN')
    const body = { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD }
    await plane.client.succeed(changePassword, { token: user.token, body })
    assert.equal((await reset(second)).problem?.code, 'INVALID_RESET_TOKEN')
  })

  test('A-8 256 bits, kept as a hash, and no other token passes for one', async () => {
    const user = await plane.account()
    const token = await mailedReset(user.email)
    assert.equal(Buffer.from(token, 'base64url').length, 32)
    const { rows } = await plane.owner.query<{ text: string }>('select r::text as text from password_reset r')
    assert.ok(rows.every(({ text }) => !text.includes(token)))
    const unverified = await plane.account({ isVerified: false })
    const verification = plane.mailedToken(unverified.email)
    for (const other of ['x', 'x'.repeat(43), verification, user.token.slice(0, 256)]) {
      assert.equal((await reset(other)).problem?.code, 'INVALID_RESET_TOKEN')
    }
  })

  test('A-5 a password that is refused does not spend the token', async () => {
    const user = await plane.account()
    const token = await mailedReset(user.email)
    for (const password of ['password123456', 'northwind rules', 'short', 'x'.repeat(129)]) {
      const { problem } = await reset(token, password)
      assert.equal(problem?.code, 'VALIDATION_ERROR', password)
      assert.equal(problem?.details[0]?.path, '/password')
    }
    assert.equal((await reset(token)).status, 200)
  })

  test('it lets an owner in whom guesses have locked out', async () => {
    const { email } = await plane.account()
    const headers = (i: number) => ({ 'x-forwarded-for': `192.0.2.${i}` })
    for (let i = 0; i < 6; i++) {
      await plane.client.call(login, { body: { email, password: 'a wrong guess' }, headers: headers(i) })
    }
    await reset(await mailedReset(email))
    const body = { email, password: NEW_PASSWORD }
    await plane.client.succeed(login, { body, headers: headers(99) })
  })
})

describe('change-password', () => {
  const change = (user: TestUser, currentPassword: string, newPassword: string) =>
    plane.client.call(changePassword, { token: user.token, body: { currentPassword, newPassword } })

  test('A-14 ends every session, this one too, deletes the cookie and mails the owner', async () => {
    const user = await plane.account()
    const other = (await logIn(user.email, GOOD_PASSWORD)).data.token
    const answer = await change(user, GOOD_PASSWORD, NEW_PASSWORD)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.getSetCookie()[0] ?? '', /^__Host-pacspace_session=; .*Max-Age=0/)
    for (const token of [user.token, other]) await plane.client.refuse(getMe, 'INVALID_TOKEN', { token })
    assert.equal((await logIn(user.email, NEW_PASSWORD)).status, 200)
    await plane.runJobs()
    assert.equal(plane.subjectsTo(user.email).at(-1), 'Your PacSpace password was changed')
    assert.ok((await plane.actionsOf(user.tenantId)).includes('password.changed'))
  })

  test('A-17 a wrong current password changes nothing, keeps the session, and is slowed down', async () => {
    const user = await plane.account()
    for (let i = 0; i < 5; i++) {
      const { problem } = await change(user, 'a wrong guess', NEW_PASSWORD)
      assert.equal(problem?.code, 'VALIDATION_ERROR')
      assert.deepEqual(problem?.details, [{ path: '/currentPassword', message: 'is wrong' }])
    }
    assert.equal((await change(user, GOOD_PASSWORD, NEW_PASSWORD)).problem?.code, 'RATE_LIMITED')
    await plane.client.succeed(getMe, { token: user.token })
    plane.clock.advance(1_000)
    assert.equal((await change(user, GOOD_PASSWORD, NEW_PASSWORD)).status, 200)
  })

  test('A-5 the rules are those of registering, named by the field', async () => {
    const user = await plane.account()
    for (const password of ['password123456', 'Northwind 2026!', `my ${user.email}`]) {
      const { problem } = await change(user, GOOD_PASSWORD, password)
      assert.equal(problem?.details[0]?.path, '/newPassword', password)
    }
  })

  test('of two changes at the same moment one wins', async () => {
    const user = await plane.account()
    const answers = await Promise.all([
      change(user, GOOD_PASSWORD, NEW_PASSWORD),
      change(user, GOOD_PASSWORD, `${NEW_PASSWORD}!`),
    ])
    const statuses = answers.map(({ status }) => status).sort()
    assert.equal(statuses[0], 200)
    assert.notEqual(statuses[1], 200)
  })
})
