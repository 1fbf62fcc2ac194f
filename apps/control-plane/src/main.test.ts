import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { getMe, login, register } from '@pacspace/api/definition/accounts'
import { receiveStripeEvent } from '@pacspace/api/definition/stripe-webhook'
import { systemClock } from '@pacspace/service/clock'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createPool } from '@pacspace/service/postgres'
import { type ServiceProcess, startServiceProcess } from '@pacspace/testing/service-process'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { type TestDatabase, templateDatabase } from '@pacspace/testing/test-postgres'
import { AuditJournal } from './audit/audit-journal.ts'
import { createAuditSigner } from './audit/audit-signer.ts'
import { databaseAway } from './testing/database-away.ts'
import { GOOD_PASSWORD, registration } from './testing/test-control-plane.ts'
import { TestPlane } from './testing/test-plane.ts'

const MAIN = 'apps/control-plane/src/main.ts'
const DEADLINE_MS = 20_000

/** An empty database: the process migrates it itself. */
const empty = templateDatabase({ name: 'control_empty', migrate: async () => {} })

let database: TestDatabase
let planes: Record<'sandbox' | 'production', TestPlane>
let mailboxDir: string
let env: Record<string, string>
let client: TestClient
before(async () => {
  database = await empty.createTestDatabase()
  planes = {
    sandbox: new TestPlane('sandbox', systemClock),
    production: new TestPlane('production', systemClock),
  }
  await Promise.all([planes.sandbox.start(), planes.production.start()])
  mailboxDir = await mkdtemp(join(tmpdir(), 'control-plane-'))
  const [port, privatePort] = [await freePort(), await freePort()]
  client = testClient(`http://127.0.0.1:${port}`)
  env = {
    PACSPACE_DATABASE_URL: database.url,
    PACSPACE_PORT: String(port),
    PACSPACE_PRIVATE_PORT: String(privatePort),
    PACSPACE_PUBLIC_URL: 'https://pacspace.test/',
    PACSPACE_AUDIT_KEY: Buffer.alloc(32, 7).toString('base64'),
    PACSPACE_JWT_SECRET: 'Zm9yIHRlc3RzIG9ubHksIG5vdCBhIHNlY3JldA==',
    PACSPACE_MAILBOX_DIR: mailboxDir,
    PACSPACE_SANDBOX_INTERNAL_URL: planes.sandbox.url,
    PACSPACE_SANDBOX_INTERNAL_SECRET: planes.sandbox.secret,
    PACSPACE_PRODUCTION_INTERNAL_URL: planes.production.url,
    PACSPACE_PRODUCTION_INTERNAL_SECRET: planes.production.secret,
  }
})
after(async () => {
  await Promise.all([planes.sandbox.stop(), planes.production.stop()])
  await rm(mailboxDir, { recursive: true })
  await database.drop()
})

function start(other: Record<string, string> = {}): Promise<ServiceProcess> {
  const readyUrl = `http://127.0.0.1:${env.PACSPACE_PRIVATE_PORT}/readyz`
  return startServiceProcess({ main: MAIN, env: { ...env, ...other }, readyUrl })
}

/** Registers, waits until the Sandbox is as wanted, and gives the mails that arrived. */
async function signUp(email: string) {
  const { tenantId } = await client.succeed(register, { body: registration({ email }) })
  const { token } = await client.succeed(login, { body: { email, password: GOOD_PASSWORD } })
  const sandbox = async () => (await client.succeed(getMe, { token })).environments[0]?.status
  return {
    tenantId,
    token,
    becomesActive: () => waitUntil(async () => (await sandbox()) === 'active', DEADLINE_MS),
  }
}

async function mailsTo(email: string): Promise<{ links: string[] }[]> {
  const names = await readdir(mailboxDir)
  const mails = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(mailboxDir, name), 'utf8'))),
  )
  return mails.filter(({ to }) => to === email)
}

