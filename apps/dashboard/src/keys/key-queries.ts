import { type Environment, spelling } from '@pacspace/api/environment'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { createApiKey, listApiKeys } from '../api/endpoints.gen.ts'

/** A key as lists show it, never with its secret. */
export type ApiKey = DataOf<NonNullable<(typeof listApiKeys)['definition']>>['items'][number]

/** A key in the one answer that shows its secret. */
export type NewApiKey = DataOf<NonNullable<(typeof createApiKey)['definition']>>

/** Keys on one page: a tenant has a handful, and 100 are the most that one call gives. */
const KEYS_MAX = 100

/** The newest keys of an environment. */
export function keysQuery(environment: Environment) {
  return queryOptions({
    queryKey: ['keys', environment],
    queryFn: ({ signal }) =>
      call(listApiKeys, { query: { environment: spelling[environment].key, limit: KEYS_MAX } }, { signal }),
  })
}

/** Asks the product for the secret of a new key; `keysQuery` is stale afterwards. */
export function createKey(environment: Environment, name: string): Promise<NewApiKey> {
  return call(createApiKey, { body: { name, environment: spelling[environment].key } })
}

/** What a key is good for at the moment, in a word. */
export function stateOf(key: ApiKey, nowMs: number): 'active' | 'off' | 'rotated' | 'expired' | 'revoked' {
  if (key.revokedAt !== null) return 'revoked'
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= nowMs) return 'expired'
  if (!key.active) return 'off'
  return key.rotatedTo === null ? 'active' : 'rotated'
}
