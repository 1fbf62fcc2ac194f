import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { getMe, login, logout, register, verifyEmail } from '@pacspace/api/definition/accounts'
import { createApiKey } from '@pacspace/api/definition/keys'
import { changePassword, requestPasswordReset, resetPassword } from '@pacspace/api/definition/passwords'
import { SECURITY_HEADERS } from '@pacspace/service/exchange'
import { createLog } from '@pacspace/service/log'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { createControlPlane } from './control-plane.ts'
import { runWaitingJobs } from './job-worker.ts'
import { GOOD_PASSWORD, registration, TestControlPlane } from './testing/test-control-plane.ts'

/** A control plane that logs everything it ever would, at its most talkative, into memory. */
const lines: string[] = []
let plane: TestControlPlane
let client: TestClient
let close: () => Promise<void>
before(async () => {
  plane = await TestControlPlane.start()
  const destination = sink()
  const log = createLog({ service: 'control-plane', level: 'trace', destination })
  const context = { ...plane.context, log }
  const service = await createControlPlane(context, { trustedProxies: ['127.0.0.1'] })
  client = testClient((await service.listen({ host: '127.0.0.1', port: 0 })).url)
  close = () => service.close()
})
after(async () => {
  await close()
  await plane[Symbol.asyncDispose]()
})

describe('K17 the log', () => {
  test('K2 holds no password, token, key or link of a whole life of an account, refusals included', async () => {
    const email = 'logged@example.com'
    const secrets: string[] = [
      GOOD_PASSWORD,
      'a wrong guess',
      'another tram, another glass',
      'password123456',
    ]
    const { tenantId } = await client.succeed(register, { body: registration({ email }) })
    await client.refuse(register, 'VALIDATION_ERROR', {
      body: registration({ email: 'x@example.com', password: 'password123456' }),
    })
    const context = {
      ...plane.context,
      log: createLog({ service: 'jobs', level: 'trace', destination: sink() }),
    }
    await runWaitingJobs(plane.database.url, context)
    const verification = plane.mailedToken(email)
    await client.succeed(verifyEmail, { query: { token: verification } })
    await client.refuse(verifyEmail, 'INVALID_VERIFICATION_TOKEN', { query: { token: verification } })
    await client.refuse(login, 'INVALID_CREDENTIALS', { body: { email, password: 'a wrong guess' } })
    const { token } = await client.succeed(login, { body: { email, password: GOOD_PASSWORD } })
    const { fullKey, secretKey } = await client.succeed(createApiKey, { token, body: { name: 'logged' } })
    await client.succeed(requestPasswordReset, { body: { email } })
    await runWaitingJobs(plane.database.url, context)
    const reset = plane.mailedToken(email)
    const password = 'another tram, another glass'
    await client.succeed(resetPassword, { body: { token: reset, password } })
    await client.refuse(getMe, 'INVALID_TOKEN', { token })
    const again = await client.succeed(login, { body: { email, password } })
    const wrong = { currentPassword: 'a wrong guess', newPassword: GOOD_PASSWORD }
    await client.refuse(changePassword, 'VALIDATION_ERROR', { token: again.token, body: wrong })
    await client.succeed(logout, { token: again.token })
    secrets.push(verification, token, again.token, fullKey, secretKey, reset)

    const written = lines.join('')
    assert.ok(lines.length > 5, 'refusals are logged at this level')
    for (const secret of secrets) assert.ok(!written.includes(secret), `the log holds ${secret.slice(0, 6)}…`)
    const refused = lines.map((line) => JSON.parse(line)).filter(({ code }) => code !== undefined)
    for (const line of refused) {
      assert.match(line.requestId, /^req_[0-9a-z]{26}$/)
      assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
    assert.ok(refused.some((line) => line.tenantId === tenantId))
  })

  test('K2 the database holds them nowhere either, hashes apart', async () => {
    const { rows } = await plane.owner.query<{ table: string }>(
      `select tablename as table from pg_tables where schemaname = 'public'`,
    )
    const { token } = await client.succeed(login, {
      body: { email: 'logged@example.com', password: 'another tram, another glass' },
    })
    for (const { table } of rows) {
      const found = await plane.owner.query<{ text: string }>(`select t::text as text from ${table} t`)
      for (const { text } of found.rows) {
        for (const secret of [token, GOOD_PASSWORD, 'another tram, another glass'])
          assert.ok(!text.includes(secret), `${table} holds a secret`)
      }
    }
  })
})

test('K18 every answer carries the security headers, successes and refusals alike', async () => {
  const answers = [
    await client.call(login, { body: { email: 'nobody@example.com', password: 'a wrong guess' } }),
    await client.call(requestPasswordReset, { body: { email: 'nobody@example.com' } }),
    await client.call(getMe, {}),
  ]
  for (const { headers } of answers) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.equal(headers.get(name), value)
    assert.equal(headers.get('server'), null)
    assert.equal(headers.get('x-powered-by'), null)
  }
})

test('K19 the Dashboard API may be read by no page of another origin', async () => {
  for (const method of ['GET', 'OPTIONS']) {
    const answer = await fetch(`${client.baseUrl}/dashboard/auth/me`, {
      method,
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-pacspace-csrf',
      },
    })
    for (const [name] of answer.headers) assert.doesNotMatch(name, /^access-control-/)
  }
})

function sink(): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
}
