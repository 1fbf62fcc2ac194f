import * as api from '@pacspace/api/internal/plane'
import { periodBounds } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { selectHighUsage } from './usage.sql.ts'

/** Tenants in one answer. */
const PAGE = 500

/**
 * The tenants that used at least a share of what their plan includes: in a month, or for life where writes stop at a cap.
 * In the order of their ids, a page at a time.
 */
export const listHighUsage = implement(api.listHighUsage, async ({ input }, { db }) => {
  const { period, percent, after = '' } = input.query
  const { start, end } = periodBounds(period)
  const items = await selectHighUsage(db, { start, end, percent, after, limit: PAGE })
  return { items, next: items.length < PAGE ? null : (items.at(-1)?.tenantId ?? null) }
})
