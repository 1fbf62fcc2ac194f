import { timestampOf } from '@pacspace/api/timestamp'
import { call } from '../api/client.ts'
import { listActivity } from '../api/endpoints.gen.ts'
import { csvFile } from '../ui/csv-file.ts'
import type { ActivityEntry, ActivityQuery } from './activity-queries.ts'
import { actorText } from './activity-text.ts'

/** Entries in one call, and calls in one export. */
const ENTRIES_MAX = 100
const CALLS_MAX = 100

export interface ActivityExport {
  readonly text: string
  readonly count: number
  /** True where there are more entries than an export takes. */
  readonly isCut: boolean
}

/**
 * All entries that a question finds, newest first, as CSV. What happens meanwhile is left out, so that no page moves under
 * the reader. `nowMs`: the present. Throws `ApiProblem`.
 */
export async function exportActivity(query: ActivityQuery, nowMs: number): Promise<ActivityExport> {
  const endDate = query.endDate ?? timestampOf(nowMs)
  const entries: ActivityEntry[] = []
  for (let page = 1; ; page++) {
    const { items, pagination } = await call(listActivity, {
      query: { ...query, endDate, page, limit: ENTRIES_MAX },
    })
    entries.push(...items)
    const isLast = page >= pagination.totalPages
    if (isLast || page === CALLS_MAX) {
      return { text: activityCsv(entries), count: entries.length, isCut: !isLast }
    }
  }
}

const HEAD = [
  'id',
  'createdAt',
  'action',
  'actor',
  'actorId',
  'target',
  'environment',
  'details',
  'address',
  'requestId',
  'logIndex',
]

/** Entries as CSV, with the names of the API. */
export function activityCsv(entries: readonly ActivityEntry[]): string {
  const rows = entries.map((entry) => [
    entry.id,
    entry.createdAt,
    entry.action,
    actorText(entry.actor),
    entry.actor.id,
    entry.target,
    entry.environment,
    JSON.stringify(entry.details),
    entry.address,
    entry.requestId,
    entry.logIndex === null ? null : { number: String(entry.logIndex) },
  ])
  return csvFile([HEAD, ...rows])
}
