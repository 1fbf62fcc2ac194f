import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { controlPlaneEndpoints } from '@pacspace/api/endpoints'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { type RunningStack, startStack } from './stack.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

/**
 * The two published pages made executable, against a real stack: "Authentication" and "Environments". Every request,
 * answer, status, format and text in them, field by field, in their order; the recommended set-up flow is one run from
 * register to a live key. Answers carry exactly the members shown there, plus `success`.
 */

const DEADLINE_MS = 30_000
const CREDENTIALS = { email: 'you@example.com', password: 'your-secure-password' }
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const BEING_PROVISIONED = 'Environment is being provisioned. This usually takes a few seconds.'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let stack: RunningStack
before(async () => {
  folder = await temporaryFolder()
  stack = await startStack({ dataDir: folder.path })
})
after(async () => {
  await stack?.stop()
  await folder[Symbol.asyncDispose]()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what the pages show is asserted member by member
  readonly json: any
}

/** A request as the pages write it: method, path below a base URL, headers, body. */
async function ask(
  method: string,
  path: string,
  { headers = {}, body, base = stack.baseUrl }: { headers?: object; body?: object; base?: string } = {},
): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: { ...(body && { 'Content-Type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, json: await response.json() }
}

let token = ''
let tenantId = ''
/** Keys by what they are called in these tests. */
const keys: Record<string, string> = {}

const bearer = () => ({ Authorization: `Bearer ${token}` })
const asUser = (method: string, path: string, body?: object) =>
  ask(method, path, { headers: bearer(), ...(body && { body }) })
const withKey = (key: string) => ({ 'X-Api-Key': key })
const derive = (key: string, base?: string) =>
  ask('GET', '/api/v1/balance/derive/customer_001', {
    headers: { ...withKey(key), 'Content-Type': 'application/json' },
    ...(base && { base }),
  })
const emit = (key: string, base?: string) =>
  ask('POST', '/api/v1/balance/delta', {
    headers: withKey(key),
    body: { customerId: 'customer_001', delta: -250, reason: 'seat charge' },
    ...(base && { base }),
  })

async function createKey(body: object): Promise<Answer> {
  return await asUser('POST', '/dashboard/api-keys', body)
}

async function mailedToken(): Promise<string> {
  let found: string | undefined
  await waitUntil(async () => {
    const links = (await stack.mailbox(CREDENTIALS.email)).flatMap((mail) => mail.links)
    found = links.flatMap((link) => new URL(link).searchParams.get('token') ?? []).at(-1)
    return found !== undefined
  }, DEADLINE_MS)
  return found ?? assert.fail('the verification mail arrives')
}

async function statusOf(environment: string): Promise<string> {
  const { json } = await asUser('GET', `/dashboard/contracts/${tenantId}/status`)
  return json.data.environments.find((each: { environment: string }) => each.environment === environment)
    .status
}

const becomesActive = (environment: string) =>
  waitUntil(async () => (await statusOf(environment)) === 'active', DEADLINE_MS)

function requireRefusal({ status, json }: Answer, expected: number, error: string, code: string): void {
  assert.equal(status, expected, JSON.stringify(json))
  assert.deepEqual([json.success, json.statusCode, json.error, json.code], [false, expected, error, code])
}

describe('Environments, "Recommended Setup Flow", in one run', { timeout: 180_000 }, () => {
  it('1. Register an account and verify your email (Sandbox is auto-provisioned)', async () => {
    const names = { firstName: 'Jane', lastName: 'Doe', companyName: 'Northwind' }
    const registered = await ask('POST', '/dashboard/auth/register', { body: { ...CREDENTIALS, ...names } })
    assert.equal(registered.status, 201)
    tenantId = registered.json.data.tenantId
    assert.match(tenantId, /^tnt_[0-9a-z]+$/)
    const verified = await ask('GET', `/dashboard/auth/verify?token=${await mailedToken()}`)
    assert.deepEqual([verified.status, verified.json.message], [200, 'Email verified successfully.'])
  })

  it('Authentication, "Getting a Token": log-in answers the bare object with these six members', async () => {
    const { status, json } = await ask('POST', '/dashboard/auth/login', { body: CREDENTIALS })
    assert.equal(status, 200)
    token = json.token
    assert.match(json.id, /^usr_[0-9a-z]+$/)
    assert.deepEqual(json, {
      id: json.id,
      email: CREDENTIALS.email,
      name: 'Jane Doe',
      role: 'owner',
      isVerified: true,
      token,
    })
    assert.deepEqual(Object.keys(json), ['id', 'email', 'name', 'role', 'isVerified', 'token'])
    assert.match(token, /^eyJhbGciOiJIUzI1NiIs[\w-]*\.[\w-]+\.[\w-]+$/)
  })

  it('"New accounts": the Sandbox is active without asking, under 30 seconds', async () => {
    assert.ok(await becomesActive('testnet'))
    const { json } = await asUser('GET', '/dashboard/contracts')
    assert.deepEqual(
      json.data.map(({ environment }: { environment: string }) => environment),
      ['testnet'],
    )
  })

  it('2. Create a Sandbox API key: POST /dashboard/api-keys with "environment": "test"', async () => {
    const { status, json } = await createKey({ name: 'sandbox', environment: 'test' })
    assert.equal(status, 201)
    const { publicKey, secretKey, fullKey } = json.data
    assert.match(fullKey, /^pk_test_[0-9A-Za-z]+\.[0-9A-Za-z]+$/)
    assert.equal(fullKey, `${publicKey}.${secretKey}`)
    keys.sandbox = fullKey
  })

  it('3. Build and test: emit, and derive as in the cURL, Node.js and Python examples', async () => {
    assert.equal((await emit(keys.sandbox ?? '')).status, 201)
    const isVerified = async () => {
      const { status, json } = await derive(keys.sandbox ?? '')
      return status === 200 && json.data.computedBalance === -250
    }
    assert.ok(await waitUntil(isVerified, DEADLINE_MS))
  })

  it('Authentication, "Error Responses": 429 when the rate limit is exceeded; after backing off the call works', async () => {
    // On the Free plan: 10 a second, 20 at once.
    const flood = await Promise.all(Array.from({ length: 120 }, () => derive(keys.sandbox ?? '')))
    const limited = flood.filter(({ status }) => status === 429)
    assert.ok(limited.length > 0)
    assert.ok(flood.every(({ status }) => status === 200 || status === 429))
    const [first = assert.fail()] = limited
    requireRefusal(first, 429, 'Too Many Requests', 'RATE_LIMITED')
    assert.match(first.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    assert.equal(first.json.retryAfterSeconds, Number(first.headers.get('retry-after')))
    assert.ok(await waitUntil(async () => (await derive(keys.sandbox ?? '')).status === 200, DEADLINE_MS))
  })

  it('Production requires a paid plan: a Free tenant gets 403 Forbidden and nothing starts', async () => {
    const refused = await asUser('POST', '/dashboard/contracts/provision', { environment: 'mainnet' })
    requireRefusal(refused, 403, 'Forbidden', 'PLAN_UPGRADE_REQUIRED')
    assert.match(refused.json.message, /Upgrade to Pilot or above first\./)
    assert.equal(await statusOf('mainnet'), 'not_provisioned')
    requireRefusal(
      await createKey({ name: 'too early', environment: 'live' }),
      403,
      'Forbidden',
      'PLAN_UPGRADE_REQUIRED',
    )
  })

  it('4. Upgrade your plan: Pilot or above', async () => {
    const { status, json } = await asUser('POST', '/dashboard/billing/subscription', { tier: 'pilot' })
    assert.equal(status, 200)
    assert.equal(json.data.tier, 'pilot')
  })

  it('5. Activate Production: 201 with exactly these members, then active under 30 seconds', async () => {
    const { status, json } = await asUser('POST', '/dashboard/contracts/provision', {
      environment: 'mainnet',
    })
    assert.equal(status, 201)
    assert.deepEqual(json, {
      success: true,
      statusCode: 201,
      data: { tenantId, environment: 'mainnet', status: 'provisioning', message: BEING_PROVISIONED },
    })
    assert.ok(['provisioning', 'active'].includes(await statusOf('mainnet')))
    assert.ok(await becomesActive('mainnet'))
  })

  it('6. Create a Production API key: POST /dashboard/api-keys with "environment": "live"', async () => {
    const { status, json } = await createKey({ name: 'production', environment: 'live' })
    assert.equal(status, 201)
    assert.match(json.data.publicKey, /^pk_live_[0-9A-Za-z]+$/)
    assert.match(json.data.fullKey, /^pk_live_[0-9A-Za-z]+\.[0-9A-Za-z]+$/)
    keys.production = json.data.fullKey
  })

  it('7. Go live: switch to Production, and use the production key', async () => {
    const { status, json } = await asUser('PATCH', '/dashboard/auth/preferences', {
      preferredEnvironment: 'production',
    })
    assert.equal(status, 200)
    assert.deepEqual(json, {
      success: true,
      statusCode: 200,
      data: { preferredEnvironment: 'production' },
      message: 'Preferences updated successfully',
    })
    assert.equal((await emit(keys.production ?? '')).status, 201)
  })
})

describe('Environments', { timeout: 120_000 }, () => {
  it('"Switching Environments": the preference persists across devices and browsers', async () => {
    const { json } = await ask('POST', '/dashboard/auth/login', { body: CREDENTIALS })
    const me = await ask('GET', '/dashboard/auth/me', { headers: { Authorization: `Bearer ${json.token}` } })
    assert.equal(me.json.data.preferredEnvironment, 'production')
  })

  it('"Update Preferred Environment": valid values are sandbox and production, no other', async () => {
    for (const preferredEnvironment of ['testnet', 'live', 'Production', '', null]) {
      const answer = await asUser('PATCH', '/dashboard/auth/preferences', { preferredEnvironment })
      requireRefusal(answer, 400, 'Bad Request', 'VALIDATION_ERROR')
    }
    const { status } = await asUser('PATCH', '/dashboard/auth/preferences', {
      preferredEnvironment: 'sandbox',
    })
    assert.equal(status, 200)
  })

  it('"Provision an Environment": valid values are testnet and mainnet; asked again it says how far it is', async () => {
    const refused = await asUser('POST', '/dashboard/contracts/provision', { environment: 'production' })
    requireRefusal(refused, 400, 'Bad Request', 'VALIDATION_ERROR')
    const again = await asUser('POST', '/dashboard/contracts/provision', { environment: 'testnet' })
    assert.equal(again.status, 200)
    assert.deepEqual(Object.keys(again.json), ['success', 'statusCode', 'data'])
    assert.deepEqual(again.json.data, {
      tenantId,
      environment: 'testnet',
      status: 'active',
      message: 'Ready to accept API requests',
    })
  })

  it('"Check Environment Status": both environments, exactly these members', async () => {
    const { status, json } = await asUser('GET', `/dashboard/contracts/${tenantId}/status`)
    assert.equal(status, 200)
    const times = json.data.environments.map((each: { provisionedAt: string }) => each.provisionedAt)
    for (const time of times) assert.match(time, TIME)
    assert.deepEqual(json, {
      success: true,
      statusCode: 200,
      data: {
        tenantId,
        environments: [
          { environment: 'testnet', status: 'active', provisionedAt: times[0] },
          { environment: 'mainnet', status: 'active', provisionedAt: times[1] },
        ],
      },
    })
  })

  it('"List Environments": exactly these members', async () => {
    const { status, json } = await asUser('GET', '/dashboard/contracts')
    assert.equal(status, 200)
    const [sandbox, production] = json.data
    for (const { id, provisionedAt } of json.data) {
      assert.match(id, /^ctr_[0-9a-z]+$/)
      assert.match(provisionedAt, TIME)
    }
    assert.notEqual(sandbox.id, production.id)
    const common = { tenantId, status: 'active' }
    assert.deepEqual(json, {
      success: true,
      statusCode: 200,
      data: [
        { ...common, id: sandbox.id, environment: 'testnet', provisionedAt: sandbox.provisionedAt },
        { ...common, id: production.id, environment: 'mainnet', provisionedAt: production.provisionedAt },
      ],
    })
  })

  it('"All routes require a valid JWT": these four answer 401 without one', async () => {
    for (const [method, path] of [
      ['PATCH', '/dashboard/auth/preferences'],
      ['POST', '/dashboard/contracts/provision'],
      ['GET', `/dashboard/contracts/${tenantId}/status`],
      ['GET', '/dashboard/contracts'],
    ] as const) {
      requireRefusal(await ask(method, path), 401, 'Unauthorized', 'INVALID_TOKEN')
    }
  })

  it('"Endpoint Structure": each endpoint handles its own keys and no other', async () => {
    const { sandbox = '', production = '' } = keys
    assert.equal((await derive(sandbox, stack.sandboxUrl)).status, 200)
    assert.equal((await derive(production, stack.productionUrl)).status, 200)
    for (const [key, base, its] of [
      [production, stack.sandboxUrl, 'Production'],
      [sandbox, stack.productionUrl, 'Sandbox'],
    ] as const) {
      const refused = await emit(key, base)
      requireRefusal(refused, 403, 'Forbidden', 'API_KEY_ENVIRONMENT_HOST_MISMATCH')
      assert.match(refused.json.message, new RegExp(its))
    }
  })

  it('"Automatic Routing": the SDK goes by the key’s prefix, and no test write reaches Production', async () => {
    const urls = { sandboxUrl: stack.sandboxUrl, productionUrl: stack.productionUrl }
    for (const [name, customer] of [
      ['sandbox', 'only-in-sandbox'],
      ['production', 'only-in-production'],
    ] as const) {
      const client = new PacSpace({ apiKey: keys[name] ?? '', ...urls })
      await client.balance.emit(customer, '1', 'routing')
    }
    const customersOf = async (key = '') => {
      const { json } = await ask('GET', '/api/v1/balance/customers', { headers: withKey(key) })
      return json.data.customers.map(({ customerId }: { customerId: string }) => customerId).sort()
    }
    assert.deepEqual(await customersOf(keys.sandbox), ['customer_001', 'only-in-sandbox'])
    assert.deepEqual(await customersOf(keys.production), ['customer_001', 'only-in-production'])
  })
})

describe('Authentication', { timeout: 120_000 }, () => {
  it('each surface takes its own header and not the other’s', async () => {
    assert.equal((await derive(keys.sandbox ?? '')).status, 200)
    const keyAsBearer = { Authorization: `Bearer ${keys.sandbox}` }
    assert.equal((await ask('GET', '/dashboard/api-keys', { headers: keyAsBearer })).status, 401)
    assert.equal((await ask('GET', '/dashboard/api-keys', { headers: withKey(token) })).status, 401)
    const path = '/api/v1/balance/derive/customer_001'
    assert.equal((await ask('GET', path, { headers: bearer() })).status, 401)
  })

  it('"Making Authenticated Requests": GET /dashboard/api-keys with the token, and never a secret', async () => {
    const { status, json } = await asUser('GET', '/dashboard/api-keys')
    assert.equal(status, 200)
    assert.equal(json.data.total, 2)
    for (const key of Object.values(keys)) {
      assert.ok(!JSON.stringify(json).includes(key.split('.')[1] ?? key), 'a secret is shown once only')
    }
  })

  it('"Token Lifecycle": a token expires after a set period; after a 401 log-in gives another', async () => {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    assert.equal(payload.exp - payload.iat, 12 * 60 * 60)
    assert.equal((await asUser('POST', '/dashboard/auth/logout')).status, 200)
    requireRefusal(await asUser('GET', '/dashboard/api-keys'), 401, 'Unauthorized', 'INVALID_TOKEN')
    token = (await ask('POST', '/dashboard/auth/login', { body: CREDENTIALS })).json.token
    assert.equal((await asUser('GET', '/dashboard/api-keys')).status, 200)
  })

  it('"Public Endpoints": these six and no other', async () => {
    const published = [
      'POST /dashboard/auth/login',
      'POST /dashboard/auth/register',
      'GET /dashboard/auth/verify',
      'POST /dashboard/auth/resend-verification-email',
      'POST /dashboard/auth/request-password-reset',
      'POST /dashboard/auth/reset-password',
    ]
    const dashboard = controlPlaneEndpoints.filter(({ path }) => path.startsWith('/dashboard/'))
    for (const { method, path } of dashboard) {
      const { status, json } = await ask(method, path.replaceAll(/:\w+/g, 'x'))
      const isPublic = published.includes(`${method} ${path}`)
      assert.equal(status === 401 && json.code === 'INVALID_TOKEN', !isPublic, `${method} ${path}: ${status}`)
    }
  })

  it('"Rotate without downtime": create, use both, revoke the old one', async () => {
    const { json } = await createKey({ name: 'successor', environment: 'test' })
    const successor = json.data.fullKey
    for (const key of [keys.sandbox ?? '', successor]) assert.equal((await derive(key)).status, 200)
    const list = await asUser('GET', '/dashboard/api-keys?environment=test')
    const old = list.json.data.items.find(({ name }: { name: string }) => name === 'sandbox')
    assert.equal((await asUser('DELETE', `/dashboard/api-keys/${old.id}`)).status, 200)
    const isRefused = async () => (await derive(keys.sandbox ?? '')).status === 401
    assert.ok(await waitUntil(isRefused, 5_000), 'revoked everywhere within five seconds')
    assert.equal((await derive(successor)).status, 200)
    keys.sandbox = successor
  })

  it('"Error Responses": 401 for a missing or invalid API key', async () => {
    const path = '/api/v1/balance/derive/customer_001'
    for (const headers of [
      {},
      withKey('pk_live_abc123def456.7890ghijklmnop'),
      withKey('pk_live_PUBLIC.SECRET'),
    ]) {
      const refused = await ask('GET', path, { headers })
      requireRefusal(refused, 401, 'Unauthorized', 'INVALID_API_KEY')
      assert.equal(refused.json.message, 'Invalid API key')
    }
  })

  it('"Error Responses": 403 where the key is valid but lacks permission for this resource', async () => {
    const { json } = await createKey({
      name: 'reader',
      environment: 'test',
      permissions: ['balance:read'],
    })
    const reader = json.data.fullKey
    assert.equal((await derive(reader)).status, 200)
    const refused = await emit(reader)
    requireRefusal(refused, 403, 'Forbidden', 'INSUFFICIENT_PERMISSION')
    assert.match(refused.json.message, /balance:write/)
  })
})