describe('the process', () => {
  test('migrates an empty database, serves, provisions and mails by itself, and ends cleanly on SIGTERM', async (t) => {
    const service = await start()
    const startedMs = performance.now()
    const { becomesActive } = await signUp('first@example.com')
    assert.ok(await becomesActive(), service.log.join('\n'))
    t.diagnostic(`sign-up to active Sandbox: ${Math.round(performance.now() - startedMs)} ms`)
    assert.ok(await waitUntil(async () => (await mailsTo('first@example.com')).length === 1, DEADLINE_MS))
    assert.match(
      (await mailsTo('first@example.com'))[0]?.links[0] ?? '',
      /^https:\/\/pacspace\.test\/verify-email\?/,
    )
    assert.equal(await service.stop(), 0)
    assert.equal(service.log.join('\n').includes(GOOD_PASSWORD), false)
  })

  test('killed in the middle of a provisioning, its next start finishes it; a plane that is away does not stop it', async () => {
    const first = await start()
    planes.sandbox.outcome = 'pending'
    const { tenantId, token, becomesActive } = await signUp('second@example.com')
    assert.ok(await waitUntil(async () => planes.sandbox.tenants.has(tenantId), DEADLINE_MS))
    await first.kill9()
    await planes.sandbox.stop()
    planes.sandbox.outcome = 'active'

    await using service = await start()
    assert.equal((await client.succeed(getMe, { token })).environments[0]?.status, 'provisioning')
    await planes.sandbox.start()
    assert.ok(await becomesActive(), service.log.join('\n'))
  })

  test('R6 lives through an outage of its database: ready goes red, then accounts and jobs go on', async () => {
    await using service = await start()
    const probe = async (name: string) =>
      (await fetch(`http://127.0.0.1:${env.PACSPACE_PRIVATE_PORT}/${name}`)).status
    planes.sandbox.outcome = 'pending'
    const waiting = await signUp('waiting@example.com')
    assert.ok(await waitUntil(async () => planes.sandbox.tenants.has(waiting.tenantId), DEADLINE_MS))
    await databaseAway(database.url, async () => {
      assert.ok(await waitUntil(async () => (await probe('readyz')) === 503, DEADLINE_MS))
      // The job that is under way ends, and nobody can be told.
      planes.sandbox.outcome = 'active'
      const hasStopped = async () => service.log.some((line) => line.includes('job worker stopped'))
      assert.ok(await waitUntil(hasStopped, DEADLINE_MS))
      assert.equal(await probe('healthz'), 200)
    })
    assert.ok(await waitUntil(async () => (await probe('readyz')) === 200, DEADLINE_MS))
    const { becomesActive } = await signUp('outage@example.com')
    assert.ok(await becomesActive(), service.log.join('\n'))
    assert.ok(await waiting.becomesActive(), service.log.join('\n'))
  })

  test('takes events of Stripe where Stripe is configured, and only what Stripe signed', async () => {
    await using service = await start({
      PACSPACE_STRIPE_SECRET_KEY: 'sk_test_0123',
      PACSPACE_STRIPE_WEBHOOK_SECRET: 'whsec_0123',
      PACSPACE_STRIPE_PRICES: 'pilot=price_1,starter=price_2,growth=price_3,scale=price_4',
    })
    await client.refuse(receiveStripeEvent, 'INVALID_SIGNATURE', { body: { id: 'evt_1' } })
    assert.ok(!service.log.join('\n').includes('sk_test_0123'))
  })

  test('tells the planes the plan that the operator’s command ordered, in the words of the command', async () => {
    await using _service = await start()
    const { tenantId, becomesActive } = await signUp('third@example.com')
    assert.ok(await becomesActive())
    const done = await runAdmin(['plan', tenantId, '--tier', 'growth', '--rate', '7'])
    assert.deepEqual([done.code, done.err], [0, ''])
    assert.equal(done.out, `${tenantId} is on the growth plan now.\nSandbox knows.\n`)
    assert.equal(planes.sandbox.tenants.get(tenantId)?.entitlement.ratePerSecond, 7)
    assert.equal(planes.sandbox.tenants.get(tenantId)?.entitlement.tier, 'growth')
  })
})

