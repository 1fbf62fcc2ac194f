import { queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf, InputOf } from '../api/endpoint-ref.ts'
import { getActivityLog, listActivity } from '../api/endpoints.gen.ts'

type ListActivity = NonNullable<(typeof listActivity)['definition']>

/** Something that was done in the tenant. */
export type ActivityEntry = DataOf<ListActivity>['items'][number]

/** What a list of entries is cut by. */
export type ActivityQuery = NonNullable<InputOf<ListActivity>['query']>

/** The signed head of the activity log and the key that it is signed with. */
export type ActivityLog = DataOf<NonNullable<(typeof getActivityLog)['definition']>>

/** Entries on one page. */
export const ENTRIES_ON_A_PAGE = 25
const SIGNED_SOON_MS = 1_500

/** A page of entries, newest first. */
export function activityQuery(query: ActivityQuery) {
  return queryOptions({
    queryKey: ['activity', query],
    queryFn: ({ signal }) => call(listActivity, { query }, { signal }),
    // What has just been done is signed within a second.
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ logIndex }) => logIndex === null) ? SIGNED_SOON_MS : false,
  })
}

/** The present head of the log. */
export const activityLogQuery = queryOptions({
  queryKey: ['activity', 'log'],
  queryFn: ({ signal }) => call(getActivityLog, { query: {} }, { signal }),
})
