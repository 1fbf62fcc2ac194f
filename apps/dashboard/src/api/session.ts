import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { isProblem } from './api-problem.ts'
import { call } from './client.ts'
import type { DataOf } from './endpoint-ref.ts'
import { getMe } from './endpoints.gen.ts'

type GetMe = NonNullable<(typeof getMe)['definition']>

/** The logged-in user with tenant, plan, preference and environments. */
export type Me = DataOf<GetMe>

/** Who is logged in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await call(getMe, {}, { signal })
    } catch (error) {
      if (isProblem(error, 'INVALID_TOKEN') || isProblem(error, 'TOKEN_EXPIRED')) return null
      throw error
    }
  },
  staleTime: 30_000,
})

/** The logged-in user. Only under routes that let nobody else in. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery)
  if (data === null) throw new Error('this page is for people who are logged in')
  return data
}

const order = ['viewer', 'developer', 'admin', 'owner']

/** True where the user's role is at least `role`. The server decides; this only explains it beforehand. */
export function hasRole(me: Pick<Me, 'role'>, role: Me['role']): boolean {
  return order.indexOf(me.role) >= order.indexOf(role)
}
