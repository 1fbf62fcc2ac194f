import { type Environment, spelling } from '@pacspace/api/environment'
import { queryOptions } from '@tanstack/react-query'
import { isProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { verifyRoot } from '../api/endpoints.gen.ts'

/** What the server says of a root. */
export type RootAnswer = DataOf<NonNullable<(typeof verifyRoot)['definition']>>

/** The same, and in which environment it was found: test data must not look like anything else. */
export interface FoundRoot {
  readonly environment: Environment
  readonly answer: RootAnswer
}

export const sources = ['db', 'chain', 'both'] as const
export type Source = (typeof sources)[number]

/** How often a root is asked for again whose records are not verified yet. */
const PENDING_MS = 2_000

/** Asks Production, then the Sandbox, as the server itself would: but one by one, so that it is known which of them answered. */
export function rootQuery(proofRoot: string, source: Source) {
  return queryOptions({
    queryKey: ['verify', proofRoot, source],
    queryFn: async ({ signal }): Promise<FoundRoot> => {
      try {
        return await ask('production', proofRoot, source, signal)
      } catch (error) {
        if (!isProblem(error, 'NOT_FOUND')) throw error
        return await ask('sandbox', proofRoot, source, signal)
      }
    },
    refetchInterval: ({ state }) =>
      state.data !== undefined && isPending(state.data.answer) ? PENDING_MS : false,
  })
}

/** True for what is recorded and not verified yet, which is no damage. */
export function isPending({ verified, source, discrepancies }: RootAnswer): boolean {
  return !verified && source === 'db' && discrepancies.length === 0
}

async function ask(
  environment: Environment,
  proofRoot: string,
  source: Source,
  signal: AbortSignal,
): Promise<FoundRoot> {
  const { chainId } = spelling[environment]
  const answer = await call(verifyRoot, { params: { proofRoot }, query: { source } }, { chainId, signal })
  return { environment, answer }
}
