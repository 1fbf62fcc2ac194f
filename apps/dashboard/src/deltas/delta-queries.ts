import type { Environment } from '@pacspace/api/environment'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { getLedgerDelta, listLedgerDeltas } from '../api/endpoints.gen.ts'
import type { DeltaSearch } from './delta-filter.ts'

/** A delta as the list shows it. */
export type ListedDelta = DataOf<NonNullable<(typeof listLedgerDeltas)['definition']>>['deltas'][number]

/** A delta with everything that is known of it. */
export type Delta = DataOf<NonNullable<(typeof getLedgerDelta)['definition']>>

const ROWS = 25
/** How often a list or a delta that may change is asked for again. */
const LIVE_MS = 2_000
/** The same while nothing is under way. */
const CALM_MS = 5_000

/** Deltas of an environment, newest first, narrowed as the address says. `isLive`: asked for again and again. */
export function deltasQuery(environment: Environment, search: DeltaSearch, isLive: boolean) {
  const { customerId, status, search: text, before } = search
  const query = {
    limit: ROWS,
    ...(customerId !== undefined && { customerId }),
    ...(status !== undefined && { status }),
    ...(text !== undefined && { search: text }),
    ...(before !== undefined && { before }),
  }
  return queryOptions({
    queryKey: ['deltas', environment, query],
    queryFn: ({ signal }) => call(listLedgerDeltas, { query }, { environment, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if (!isLive) return false
      return state.data?.deltas.some(({ status }) => isUnderWay(status)) ? LIVE_MS : CALM_MS
    },
  })
}

/** One delta; asked for again until it is verified. */
export function deltaQuery(environment: Environment, recordId: string) {
  return queryOptions({
    queryKey: ['delta', environment, recordId],
    queryFn: ({ signal }) => call(getLedgerDelta, { params: { recordId } }, { environment, signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isUnderWay(state.data.status) ? LIVE_MS / 2 : false,
  })
}

function isUnderWay(status: Delta['status']): boolean {
  return status === 'QUEUED' || status === 'PROCESSING'
}
