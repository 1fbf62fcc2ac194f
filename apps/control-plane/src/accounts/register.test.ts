import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { login, register } from '@pacspace/api/definition/accounts'
import { GOOD_PASSWORD, registration, TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

let count = 0
const freshEmail = () => `jane${++count}@example.com`

describe('success', () => {
  test('user, tenant on Free, Sandbox contract, mail and jobs stand when the answer arrives', async () => {
    const email = freshEmail()
    const answer = await plane.client.call(register, { body: registration({ email: `  ${email} ` }) })
    assert.equal(answer.status, 201)
    const { id, tenantId } = answer.data
    assert.deepEqual(answer.data, { id, email, name: 'Jane Doe', isVerified: false, tenantId })
    assert.equal(answer.message, 'Registration successful. Please check your email to verify your account.')

    const user = await plane.owner.query('select role, verified_at, email from tenant_user where id = $1', [
      id,
    ])
    assert.deepEqual(user.rows, [{ role: 'owner', verified_at: null, email }])
    assert.equal(await plane.count('tenant', 'id = $1 and company_name = $2', [tenantId, 'Northwind']), 1)
    assert.equal(await plane.count('tenant_plan', `tenant_id = $1 and tier = 'free'`, [tenantId]), 1)
    const contract = `tenant_id = $1 and environment = 'sandbox' and status = 'provisioning'`
    assert.equal(await plane.count('contract', contract, [tenantId]), 1)
    assert.equal(
      await plane.count('mail', `user_id = $1 and kind = 'verify_email' and sent_at is null`, [id]),
      1,
    )
  })

  test('the Sandbox becomes active and the mail links to the page, not to the call', async () => {
    const email = freshEmail()
    const { tenantId } = await plane.client.succeed(register, { body: registration({ email }) })
    await plane.runJobs()
    assert.equal(plane.planes.sandbox.tenants.get(tenantId)?.status, 'active')
    assert.equal(plane.planes.production.tenants.has(tenantId), false)
    assert.equal(await plane.count('contract', `tenant_id = $1 and status = 'active'`, [tenantId]), 1)
    const [mail, ...more] = plane.mails.filter(({ to }) => to === email)
    assert.deepEqual(more, [])
    assert.match(mail?.links[0] ?? '', /^https:\/\/pacspace\.test\/verify-email\?token=[\w-]{43}$/)
    assert.ok(mail?.text.includes(`/dashboard/auth/verify?token=${plane.mailedToken(email)}`))
  })

  test('A-4 8 and 128 characters are accepted as they are, spaces and Unicode included, and log in', async () => {
    for (const password of [
      ' v7 tram',
      '🚋'.repeat(64),
      'Ünder glaß',
      `${GOOD_PASSWORD} ${'x'.repeat(72)}`,
    ]) {
      const email = freshEmail()
      await plane.client.succeed(register, { body: registration({ email, password }) })
      await plane.client.succeed(login, { body: { email, password } })
      await plane.client.refuse(login, 'INVALID_CREDENTIALS', {
        body: { email, password: `${password.trim()}!` },
      })
    }
  })

  test('A-4 no truncation: a twin that differs after 72 bytes does not log in', async () => {
    const email = freshEmail()
    const start = 'violet tram under glass '.repeat(4)
    await plane.client.succeed(register, { body: registration({ email, password: `${start}a` }) })
    await plane.client.refuse(login, 'INVALID_CREDENTIALS', { body: { email, password: `${start}b` } })
  })

  test('A-6 what is stored is Argon2id, 19 MiB, two passes, one lane, with a salt for each user', async () => {
    const emails = [freshEmail(), freshEmail()]
    for (const email of emails) await plane.client.succeed(register, { body: registration({ email }) })
    const { rows } = await plane.owner.query<{ hash: string }>(
      'select password_hash as hash from tenant_user where email = any($1)',
      [emails],
    )
    const parts = rows.map(({ hash }) => hash.split('$'))
    for (const [, variant, version, cost] of parts) {
      assert.deepEqual([variant, version, cost], ['argon2id', 'v=19', 'm=19456,t=2,p=1'])
    }
    assert.notEqual(parts[0]?.[4], parts[1]?.[4])
    assert.notEqual(parts[0]?.[5], parts[1]?.[5])
  })
})

describe('a taken address', () => {
  test('A-3 gets the same answer with fresh ids, writes no account, and its owner gets a mail', async () => {
    const email = freshEmail()
    const first = await plane.client.call(register, { body: registration({ email }) })
    const before = await counts()
    const twin = {
      email: email.toUpperCase(),
      password: 'another tram, another glass',
      companyName: 'Southwind',
    }
    const second = await plane.client.call(register, { body: registration(twin) })
    assert.equal(second.status, first.status)
    assert.deepEqual(Object.keys(second.data), Object.keys(first.data))
    assert.equal(second.message, first.message)
    assert.deepEqual([...second.headers.keys()], [...first.headers.keys()])
    assert.equal(second.data.email, twin.email)
    assert.notEqual(second.data.id, first.data.id)
    assert.notEqual(second.data.tenantId, first.data.tenantId)

    assert.deepEqual(await counts(), { ...before, mail: before.mail + 1 })
    await plane.client.refuse(login, 'INVALID_CREDENTIALS', { body: { email, password: twin.password } })
    await plane.runJobs()
    const subjects = plane.mails.filter(({ to }) => to === email).map(({ subject }) => subject)
    assert.deepEqual(subjects, [
      'Verify your email address for PacSpace',
      'You already have a PacSpace account',
    ])
    assert.equal(plane.planes.sandbox.tenants.has(second.data.tenantId), false)
  })

  test('A-3 costs the same work', async (t) => {
    const taken = Array.from({ length: 40 }, freshEmail)
    const times = { free: [] as number[], taken: [] as number[] }
    for (const email of taken) await timed(email)
    for (const email of taken) {
      times.free.push(await timed(freshEmail()))
      times.taken.push(await timed(email))
    }
    t.diagnostic(`median ms: free ${median(times.free)}, taken ${median(times.taken)}`)
    assert.equal(await plane.count('tenant_user', 'email = any($1)', [taken]), taken.length)
  })

  async function timed(email: string): Promise<number> {
    const startedMs = performance.now()
    await plane.client.succeed(register, { body: registration({ email }) })
    return performance.now() - startedMs
  }

  function median(values: readonly number[]): string {
    return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(1)
  }

  test('A-3 ten registrations of one address at once make one account', async () => {
    const email = freshEmail()
    await Promise.all(
      Array.from({ length: 10 }, () => plane.client.succeed(register, { body: registration({ email }) })),
    )
    assert.equal(await plane.count('tenant_user', 'email = $1', [email]), 1)
  })

  async function counts() {
    return {
      user: await plane.count('tenant_user'),
      tenant: await plane.count('tenant'),
      plan: await plane.count('tenant_plan'),
      contract: await plane.count('contract'),
      mail: await plane.count('mail'),
    }
  }
})

describe('VALIDATION_ERROR', () => {
  test('A-4 A-5 a short, long, common, or telling password is refused naming /password, and nothing is written', async () => {
    const users = await plane.count('tenant_user')
    const refused = [
      '7 chars',
      'x'.repeat(129),
      'y'.repeat(1_000),
      'password123456',
      'Sunshine2026!',
      'iloveyou',
      'i am NORTH-WIND 77',
      'jane.roe rides trams',
    ]
    for (const password of refused) {
      const body = registration({ email: 'jane.roe+test@example.com', password, companyName: 'North Wind' })
      const problem = await plane.client.refuse(register, 'VALIDATION_ERROR', { body })
      assert.deepEqual(
        problem.details.map(({ path }) => path),
        ['/password'],
        password,
      )
      assert.equal(problem.message.includes(password), false)
    }
    assert.equal(await plane.count('tenant_user'), users)
  })

  test('A-5 there is no composition rule: a phrase of lower-case words is a password', async () => {
    await plane.client.succeed(register, {
      body: registration({ email: freshEmail(), password: 'tram glass moss' }),
    })
  })

  test('each of the five fields is required and named', async () => {
    for (const field of ['email', 'password', 'firstName', 'lastName', 'companyName']) {
      const problem = await plane.client.refuse(register, 'VALIDATION_ERROR', {
        body: registration({ [field]: undefined }),
      })
      assert.match(JSON.stringify(problem.details), new RegExp(`/?${field}`))
    }
  })

  test('blank names and addresses that no mail reaches are refused', async () => {
    for (const [field, value] of [
      ['firstName', '   '],
      ['companyName', '\t'],
      ['email', 'jane'],
      ['email', 'jane@example'],
      ['email', 'jane@example.com\r\nBcc: all@example.com'],
      ['email', 'jane@a.example,joe@b.example'],
      ['email', 'Jane <jane@example.com>'],
    ] as const) {
      const problem = await plane.client.refuse(register, 'VALIDATION_ERROR', {
        body: registration({ [field]: value }),
      })
      assert.equal(problem.details[0]?.path, `/${field}`, value)
    }
  })

  test('K9 fields that would make more of the user than asked are refused by name', async () => {
    for (const field of ['role', 'tenantId', 'isVerified', 'plan', 'tier', 'status']) {
      const body = registration({ email: freshEmail(), [field]: 'owner' })
      const problem = await plane.client.refuse(register, 'VALIDATION_ERROR', { body })
      assert.match(problem.message, new RegExp(field))
    }
  })
})

describe('RATE_LIMITED', () => {
  test('mails to one address end after ten attempts, whether it has an account or not', async () => {
    for (const email of [freshEmail(), 'nobody-yet@example.com']) {
      for (let i = 0; i < 10; i++) await plane.client.succeed(register, { body: registration({ email }) })
      const mails = await plane.count('mail')
      const problem = await plane.client.refuse(register, 'RATE_LIMITED', { body: registration({ email }) })
      assert.equal(problem.retryAfterSeconds, 1)
      assert.equal(await plane.count('mail'), mails)
    }
    plane.clock.advance(60 * 60 * 1000)
    await plane.client.succeed(register, { body: registration({ email: 'nobody-yet@example.com' }) })
  })
})
