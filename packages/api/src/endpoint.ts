import type { Static, TObject, TSchema } from 'typebox'
import { isRawBody } from './field.ts'
import type { ProblemCode } from './problem.ts'

/** Which service answers an endpoint. `internal` ones are spoken by the control plane to a plane's private port only. */
export type Surface = 'balance' | 'dashboard' | 'internal' | 'public'

export type Permission = 'balance:read' | 'balance:write' | 'webhooks:read' | 'webhooks:write'

export const permissions: readonly Permission[] = [
  'balance:read',
  'balance:write',
  'webhooks:read',
  'webhooks:write',
]

export type Role = 'viewer' | 'developer' | 'admin' | 'owner'

/** Roles from least to most: a route that asks for one admits all that follow. */
export const roles: readonly Role[] = ['viewer', 'developer', 'admin', 'owner']

/** Who may call: nobody in particular, the holder of an API key, a logged-in user of at least that role, or the control plane. */
export type Auth =
  | { readonly kind: 'none' }
  | { readonly kind: 'apiKey'; readonly permission: Permission }
  | { readonly kind: 'user'; readonly role: Role; readonly verified?: boolean }
  | { readonly kind: 'internal' }

export interface EndpointShape {
  /** Verb and noun, unique: `emitDelta`. Becomes the operationId of OpenAPI. */
  readonly id: string
  readonly surface: Surface
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** With `:name` for path parameters; `:name*` at the end takes the rest of the path, slashes included. */
  readonly path: `/${string}`
  readonly auth: Auth
  /** One sentence for the reference. */
  readonly summary: string
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  /** Largest body in bytes; default 1 MiB. */
  readonly bodyBytesMax?: number
  /** True where `X-Environment` decides which environment is meant, before the user's preference (product.md §4). */
  readonly readsEnvironment?: boolean
  /** True when `Idempotency-Key` is honoured (product.md §2). */
  readonly idempotent?: boolean
  readonly success: {
    readonly status: 200 | 201 | 202
    readonly data: TSchema
    /** Fixed `message` of the envelope. */
    readonly message?: string
    /** True where the answer is the bare object without the envelope: log-in and the public log. */
    readonly bare?: boolean
    /** Content type of an answer that is not JSON; `data` is then a string. */
    readonly contentType?: string
    /** True where the answer may be plain text instead, when the caller asks for that. */
    readonly alsoText?: boolean
  }
  /** Refusals this endpoint makes, in the order in which they are tested, first wins. Those every endpoint of the surface makes are in `commonProblems`. */
  readonly problems: readonly ProblemCode[]
}

type StaticOr<Schema, Default> = Schema extends TSchema ? Static<Schema> : Default

/** What a handler gets: each part validated, amounts exact, unknown fields refused. */
export interface EndpointInput<D extends EndpointShape> {
  readonly params: StaticOr<D['params'], Record<string, never>>
  readonly query: StaticOr<D['query'], Record<string, never>>
  readonly body: StaticOr<D['body'], undefined>
}

/** What a handler answers: the `data` of the envelope. */
export type EndpointData<D extends EndpointShape> = Static<D['success']['data']>

/** An endpoint as a value: server, client, OpenAPI and tests derive from it. */
export function defineEndpoint<const D extends EndpointShape>(definition: D): D {
  return definition
}

/** Refusals that each endpoint may make beside its own, by what it takes and who may call it; in order of precedence. */
export function commonProblems(definition: EndpointShape): ProblemCode[] {
  const codes: ProblemCode[] = []
  switch (definition.auth.kind) {
    case 'apiKey':
      codes.push(
        'ORIGIN_NOT_ALLOWED',
        'INVALID_API_KEY',
        'API_KEY_ENVIRONMENT_HOST_MISMATCH',
        'API_KEY_DISABLED',
        'RATE_LIMITED',
        'INSUFFICIENT_PERMISSION',
        'CHAIN_MISMATCH',
        'CONTRACT_NOT_DEPLOYED',
        'NOT_FOUND', // an X-Credit-Pool-Id of another contract
      )
      break
    case 'user':
      codes.push('INVALID_TOKEN', 'TOKEN_EXPIRED')
      if (definition.auth.role !== 'viewer') codes.push('INSUFFICIENT_PERMISSION')
      if (definition.auth.verified) codes.push('EMAIL_NOT_VERIFIED')
      break
    case 'internal':
      codes.push('INVALID_TOKEN')
      break
    case 'none':
      if (definition.surface === 'public') codes.push('RATE_LIMITED')
      break
    default:
      definition.auth satisfies never
  }
  if (definition.body !== undefined) codes.push('UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE')
  const { body, params, query } = definition
  const isChecked = (body !== undefined && !isRawBody(body)) || params !== undefined || query !== undefined
  if (isChecked) codes.push('VALIDATION_ERROR')
  codes.push('SERVICE_UNAVAILABLE')
  return codes
}

/** All refusals of an endpoint, common ones first, each once. */
export function problemsOf(definition: EndpointShape): ProblemCode[] {
  return [...new Set([...commonProblems(definition), ...definition.problems])]
}
