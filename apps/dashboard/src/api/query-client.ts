import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem, isProblem } from './api-problem.ts'

const RETRIES_MAX = 2
const STALE_MS = 10_000

/** The cache of everything that was asked for. `onSignedOut`: the session has ended, wherever that was noticed. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isProblem(error, 'INVALID_TOKEN') || isProblem(error, 'TOKEN_EXPIRED')) onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: STALE_MS, retry: mayRetry, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  })
}

/** Only what may be different the next time: the server was away, or asked to wait. */
function mayRetry(failures: number, error: unknown): boolean {
  if (!(error instanceof ApiProblem) || failures >= RETRIES_MAX) return false
  return error.code === 'UNREACHABLE' || error.status === 503
}
