import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { listInvitations } from '../api/endpoints.gen.ts'

/** A place that was offered by mail and not taken yet. */
export type Invitation = DataOf<NonNullable<(typeof listInvitations)['definition']>>['invitations'][number]

/** Open invitations, newest first. */
export const invitationsQuery = queryOptions({
  queryKey: ['team', 'invitations'],
  queryFn: ({ signal }) => call(listInvitations, {}, { signal }),
})
