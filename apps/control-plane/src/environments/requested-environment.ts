import { environmentOfKeyPrefix } from '@pacspace/api/api-key'
import { type Environment, environments, spelling } from '@pacspace/api/environment'
import { Problem, validationProblem } from '@pacspace/api/problem'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { Db } from '@pacspace/service/postgres'
import { findPreferredEnvironment } from './environments.sql.ts'

type Headers = RequestFacts['headers']

/**
 * The environment that a user's request is about (product.md §4): of `X-Environment`, else of `X-Chain-Id`, else of the
 * prefix of an `X-Api-Key` sent along, else the user's preference. Raises VALIDATION_ERROR where the first of these that
 * was sent names no environment: nobody is shown another one than was meant.
 */
export async function requestedEnvironment(
  db: Db,
  {
    principal,
    request,
  }: { readonly principal: UserPrincipal; readonly request: { readonly headers: Headers } },
): Promise<Environment> {
  const named = environmentOfHeaders(request.headers)
  if (named !== undefined) return named
  const preferred = await findPreferredEnvironment(db, principal.userId)
  if (preferred === undefined) {
    throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
  }
  return preferred
}

function environmentOfHeaders(headers: Headers): Environment | undefined {
  const name = headers['x-environment']
  if (name !== undefined) {
    const named = environments.find((each) => each === name)
    if (named === undefined) throw validationProblem('/X-Environment', 'must be sandbox or production')
    return named
  }
  const chainId = headers['x-chain-id']
  if (chainId !== undefined) {
    const named = environments.find((each) => String(spelling[each].chainId) === chainId)
    if (named === undefined) {
      throw validationProblem('/X-Chain-Id', 'must be 296 (Sandbox) or 295 (Production)')
    }
    return named
  }
  const key = headers['x-api-key']
  if (key === undefined) return undefined
  const named = environmentOfKeyPrefix(key)
  if (named === undefined) throw validationProblem('/X-Api-Key', 'must begin with pk_test_ or pk_live_')
  return named
}
