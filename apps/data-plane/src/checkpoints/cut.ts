import { epochMsOf, periodOf, type Timestamp } from '@pacspace/api/timestamp'
import { scopeOf } from '../ledger/front-door.ts'
import type { CheckpointUnit, Cut } from './checkpoint-unit.ts'

/**
 * The cut that a request means at a log of `size` entries, at the log's time `cutAt`, which no later delta is created
 * before: so a scope that ends at or before it is closed for good. Without a scope: the current month. Undefined where the
 * scope has not begun. Raises INVALID_SCOPE_COMBINATION.
 */
export function cutOf(scope: CheckpointUnit['scope'], size: number, cutAt: Timestamp): Cut | undefined {
  const isCurrent =
    scope.timePreset === 'current_month' || Object.values(scope).every((field) => field === undefined)
  const period = isCurrent ? periodOf(cutAt) : (scope.period ?? null)
  const { start, end } = scopeOf(isCurrent ? { period: periodOf(cutAt) } : scope, epochMsOf(cutAt))
  if (start !== null && start > cutAt) return undefined
  const closed = end !== null && end <= cutAt
  return { cutSize: size, cutAt, startAt: start, endAt: end, period, closed }
}
