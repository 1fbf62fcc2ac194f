import { Problem } from '@pacspace/api/problem'
import { isPeriod, periodBounds, periodOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'

/** The query fields that cut a history by time, or start it at a checkpoint. */
export interface ScopeFields {
  readonly period?: string
  readonly timePreset?: 'current_month' | 'custom'
  readonly startDate?: Timestamp
  readonly endDate?: Timestamp
  readonly startingCheckpoint?: string
  readonly at?: Timestamp
}

/** A stretch of time: `start` inclusive, `end` exclusive; null = open. */
export interface Scope {
  readonly start: Timestamp | null
  readonly end: Timestamp | null
}

const ALL_TIME: Scope = { start: null, end: null }

/**
 * The stretch of time that a query means (product.md §3 "Derive"): none = all time; a period, the current month, or two
 * dates. Raises INVALID_SCOPE_COMBINATION for every other combination. `nowMs` decides the current month.
 */
export function scopeOf(fields: ScopeFields, nowMs: number): Scope {
  const { period, timePreset, startDate, endDate } = fields
  const hasDates = startDate !== undefined || endDate !== undefined
  const hasScope = period !== undefined || timePreset !== undefined || hasDates
  if (fields.startingCheckpoint !== undefined && (hasScope || fields.at !== undefined))
    refuse('A checkpoint cannot be combined with a period, dates or at.')
  if (!hasScope) return ALL_TIME
  if (fields.at !== undefined) refuse('at cannot be combined with a period or dates.')
  if (period !== undefined) {
    if (timePreset !== undefined || hasDates) refuse('period cannot be combined with timePreset or dates.')
    if (!isPeriod(period)) throw new Problem('VALIDATION_ERROR')
    return periodBounds(period)
  }
  if (timePreset === 'current_month') {
    if (hasDates) refuse('timePreset current_month cannot be combined with dates.')
    return periodBounds(periodOf(timestampOf(nowMs)))
  }
  if (startDate === undefined || endDate === undefined) refuse('startDate and endDate go together.')
  if (startDate > endDate) refuse('startDate must not be after endDate.')
  return { start: startDate, end: endDate }
}

function refuse(message: string): never {
  throw new Problem('INVALID_SCOPE_COMBINATION', { message })
}
