import type { Environment } from '@pacspace/api/environment'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import {
  listAllCheckpoints,
  listLedgerCheckpoints,
  takeCheckpointOfAll,
  takeLedgerCheckpoint,
} from '../api/endpoints.gen.ts'

/** A locked period, or a snapshot of one that still runs. */
export type Checkpoint = DataOf<NonNullable<(typeof listAllCheckpoints)['definition']>>['checkpoints'][number]

export const CHECKPOINTS_A_PAGE = 25
/** How often it is asked for one that is not verified yet, and for new ones. */
const VERIFYING_MS = 1_000
const REFRESH_MS = 10_000

interface Listed {
  /** '' for those of everybody. */
  readonly customerId: string
  readonly period?: string
  readonly page: number
}

/** Checkpoints, newest first: of a customer, or of everybody; with a period those that lie in it. */
export function checkpointsQuery(environment: Environment, { customerId, period, page }: Listed) {
  const query = {
    limit: CHECKPOINTS_A_PAGE,
    offset: (page - 1) * CHECKPOINTS_A_PAGE,
    ...(period !== undefined && { period }),
  }
  return queryOptions({
    queryKey: ['checkpoints', environment, customerId, period ?? 'all', page],
    queryFn: ({ signal }) =>
      customerId === ''
        ? call(listAllCheckpoints, { query }, { environment, signal })
        : call(listLedgerCheckpoints, { params: { customerId }, query }, { environment, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.checkpoints.some(isPending) ? VERIFYING_MS : REFRESH_MS),
  })
}

/** True until its root is computed, anchored and read back. */
export function isPending({ status }: Pick<Checkpoint, 'status'>): boolean {
  return status === 'QUEUED' || status === 'PROCESSING'
}

/** Takes one of a customer, or of all ('') together. A finished month's is the same one each time. */
export function takeCheckpoint(
  environment: Environment,
  customerId: string,
  period: string,
): Promise<Checkpoint> {
  return customerId === ''
    ? call(takeCheckpointOfAll, { body: { period } }, { environment })
    : call(takeLedgerCheckpoint, { params: { customerId }, body: { period } }, { environment })
}

/** The time that a checkpoint is of. */
export function periodText({ period, startDate, endDate }: Checkpoint): string {
  if (period !== null) return period
  return startDate === null ? 'All time' : `${startDate.slice(0, 10)} to ${endDate?.slice(0, 10) ?? 'now'}`
}
