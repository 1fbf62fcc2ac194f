import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { login, register, verifyEmail } from '@pacspace/api/definition/accounts'
import { createInvitation } from '@pacspace/api/definition/team'
import type { Role } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import { newId, type TenantId, type UserId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Clock } from '@pacspace/service/clock'
import { createInternalClient } from '@pacspace/service/internal-client'
import { silentLog } from '@pacspace/service/log'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { FakeClock } from '@pacspace/testing/fake-clock'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { type TestDatabase, templateDatabase } from '@pacspace/testing/test-postgres'
import { createAccessTokens } from '../accounts/access-token.ts'
import { createHashQueue } from '../accounts/hash-queue.ts'
import { AUDIT_KEY_BYTES, createAuditSigner } from '../audit/audit-signer.ts'
import { changePlan } from '../billing/admin-plan.ts'
import { builtinProvider } from '../billing/builtin-provider.ts'
import type { PaymentProvider } from '../billing/payment-provider.ts'
import type { ControlPlaneContext } from '../context.ts'
import { createControlPlane, MIGRATIONS, prepareDatabase, SERVICE_ROLE } from '../control-plane.ts'
import { runWaitingJobs } from '../job-worker.ts'
import type { Mail } from '../mail/transport.ts'
import { TestPlane } from './test-plane.ts'

export const PUBLIC_URL = 'https://pacspace.test'
export const JWT_SECRET = 'a-secret-of-this-test-only-0123456789'
export const GOOD_PASSWORD = 'violet tram under glass'

/** A person who is logged in. */
export interface TestUser {
  readonly userId: UserId
  readonly tenantId: TenantId
  readonly email: string
  readonly token: string
}

export interface AccountOptions {
  /** Default: a fresh one. */
  readonly email?: string
  /** Default 'owner'. */
  readonly role?: Role
  /** Default 'free'. */
  readonly tier?: Tier
  /** Default true. */
  readonly isVerified?: boolean
}

export interface TestControlPlaneOptions {
  /** Who collects the money. Default: the built-in provider. */
  readonly payments?: (clock: Clock) => Promise<PaymentProvider>
}

const template = templateDatabase({
  name: 'control',
  version: readdirSync(MIGRATIONS)
    .map((name) => readFileSync(join(MIGRATIONS, name), 'utf8'))
    .join(),
  migrate: (url) => prepareDatabase(url, silentLog),
})

/**
 * The control plane in the test's process: real HTTP, a database of its own, two small real planes and a clock at rest.
 * Background jobs run when the test says so.
 */
export class TestControlPlane implements AsyncDisposable {
  readonly client: TestClient
  readonly context: ControlPlaneContext
  readonly clock: FakeClock
  readonly planes: Readonly<Record<Environment, TestPlane>>
  readonly database: TestDatabase
  /** As the owner of the tables: to look, and to break things. */
  readonly owner: Pool
  /** Mails handed over, oldest first. */
  readonly mails: Mail[]
  /** While set, every mail is refused with it. */
  mailFailure: Error | undefined
  readonly #close: () => Promise<void>

  private constructor(parts: {
    readonly client: TestClient
    readonly context: ControlPlaneContext
    readonly clock: FakeClock
    readonly planes: Readonly<Record<Environment, TestPlane>>
    readonly database: TestDatabase
    readonly close: () => Promise<void>
  }) {
    this.client = parts.client
    this.clock = parts.clock
    this.planes = parts.planes
    this.database = parts.database
    this.owner = createPool({ url: parts.database.url, applicationName: 'test', max: 2 })
    this.mails = []
    this.context = {
      ...parts.context,
      sendMail: async (mail) => {
        if (this.mailFailure !== undefined) throw this.mailFailure
        this.mails.push(mail)
      },
    }
    this.#close = parts.close
  }

