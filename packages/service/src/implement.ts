import type {
  Auth,
  EndpointData,
  EndpointInput,
  EndpointShape,
  Permission,
  Role,
} from '@pacspace/api/endpoint'
import type { KeyId, RequestId, TenantId, UserId } from '@pacspace/api/id'
import type { EventStream } from './event-stream.ts'

/** What a handler may know about a request beside its input. */
export interface RequestFacts {
  /** Made here for every request; never what the caller sent. */
  readonly id: RequestId
  /** The `Idempotency-Key` of an idempotent endpoint: 1–255 printable ASCII characters. Undefined on all others. */
  readonly idempotencyKey: string | undefined
  /** The peer's address; the client's own where a trusted proxy passed it on. */
  readonly remoteAddress: string
  /** As received, names in lower case. Attacker-controlled. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** The holder of an API key. */
export interface ApiKeyPrincipal {
  readonly kind: 'apiKey'
  readonly tenantId: TenantId
  /** The tenant's number inside the plane's database. */
  readonly tenantNo: number
  readonly keyId: KeyId
  readonly permissions: readonly Permission[]
}

/** A logged-in person. */
export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: UserId
  readonly tenantId: TenantId
  readonly role: Role
  readonly isVerified: boolean
  readonly sessionId: string
}

/** Who calls an endpoint of that kind. */
export type PrincipalOf<A extends Auth> = A['kind'] extends 'apiKey'
  ? ApiKeyPrincipal
  : A['kind'] extends 'user'
    ? UserPrincipal
    : undefined

/** What a handler gets: everything is validated and authorised before. */
export interface Call<D extends EndpointShape> {
  readonly input: EndpointInput<D>
  readonly principal: PrincipalOf<D['auth']>
  readonly request: RequestFacts
}

export interface AnswerOptions {
  /** Instead of the definition's success status. */
  readonly status?: 200 | 201 | 202
  readonly headers?: Readonly<Record<string, string>>
  /** `Set-Cookie` lines, made by `cookieLine`. */
  readonly cookies?: readonly string[]
  /** Instead of the definition's fixed message. */
  readonly message?: string
}

/** What a handler returns when its data alone does not say everything. Made by `answer`. */
export class Answer<Data> {
  readonly data: Data
  readonly options: AnswerOptions

  constructor(data: Data, options: AnswerOptions) {
    this.data = data
    this.options = options
  }
}

/** An answer with another status, more headers or another message than the definition's (`Idempotent-Replayed: true`). */
export function answer<Data>(data: Data, options: AnswerOptions): Answer<Data> {
  return new Answer(data, options)
}

/** An answer in the second form of an endpoint that has one (`alsoText`). Made by `textAnswer`. */
export class TextAnswer {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The answer as plain text, where the caller asked for that. The definition must say `alsoText`. */
export function textAnswer(text: string): TextAnswer {
  return new TextAnswer(text)
}

/** A definition bound to its handler. `Context`: what the process gives every handler (pools, clock, …). */
export interface Implementation<Context> {
  readonly definition: EndpointShape
  readonly handle: (call: Call<EndpointShape>, context: Context) => Promise<unknown>
}

type Handler<D extends EndpointShape, Context> = (
  call: Call<D>,
  context: Context,
) => Promise<EndpointData<D> | Answer<EndpointData<D>> | EventStream | TextAnswer>

/**
 * Gives the function that binds definitions to handlers in one app:
 * `export const implement = implementer<DataPlaneContext>()`.
 */
export function implementer<Context>() {
  return <D extends EndpointShape>(definition: D, handler: Handler<D, Context>): Implementation<Context> => ({
    definition,
    // The HTTP layer validates input and principal by this very definition before it calls.
    handle: (call, context) => handler(call as unknown as Call<D>, context),
  })
}
