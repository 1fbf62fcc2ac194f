import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type EndpointShape, roles } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import { readCookie } from './cookie.ts'
import type { ApiKeyPrincipal, RequestFacts, UserPrincipal } from './implement.ts'

/** Takes headers for the answer, whatever it will be: `RateLimit`, `RateLimit-Policy`. */
export interface AnswerHeaders {
  header(name: string, value: string): unknown
}

/** How a service knows its callers. Each function throws the Problem when it does not. */
export interface Authenticator {
  /** `header`: the `X-Api-Key` as received, attacker-controlled. Raises INVALID_API_KEY … RATE_LIMITED in the order of `commonProblems`. */
  apiKey?(header: string, request: RequestFacts, headers: AnswerHeaders): Promise<ApiKeyPrincipal>
  /** After permission and `X-Chain-Id` agree: may this tenant be served now? Raises CONTRACT_NOT_DEPLOYED and the like. */
  admit?(principal: ApiKeyPrincipal, request: RequestFacts): void | Promise<void>
  /** `bearer`: the token as received. Raises INVALID_TOKEN, TOKEN_EXPIRED. */
  user?(bearer: string, request: RequestFacts, headers: AnswerHeaders): Promise<UserPrincipal>
  /** `bearer`: the secret that the control plane shares with this plane. Raises INVALID_TOKEN. */
  internal?(bearer: string): void
  /** Endpoints that anybody may call: the place for a limit per address. */
  anybody?(definition: EndpointShape, request: RequestFacts, headers: AnswerHeaders): void | Promise<void>
  /** Name of the cookie that holds a user's token where no `Authorization` was sent. Default: none. */
  readonly sessionCookie?: string
}

/** Who calls, as the definition demands it: authenticated, then authorised. Undefined for anybody and the control plane. */
export async function principalOf(
  definition: EndpointShape,
  authenticator: Authenticator,
  request: RequestFacts,
  headers: AnswerHeaders,
): Promise<ApiKeyPrincipal | UserPrincipal | undefined> {
  const { auth } = definition
  switch (auth.kind) {
    case 'apiKey': {
      const key = request.headers['x-api-key']
      if (key === undefined || authenticator.apiKey === undefined) throw new Problem('INVALID_API_KEY')
      const principal = await authenticator.apiKey(key, request, headers)
      if (!principal.permissions.includes(auth.permission)) throw lacking(`the permission ${auth.permission}`)
      return principal
    }
    case 'user': {
      const bearer = bearerOf(request.headers) ?? cookieToken(definition, authenticator, request.headers)
      if (bearer === undefined || authenticator.user === undefined) throw new Problem('INVALID_TOKEN')
      const principal = await authenticator.user(bearer, request, headers)
      if (roles.indexOf(principal.role) < roles.indexOf(auth.role)) throw lacking(`the role ${auth.role}`)
      if (auth.verified && !principal.isVerified) throw new Problem('EMAIL_NOT_VERIFIED')
      return principal
    }
    case 'internal': {
      const bearer = bearerOf(request.headers)
      if (bearer === undefined || authenticator.internal === undefined) throw new Problem('INVALID_TOKEN')
      authenticator.internal(bearer)
      return undefined
    }
    case 'none':
      await authenticator.anybody?.(definition, request, headers)
      return undefined
    default:
      return auth satisfies never
  }
}

/**
 * An API key has no business in a browser page of a foreign origin, where anybody can read it (product.md §2 "CORS").
 * `ownOrigins`: those of our own dashboard.
 */
export function checkOrigin(headers: RequestFacts['headers'], ownOrigins: readonly string[]): void {
  const origin = headers.origin
  if (origin === undefined || headers['x-api-key'] === undefined) return
  if (!ownOrigins.includes(origin)) throw new Problem('ORIGIN_NOT_ALLOWED')
}

/** `X-Chain-Id` is optional; where sent it must be the one of this environment. Raises CHAIN_MISMATCH. */
export function checkChain(headers: RequestFacts['headers'], environment: Environment | undefined): void {
  const chainId = headers['x-chain-id']
  if (chainId === undefined || environment === undefined) return
  if (chainId !== String(spelling[environment].chainId)) throw new Problem('CHAIN_MISMATCH')
}

/** Compares the shared secret in constant time, whatever the lengths. Raises INVALID_TOKEN. */
export function internalSecret(secret: string): (bearer: string) => void {
  const expected = createHash('sha256').update(secret).digest()
  return (bearer) => {
    if (!timingSafeEqual(createHash('sha256').update(bearer).digest(), expected))
      throw new Problem('INVALID_TOKEN')
  }
}

function bearerOf(headers: RequestFacts['headers']): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** A cookie is sent by the browser whoever asked for it, so a write needs a header that a foreign page cannot send. */
function cookieToken(
  definition: EndpointShape,
  { sessionCookie }: Authenticator,
  headers: RequestFacts['headers'],
): string | undefined {
  const token = sessionCookie === undefined ? undefined : readCookie(headers.cookie, sessionCookie)
  if (token !== undefined && definition.method !== 'GET' && headers['x-pacspace-csrf'] !== '1') {
    throw new Problem('INVALID_TOKEN', {
      message: 'A write that is authenticated by cookie needs the header X-Pacspace-CSRF: 1.',
    })
  }
  return token
}

function lacking(what: string): Problem {
  return new Problem('INSUFFICIENT_PERMISSION', {
    message: `This call needs ${what}, which your credential lacks.`,
  })
}

/** Node joins repeated headers into one text, except `set-cookie`, which no request has. */
export function headersOf(headers: IncomingHttpHeaders): RequestFacts['headers'] {
  return headers as RequestFacts['headers']
}
