import { randomBytes } from 'node:crypto'
import type * as accounts from '@pacspace/api/definition/accounts'
import type * as environments from '@pacspace/api/definition/environments'
import type * as keys from '@pacspace/api/definition/keys'
import type { EndpointData, EndpointShape } from '@pacspace/api/endpoint'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { RunningStack } from '../start/stack.ts'

/** A tenant with an active Sandbox and a key for it. */
export interface DemoAccount {
  readonly email: string
  readonly tenantId: string
  readonly sandboxKey: string
}

const DEADLINE_MS = 30_000

/** Opens an account as a person would, through the public routes: register, verify by the mailed link, log in, make a key. */
export async function openAccount(stack: RunningStack): Promise<DemoAccount> {
  const email = 'demo@airport-authority.example'
  const password = randomBytes(18).toString('base64url')
  const names = { firstName: 'Ada', lastName: 'Lovelace', companyName: 'Airport Authority' }
  const registered = await call<Envelope<typeof accounts.register>>(stack, '/dashboard/auth/register', {
    body: { email, password, ...names },
  })
  const token = await mailedToken(stack, email)
  await call(stack, `/dashboard/auth/verify?token=${encodeURIComponent(token)}`, {})
  const session = await call<EndpointData<typeof accounts.login>>(stack, '/dashboard/auth/login', {
    body: { email, password },
  })
  await activeSandbox(stack, session.token)
  const key = await call<Envelope<typeof keys.createApiKey>>(stack, '/dashboard/api-keys', {
    token: session.token,
    body: { name: 'demo', environment: 'test' },
  })
  return { email, tenantId: registered.data.tenantId, sandboxKey: key.data.fullKey }
}

async function mailedToken(stack: RunningStack, email: string): Promise<string> {
  let token: string | null | undefined
  const hasArrived = async () => {
    const links = (await stack.mailbox(email)).flatMap((mail) => mail.links)
    token = links.map((link) => new URL(link).searchParams.get('token')).find((found) => found !== null)
    return token != null
  }
  await within(hasArrived, 'the verification mail')
  return token ?? ''
}

async function activeSandbox(stack: RunningStack, token: string): Promise<void> {
  const isActive = async () => {
    type Listed = Envelope<typeof environments.listEnvironments>
    const { data } = await call<Listed>(stack, '/dashboard/contracts', { token })
    return data.some(({ environment, status }) => environment === 'testnet' && status === 'active')
  }
  await within(isActive, 'the Sandbox')
}

async function within(condition: () => Promise<boolean>, what: string): Promise<void> {
  if (!(await waitUntil(condition, DEADLINE_MS)))
    throw new Error(`${what} did not come within ${DEADLINE_MS} ms`)
}

interface Envelope<D extends EndpointShape> {
  readonly data: EndpointData<D>
}

interface Call {
  readonly token?: string
  readonly body?: object
}

/** POST with a body, GET without one. Anything but a success is the end of the demo. */
async function call<Answer>(stack: RunningStack, path: string, { token, body }: Call): Promise<Answer> {
  const response = await fetch(stack.baseUrl + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`${path.split('?')[0]} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer // our own stack, whose answers its own tests check
}
