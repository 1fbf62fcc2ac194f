import { spelling } from '@pacspace/api/environment'
import { useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { listApiKeys } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import type { CurlWith } from './curl-of.ts'

/** What stands in an example: this server, and the public part of the newest key, whose secret nobody can show again. */
export function useCredentials(): CurlWith {
  const environment = useEnvironment()
  const wire = spelling[environment].key
  const keys = useQuery({
    queryKey: ['keys', environment, 'newest'],
    queryFn: ({ signal }) => call(listApiKeys, { query: { environment: wire, limit: 20 } }, { signal }),
  })
  const newest = keys.data?.items.find(({ active, revokedAt }) => active && revokedAt === null)
  return {
    baseUrl: window.location.origin,
    key: `${newest?.publicKey ?? `pk_${wire}_PUBLIC`}.SECRET`,
    token: 'TOKEN',
  }
}
