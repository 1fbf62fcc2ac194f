import { environmentOfKeyPrefix } from '@pacspace/api/api-key'
import { type Environment, environments, spelling } from '@pacspace/api/environment'
import { Problem, validationProblem } from '@pacspace/api/problem'

/** Headers as received, names in lower case. Attacker-controlled. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Without a key nobody knows where a public thing lives: Production is asked first (product.md §3 "Public verify"). */
const publicOrder: readonly Environment[] = ['production', 'sandbox']

/** The one plane that an API key's prefix names. Raises INVALID_API_KEY without such a prefix: no plane would take it. */
export function planeOfKey(headers: RequestHeaders): Environment {
  const environment = environmentOfKeyPrefix(single(headers['x-api-key']) ?? '')
  if (environment === undefined) throw new Problem('INVALID_API_KEY')
  return environment
}

/**
 * The planes to ask for something public, in order: the one of `X-Chain-Id`, else Production, then Sandbox where
 * Production answers 404. Raises VALIDATION_ERROR for a chain id that is neither.
 */
export function planesOfPublic(headers: RequestHeaders): readonly Environment[] {
  const chainId = single(headers['x-chain-id'])
  if (chainId === undefined) return publicOrder
  const named = environments.find((environment) => String(spelling[environment].chainId) === chainId)
  if (named === undefined) {
    const { sandbox, production } = spelling
    throw validationProblem(
      '/X-Chain-Id',
      `must be ${production.chainId} (Production) or ${sandbox.chainId} (Sandbox)`,
    )
  }
  return [named]
}

/** The planes to ask for `GET /api/v1/verify/…`: that of a key sent along, else as for anything public. */
export function planesOfVerify(headers: RequestHeaders): readonly Environment[] {
  return headers['x-api-key'] === undefined ? planesOfPublic(headers) : [planeOfKey(headers)]
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