  static async start(options: TestControlPlaneOptions = {}): Promise<TestControlPlane> {
    const clock = new FakeClock()
    const payments = (await options.payments?.(clock)) ?? builtinProvider
    const planes = {
      sandbox: new TestPlane('sandbox', clock),
      production: new TestPlane('production', clock),
    }
    const database = await template.createTestDatabase()
    await Promise.all([planes.sandbox.start(), planes.production.start()])
    const db = createPool({ url: database.url, role: SERVICE_ROLE, applicationName: 'test control plane' })
    const context: ControlPlaneContext = {
      db,
      planes: { sandbox: clientOf(planes.sandbox), production: clientOf(planes.production) },
      tokens: createAccessTokens({
        secret: JWT_SECRET,
        issuer: PUBLIC_URL,
        lifetimeSeconds: 12 * 60 * 60,
        clock,
        randomBytes,
      }),
      hashing: createHashQueue(),
      payments,
      sendMail: () => Promise.reject(new Error('mails are sent by jobs')),
      auditSigner: createAuditSigner(randomBytes(AUDIT_KEY_BYTES), PUBLIC_URL),
      auditJournal: null,
      publicUrl: PUBLIC_URL,
      clock,
      randomBytes,
      log: silentLog,
    }
    const service = await createControlPlane(context, { trustedProxies: ['127.0.0.1'] })
    const { url } = await service.listen({ host: '127.0.0.1', port: 0 })
    return new TestControlPlane({
      client: testClient(url),
      context,
      clock,
      planes,
      database,
      async close() {
        await service.close()
        await context.hashing.close()
        await Promise.all([planes.sandbox.stop(), planes.production.stop()])
        await db.end()
      },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    await this.owner.end()
    await this.database.drop()
  }

  /** Runs every job that waits, by the real queue. What fails waits for its next try. */
  async runJobs(): Promise<void> {
    await runWaitingJobs(this.database.url, this.context)
  }

  /** Registers a tenant as its users do, runs the jobs, verifies by the mailed link unless told not to, and logs in. */
  async account(options: AccountOptions = {}): Promise<TestUser> {
    const { role = 'owner', tier = 'free', isVerified = true } = options
    const email = options.email ?? `${newId('usr', randomBytes)}@example.com`
    const { tenantId } = await this.client.succeed(register, { body: registration({ email }) })
    await this.runJobs()
    if (isVerified) await this.client.succeed(verifyEmail, { query: { token: this.mailedToken(email) } })
    const { id, token } = await this.client.succeed(login, { body: { email, password: GOOD_PASSWORD } })
    if (role !== 'owner') await this.owner.query('update tenant_user set role = $2 where id = $1', [id, role])
    if (tier !== 'free') await this.putOnPlan(tenantId, tier)
    return { userId: id, tenantId, email, token }
  }

  /** Another token of a user, for when the clock has gone beyond the end of the first one. */
  async freshToken({ email }: TestUser): Promise<string> {
    return (await this.client.succeed(login, { body: { email, password: GOOD_PASSWORD } })).token
  }

  /** Invites somebody new into a tenant as its people do, who registers, verifies and logs in. */
  async join(owner: TestUser, role: Role): Promise<TestUser> {
    const email = `${newId('usr', randomBytes)}@example.com`
    await this.client.succeed(createInvitation, { token: owner.token, body: { email, role } })
    await this.runJobs()
    const { companyName: _none, ...names } = registration({ email })
    const body = { ...names, invitationToken: this.mailedToken(email) }
    await this.client.succeed(register, { body })
    await this.runJobs()
    await this.client.succeed(verifyEmail, { query: { token: this.mailedToken(email) } })
    const { id, token } = await this.client.succeed(login, { body: { email, password: GOOD_PASSWORD } })
    return { userId: id, tenantId: owner.tenantId, email, token }
  }

  async putOnPlan(tenantId: TenantId, tier: Tier): Promise<void> {
    await changePlan({ tenantId, tier, ratePerSecond: null, monthlyAllotment: null }, this.context)
    await this.runJobs()
  }

  /** Subjects of the mails to an address, oldest first. */
  subjectsTo(email: string): string[] {
    return this.mails.filter(({ to }) => to === email).map(({ subject }) => subject)
  }

  /** What the activity log has of a tenant, oldest first. */
  async actionsOf(tenantId: TenantId): Promise<string[]> {
    const { rows } = await this.owner.query<{ action: string }>(
      'select action from audit_entry where tenant_id = $1 order by no',
      [tenantId],
    )
    return rows.map(({ action }) => action)
  }

  /** The token in the newest mail to an address that has one. */
  mailedToken(email: string): string {
    for (const { to, links } of this.mails.toReversed()) {
      const [link] = links
      const token = link === undefined ? null : new URL(link).searchParams.get('token')
      if (to === email && token !== null) return token
    }
    throw new Error(`no mail with a token to ${email}`)
  }

  /** How many rows a table has, optionally those that a condition admits. For tests only: texts are spliced. */
  async count(table: string, where = 'true', values: unknown[] = []): Promise<number> {
    const { rows } = await this.owner.query<{ n: number }>(
      `select count(*) as n from ${table} where ${where}`,
      values,
    )
    return rows[0]?.n ?? 0
  }
}

/** A body that registers, with what a test wants otherwise. */
export function registration(other: Readonly<Record<string, unknown>> = {}) {
  return {
    email: 'jane@example.com',
    password: GOOD_PASSWORD,
    firstName: 'Jane',
    lastName: 'Doe',
    companyName: 'Northwind',
    ...other,
  }
}

function clientOf(plane: TestPlane) {
  return createInternalClient({ baseUrl: plane.url, secret: plane.secret })
}
