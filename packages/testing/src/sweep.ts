import type { EndpointShape, Permission, Role } from '@pacspace/api/endpoint'
import { permissions, problemsOf, roles } from '@pacspace/api/endpoint'
import type { ProblemCode } from '@pacspace/api/problem'
import { BODY_BYTES_MAX } from '@pacspace/service/request-body'
import type { TestCall, TestClient } from './test-client.ts'

/**
 * Provokes, for every endpoint of a list, each refusal that does not depend on what the endpoint does. An endpoint added
 * to the list is swept without anybody thinking of it. What an app cannot provide is left undefined and not swept.
 */
export interface SweepWorld {
  readonly client: TestClient
  /** Values for path parameters that are well-formed; nothing needs to exist under them. */
  readonly params: Readonly<Record<string, string>>
  readonly apiKey?: {
    /** Full access, active tenant. */
    readonly valid: string
    readonly disabled?: string
    /** Well-formed, with a right checksum, but never created. */
    readonly unknown: string
    readonly otherEnvironment: string
    /** Of a tenant whose environment is not active. */
    readonly notDeployed?: string
    /** A key that has every permission but this. */
    without(permission: Permission): Promise<string>
    /** `X-Chain-Id` of the other environment. */
    readonly otherChainId: string
  }
  readonly user?: {
    /** A verified user's token. */
    token(role: Role): Promise<string>
    unverified(role: Role): Promise<string>
    readonly expired: string
  }
  /** A client of the same service, for whom every rate limit is used up already. */
  readonly usedUp?: TestClient
  /** The internal secret. */
  readonly internalSecret?: string
  /** Runs `during` while the database refuses connections, and waits until it is back. */
  databaseAway?(during: () => Promise<void>): Promise<void>
}

export interface SweepCase {
  /** For the test's name: endpoint, code, provocation. */
  readonly name: string
  readonly endpoint: EndpointShape
  readonly code: ProblemCode
  run(world: SweepWorld): Promise<void>
}

interface Provocation {
  readonly code: ProblemCode
  readonly name: string
  /** Changes a good call into one that is refused; undefined where this world cannot. */
  readonly spoil: (
    call: TestCall,
    world: SweepWorld,
    endpoint: EndpointShape,
  ) => Promise<TestCall | undefined> | TestCall | undefined
  readonly appliesTo?: (endpoint: EndpointShape) => boolean
}

const provocations: readonly Provocation[] = [
  {
    code: 'ORIGIN_NOT_ALLOWED',
    name: 'a page of a foreign origin',
    spoil: (call) => ({ ...call, headers: { origin: 'https://elsewhere.example' } }),
  },
  { code: 'INVALID_API_KEY', name: 'no key', spoil: ({ key: _key, ...call }) => call },
  { code: 'INVALID_API_KEY', name: 'a malformed key', spoil: (call) => ({ ...call, key: 'pk_test_1.2' }) },
  {
    code: 'INVALID_API_KEY',
    name: 'an unknown key',
    spoil: (call, { apiKey }) => apiKey && { ...call, key: apiKey.unknown },
  },
  {
    code: 'API_KEY_ENVIRONMENT_HOST_MISMATCH',
    name: "the other environment's key",
    spoil: (call, { apiKey }) => apiKey && { ...call, key: apiKey.otherEnvironment },
  },
  {
    code: 'API_KEY_DISABLED',
    name: 'a disabled key',
    spoil: (call, { apiKey }) =>
      apiKey?.disabled === undefined ? undefined : { ...call, key: apiKey.disabled },
  },
  {
    code: 'RATE_LIMITED',
    name: 'no token left (K13)',
    appliesTo: ({ surface }) => surface === 'balance' || surface === 'public',
    spoil: (call, { usedUp }) => usedUp && call,
  },
  {
    code: 'INSUFFICIENT_PERMISSION',
    name: 'a key without the permission',
    appliesTo: ({ auth }) => auth.kind === 'apiKey',
    spoil: async (call, { apiKey }, { auth }) =>
      apiKey && auth.kind === 'apiKey' ? { ...call, key: await apiKey.without(auth.permission) } : undefined,
  },
  {
    code: 'CHAIN_MISMATCH',
    name: 'the chain id of the other environment',
    spoil: (call, { apiKey }) => apiKey && { ...call, headers: { 'x-chain-id': apiKey.otherChainId } },
  },
  {
    code: 'CONTRACT_NOT_DEPLOYED',
    name: 'an environment that is not active',
    appliesTo: ({ auth }) => auth.kind === 'apiKey',
    spoil: (call, { apiKey }) =>
      apiKey?.notDeployed === undefined ? undefined : { ...call, key: apiKey.notDeployed },
  },
  {
    code: 'NOT_FOUND',
    name: 'an X-Credit-Pool-Id of another contract',
    appliesTo: ({ auth }) => auth.kind === 'apiKey',
    spoil: (call) => ({ ...call, headers: { 'x-credit-pool-id': 'ctr_00000000000000000000000000' } }),
  },
  { code: 'INVALID_TOKEN', name: 'no token', spoil: ({ token: _token, ...call }) => call },
  { code: 'INVALID_TOKEN', name: 'a malformed token', spoil: (call) => ({ ...call, token: 'e30.e30.' }) },
  {
    code: 'TOKEN_EXPIRED',
    name: 'an expired token',
    spoil: (call, { user }) => user && { ...call, token: user.expired },
  },
  {
    code: 'INSUFFICIENT_PERMISSION',
    name: 'a role too low',
    // Where any role is let in, what it may do there is for the endpoint's own test.
    appliesTo: ({ auth }) => auth.kind === 'user' && auth.role !== 'viewer',
    spoil: async (call, { user }, { auth }) => {
      const lower = auth.kind === 'user' ? roles[roles.indexOf(auth.role) - 1] : undefined
      return user && lower ? { ...call, token: await user.token(lower) } : undefined
    },
  },
  {
    code: 'EMAIL_NOT_VERIFIED',
    name: 'an address that is not verified',
    spoil: async (call, { user }, { auth }) =>
      user && auth.kind === 'user' ? { ...call, token: await user.unverified(auth.role) } : undefined,
  },
  {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    name: 'text/plain',
    spoil: (call) => ({ ...call, headers: { 'content-type': 'text/plain' } }),
  },
  {
    code: 'PAYLOAD_TOO_LARGE',
    name: 'one byte more than allowed',
    spoil: (call, _world, endpoint) => ({
      ...call,
      body: Buffer.alloc((endpoint.bodyBytesMax ?? BODY_BYTES_MAX) + 1, ' '),
    }),
  },
  {
    code: 'VALIDATION_ERROR',
    name: 'malformed JSON',
    appliesTo: ({ body }) => body !== undefined,
    spoil: (call) => ({ ...call, body: '{"' }),
  },
  {
    code: 'VALIDATION_ERROR',
    name: 'a field that nobody knows (mass assignment, K9)',
    appliesTo: ({ body }) => body !== undefined,
    spoil: (call) => ({ ...call, body: { tenantId: 'tnt_0', role: 'owner', isVerified: true } }),
  },
  {
    code: 'VALIDATION_ERROR',
    name: 'a query parameter that nobody knows',
    appliesTo: ({ query }) => query !== undefined,
    spoil: (call) => ({ ...call, query: { tenantId: 'tnt_0' } }),
  },
  {
    code: 'VALIDATION_ERROR',
    name: 'a NUL in the path',
    appliesTo: ({ params }) => params !== undefined,
    spoil: (call) => ({
      ...call,
      params: Object.fromEntries(Object.keys(call.params ?? {}).map((name) => [name, 'a\0b'])),
    }),
  },
]

