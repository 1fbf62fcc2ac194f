import { queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'
import type { DataOf } from './endpoint-ref.ts'
import { listTeam } from './endpoints.gen.ts'

/** Somebody of the tenant. */
export type Member = DataOf<NonNullable<(typeof listTeam)['definition']>>['members'][number]

/** The members, owners first. */
export const membersQuery = queryOptions({
  queryKey: ['team', 'members'],
  queryFn: ({ signal }) => call(listTeam, {}, { signal }),
})
