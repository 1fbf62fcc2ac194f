import * as api from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Period, periodBounds, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { implement } from '../context.ts'
import { type Counted, selectCounted, selectTenantNo } from './usage.sql.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * What billing must know of a tenant's month here: in all, day by day, and for life; of one snapshot, so that the days
 * sum up to the month. A tenant that has no log yet used nothing.
 */
export const getPlaneUsage = implement(api.getPlaneUsage, async ({ input }, { db }) => {
  const { tenantId } = input.params
  const { period } = input.query
  const tenantNo = await selectTenantNo(db, tenantId)
  if (tenantNo === undefined) throw new Problem('NOT_FOUND')
  const bounds = dayBounds(period)
  const [lifetime = { consumed: 0, reserved: 0 }, ...counted] = await selectCounted(db, tenantNo, bounds)
  const days = bounds.slice(0, -1).map((day, i) => ({
    date: day.slice(0, 10),
    consumed: counted[i]?.consumed ?? 0,
    reserved: counted[i]?.reserved ?? 0,
  }))
  return { tenantId, period, ...sumOf(days), lifetime, days }
})

/** The first instant of each day of a month, and the end of its last day. */
function dayBounds(period: Period): Timestamp[] {
  const { start, end } = periodBounds(period)
  const days = Math.round((epochMsOf(end) - epochMsOf(start)) / DAY_MS)
  return Array.from({ length: days + 1 }, (_, i) =>
    i === days ? end : timestampOf(epochMsOf(start) + i * DAY_MS),
  )
}

function sumOf(days: readonly Counted[]): Counted {
  return {
    consumed: days.reduce((sum, day) => sum + day.consumed, 0),
    reserved: days.reduce((sum, day) => sum + day.reserved, 0),
  }
}
