import * as api from '@pacspace/api/definition/customers'
import { implement } from '../context.ts'

/** Times go from 0001-01-01 to 9999-12-31 (`timestamp.ts`); nothing else limits a scope, and data is kept for good. */
const MONTHS_WRITABLE = 9_999 * 12
const DAYS_WRITABLE = 3_652_059

/** How far scopes may reach, and how long data is kept (product.md §3 "The rest", §9). */
export const getLimits = implement(api.getLimits, async () => ({
  maxScopeMonths: MONTHS_WRITABLE,
  maxLastNDays: DAYS_WRITABLE,
  maxRetentionDays: DAYS_WRITABLE,
}))