/**
 * The cases of every endpoint, in the order of the list. Make one test of each.
 * `except`: refusals that the app has no way to provoke yet.
 */
export function sweepCases(
  endpoints: readonly EndpointShape[],
  { except = [] }: { readonly except?: readonly ProblemCode[] } = {},
): SweepCase[] {
  return endpoints.flatMap((endpoint) => {
    const declared = problemsOf(endpoint)
    return provocations
      .filter(
        ({ code, appliesTo }) =>
          declared.includes(code) && !except.includes(code) && (appliesTo?.(endpoint) ?? true),
      )
      .map((provocation) => caseOf(endpoint, provocation))
  })
}

function caseOf(endpoint: EndpointShape, { code, name, spoil }: Provocation): SweepCase {
  return {
    name: `${endpoint.id} ${code}: ${name}`,
    endpoint,
    code,
    async run(world) {
      const spoiled = await spoil(await admittedCall(endpoint, world), world, endpoint)
      if (spoiled === undefined) throw new Error(`this world cannot provoke ${code}: ${name}`)
      const client = code === 'RATE_LIMITED' ? world.usedUp : world.client
      await (client ?? world.client).refuse(endpoint, code, spoiled)
    },
  }
}

/**
 * With the database away every endpoint answers 503, those that need no database excepted by name. One test, since an
 * outage costs time.
 */
export async function sweepDatabaseAway(
  endpoints: readonly EndpointShape[],
  world: SweepWorld,
  bodies: Readonly<Record<string, TestCall>>,
): Promise<void> {
  if (world.databaseAway === undefined) throw new Error('this world cannot take its database away')
  const calls = await Promise.all(
    endpoints.map(async (endpoint) => {
      const call = { ...(await admittedCall(endpoint, world)), ...bodies[endpoint.id] }
      return { endpoint, call }
    }),
  )
  await world.databaseAway(async () => {
    for (const { endpoint, call } of calls) await world.client.refuse(endpoint, 'SERVICE_UNAVAILABLE', call)
  })
}

/** A call that is let in: right credential, well-formed path, an empty body where one is wanted. */
async function admittedCall(endpoint: EndpointShape, world: SweepWorld): Promise<TestCall> {
  const { auth } = endpoint
  const names = Object.keys(endpoint.params?.properties ?? {})
  const missing = names.filter((name) => world.params[name] === undefined)
  if (missing.length > 0) throw new Error(`the sweep knows no ${missing.join(', ')} for ${endpoint.id}`)
  const params = Object.fromEntries(names.map((name) => [name, world.params[name] ?? '']))
  const call: TestCall = { params, ...(endpoint.body === undefined ? {} : { body: {} }) }
  switch (auth.kind) {
    case 'apiKey':
      return { ...call, key: wanted(world.apiKey, endpoint).valid }
    case 'user':
      return { ...call, token: await wanted(world.user, endpoint).token(auth.role) }
    case 'internal':
      return { ...call, token: wanted(world.internalSecret, endpoint) }
    case 'none':
      return call
    default:
      return auth satisfies never
  }
}

function wanted<T>(credential: T | undefined, endpoint: EndpointShape): T {
  if (credential === undefined) throw new Error(`the sweep has no credential for ${endpoint.id}`)
  return credential
}

/** All permissions but one. */
export function permissionsWithout(permission: Permission): Permission[] {
  return permissions.filter((candidate) => candidate !== permission)
}
