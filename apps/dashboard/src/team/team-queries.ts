import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { listInvitations, listTeam } from '../api/endpoints.gen.ts'

/** Somebody of the tenant. */
export type Member = DataOf<NonNullable<(typeof listTeam)['definition']>>['members'][number]

/** A place that was offered by mail and not taken yet. */
export type Invitation = DataOf<NonNullable<(typeof listInvitations)['definition']>>['invitations'][number]

/** The members, owners first. */
export const membersQuery = queryOptions({
  queryKey: ['team', 'members'],
  queryFn: ({ signal }) => call(listTeam, {}, { signal }),
})

/** Open invitations, newest first. */
export const invitationsQuery = queryOptions({
  queryKey: ['team', 'invitations'],
  queryFn: ({ signal }) => call(listInvitations, {}, { signal }),
})