describe('the operator’s command', () => {
  test('works without the control plane, says when a plane is away, and leaves it to the next start', async () => {
    const db = createPool({ url: database.url, applicationName: 'test', max: 1 })
    const { rows } = await db.query<{ id: string }>('select id from tenant order by created_at limit 1')
    await db.end()
    const tenant = rows[0]?.id ?? ''
    await planes.sandbox.stop()
    const done = await runAdmin(['plan', tenant, '--tier', 'scale'])
    await planes.sandbox.start()
    assert.equal(done.code, 0)
    assert.match(done.out, /Sandbox is away; it is told when it is back\./)
    await using _service = await start()
    const tier = async () => [...planes.sandbox.tenants].find(([id]) => id === tenant)?.[1].entitlement.tier
    assert.ok(await waitUntil(async () => (await tier()) === 'scale', DEADLINE_MS))
  })

  test('K20 derives the activity log again and says whether it is sound', async () => {
    const done = await runAdmin(['audit'])
    assert.deepEqual([done.code, done.err], [0, ''])
    assert.match(done.out, /^The activity log has [1-9]\d* signed entries and is sound\.\n$/)
    const db = createPool({ url: database.url, applicationName: 'test', max: 1 })
    const change = (suffix: string) =>
      db.query(
        `update audit_entry set request_id = left(coalesce(request_id, ''), 30) || $1
         where no = (select entry_no from audit_leaf where log_index = 0)`,
        [suffix],
      )
    await db.query('alter table audit_entry disable trigger user')
    await change('x')
    const damaged = await runAdmin(['audit'])
    await change('')
    await db.query('alter table audit_entry enable trigger user')
    await db.end()
    assert.equal(damaged.code, 1)
    assert.match(damaged.err, /^entry aud_\w+ is not what leaf 0 commits to\n/)
    assert.equal((await runAdmin(['audit'])).code, 0)
  })

  test('refuses what it does not understand, with a way out', async () => {
    const cases: [string[], number, RegExp][] = [
      [[], 64, /plan TENANT --tier/],
      [['plans'], 64, /plan TENANT --tier/],
      [['plan', 'tnt_00000000000000000000000000', '--level', 'growth'], 64, /--level/],
      [['plan', 'acme', 'corp', '--tier', 'growth'], 1, /corp is one word too many/],
      [['plan', 'acme', '--tier', 'growth'], 1, /acme is no tenant id/],
      [['plan', 'tnt_00000000000000000000000000', '--tier', 'growth'], 1, /there is no tenant/],
    ]
    for (const [args, code, message] of cases) {
      const done = await runAdmin(args)
      assert.equal(done.code, code, args.join(' '))
      assert.match(done.err, message)
      assert.doesNotMatch(done.err, / {4}at /)
    }
  })
})

describe('A-15 the process refuses to start', () => {
  const wrong: [string, Record<string, string>, RegExp][] = [
    [
      'with a short secret',
      { PACSPACE_JWT_SECRET: 'x7'.repeat(15) },
      /PACSPACE_JWT_SECRET must have at least 32/,
    ],
    [
      'with a sample secret',
      { PACSPACE_JWT_SECRET: 'change-me-change-me-change-me-change-me' },
      /sample value/,
    ],
    ['without a key for its activity log', { PACSPACE_AUDIT_KEY: '' }, /PACSPACE_AUDIT_KEY is not set/],
    [
      'with Stripe and not all that belongs to it',
      { PACSPACE_STRIPE_SECRET_KEY: 'sk_test_0123' },
      /PACSPACE_STRIPE_WEBHOOK_SECRET is not set/,
    ],
    ['without a secret', { PACSPACE_JWT_SECRET: '' }, /PACSPACE_JWT_SECRET is not set/],
    [
      'with nowhere for mails to go',
      { PACSPACE_MAILBOX_DIR: '' },
      /PACSPACE_SMTP_URL or PACSPACE_MAILBOX_DIR/,
    ],
    ['on a database that may lose what it acknowledged', { PACSPACE_UNSAFE_DATABASE: '' }, /fsync/],
  ]
  for (const [name, other, message] of wrong) {
    test(name, async () => {
      const done = await run([MAIN], other)
      assert.notEqual(done.code, 0)
      assert.match(done.out, message)
    })
  }
})

test('K20 the process refuses to start on a database that is behind the journal of its activity log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'activity-'))
  const other = { PACSPACE_AUDIT_ANCHOR_DIR: folder }
  const first = await start(other)
  await signUp('journal@example.com')
  const journal = join(folder, 'journal')
  const hasLine = () =>
    stat(journal).then(
      ({ size }) => size > 0,
      () => false,
    )
  assert.ok(await waitUntil(hasLine, DEADLINE_MS), first.log.join('\n'))
  assert.equal(await first.stop(), 0)
  await (await start(other)).stop()

  const signer = createAuditSigner(Buffer.alloc(32, 7), 'https://pacspace.test')
  await new AuditJournal(journal).append({ note: signer.sign({ size: 1_000_000, root: Buffer.alloc(32) }) })
  const done = await run([MAIN], other)
  assert.equal(done.code, 1)
  assert.match(done.out, /of 1000000 entries, and the database does not reach it/)
  await rm(folder, { recursive: true })
})

function runAdmin(args: string[]) {
  return run(['apps/control-plane/src/admin.ts', ...args])
}

async function run(args: string[], other: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, PACSPACE_UNSAFE_DATABASE: 'true', ...env, ...other },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  await once(child, 'close')
  return { code: child.exitCode, out, err }
}
