import { createSecretKey } from 'node:crypto'
import { isId, newId, type RandomBytes, type UserId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import type { Clock } from '@pacspace/service/clock'
import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify, SignJWT } from 'jose'

/** The only algorithm made or accepted: a token cannot choose (`none`, or our secret taken for a public key). */
const ALGORITHM = 'HS256'
const TYPE = 'JWT'
const AUDIENCE = 'pacspace-dashboard'

/** No token is valid for longer; `configuration.ts` refuses more. */
export const TOKEN_SECONDS_MAX = 30 * 24 * 60 * 60

/** What a valid token says. Whether its user and session still exist is for the caller to look up. */
export interface AccessClaims {
  readonly userId: UserId
  readonly sessionVersion: number
  /** Names this log-in. */
  readonly sessionId: string
}

export interface AccessTokens {
  /** How long a token is valid. */
  readonly lifetimeSeconds: number
  /** A token for one log-in, valid for the configured time. */
  issue(user: { readonly id: UserId; readonly sessionVersion: number }): Promise<string>
  /** The claims of a token that we signed, for this deployment, and that is in time. Raises TOKEN_EXPIRED, INVALID_TOKEN. */
  verify(token: string): Promise<AccessClaims>
}

export interface AccessTokenOptions {
  /** At least 32 bytes as UTF-8; `configuration.ts` refuses less. */
  readonly secret: string
  /** The deployment: its public URL. A token of another one is refused. */
  readonly issuer: string
  readonly lifetimeSeconds: number
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

/** Signed tokens for the Dashboard API: JWT, HS256, with `iss`, `aud`, `exp` and the session version (product.md §4). */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { issuer, clock, lifetimeSeconds } = options
  const key = createSecretKey(Buffer.from(options.secret, 'utf8'))
  return {
    lifetimeSeconds,
    async issue(user) {
      const issuedAt = Math.floor(clock.now() / 1000)
      return await new SignJWT({ sessionVersion: user.sessionVersion })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setSubject(user.id)
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setJti(newId('ses', options.randomBytes))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(key)
    },
    async verify(token) {
      const rules = {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'sessionVersion'],
        currentDate: new Date(clock.now()),
      }
      return claimsOf(await jwtVerify(token, key, rules).catch(refuse))
    },
  }
}

/** Attacker-controlled until here; a signature of ours under other members than we write is refused too. */
function claimsOf({ payload, protectedHeader }: JWTVerifyResult<JWTPayload>): AccessClaims {
  const { sub, jti, sessionVersion } = payload
  const hasForeignHeader = Object.keys(protectedHeader).some((name) => name !== 'alg' && name !== 'typ')
  if (hasForeignHeader || sub === undefined || !isId('usr', sub) || jti === undefined) throw invalid()
  if (typeof sessionVersion !== 'number' || !Number.isSafeInteger(sessionVersion)) throw invalid()
  return { userId: sub, sessionVersion, sessionId: jti }
}

function refuse(cause: unknown): never {
  if (cause instanceof errors.JWTExpired) throw new Problem('TOKEN_EXPIRED', { cause })
  throw invalid(cause)
}

function invalid(cause?: unknown): Problem {
  return new Problem('INVALID_TOKEN', { cause })
}
