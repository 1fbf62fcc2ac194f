import { type AuditAction, auditActions } from '@pacspace/api/audit-action'
import { type Environment, environments } from '@pacspace/api/environment'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { type ActivityQuery, ENTRIES_ON_A_PAGE } from './activity-queries.ts'

/** What the address of the page says: filters, page, and the entry that is open. */
export interface ActivitySearch {
  readonly action?: AuditAction | undefined
  /** Id of a user. */
  readonly actor?: string | undefined
  /** Id of what it was done to. */
  readonly target?: string | undefined
  readonly in?: Environment | undefined
  /** Days `YYYY-MM-DD`, UTC; both count. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** From 1; absent = 1. */
  readonly page?: number | undefined
  readonly entry?: string | undefined
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Reads an address that anybody may have written: what is not understood is left out. */
export function readActivitySearch(search: Readonly<Record<string, unknown>>): ActivitySearch {
  const page = Number(search.page ?? 1)
  const kept = {
    action: auditActions.find((action) => action === search.action),
    actor: textOf(search.actor),
    target: textOf(search.target),
    in: environments.find((environment) => environment === search.in),
    from: dayOf(search.from),
    to: dayOf(search.to),
    page: Number.isSafeInteger(page) && page > 1 ? page : undefined,
    entry: textOf(search.entry),
  }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
}

/** The same as the question to the server. */
export function queryOf(search: ActivitySearch): ActivityQuery {
  const { action, actor, target, from, to, page = 1 } = search
  return {
    page,
    limit: ENTRIES_ON_A_PAGE,
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(target !== undefined && { target }),
    ...(search.in !== undefined && { environment: search.in }),
    ...(from !== undefined && { startDate: startOf(from) }),
    // The end is exclusive, and the last day counts.
    ...(to !== undefined && { endDate: timestampOf(Date.parse(to) + DAY_MS) }),
  }
}

/** True where less than everything is asked for. */
export function isFiltered({ page: _page, entry: _entry, ...filters }: ActivitySearch): boolean {
  return Object.keys(filters).length > 0
}

function startOf(day: string): Timestamp {
  return timestampOf(Date.parse(day))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function dayOf(value: unknown): string | undefined {
  const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
  return isDay && !Number.isNaN(Date.parse(value)) ? value : undefined
}
