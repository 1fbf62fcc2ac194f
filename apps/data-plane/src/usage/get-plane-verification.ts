import * as api from '@pacspace/api/internal/plane-verification'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, isPeriod, periodBounds, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { selectTenantNo } from '../tenants/front-door.ts'
import { selectCounted } from './usage.sql.ts'
import { type Latency, selectLatencies } from './verification.sql.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** Days shown where no month is asked for, today included. */
const DAYS_SHOWN = 30
/** Deltas of a day, and of the newest ones, whose way to VERIFIED is looked up. */
const SAMPLES_MAX = 100

/**
 * How verification goes at a tenant: deltas by the day on which they were accepted, and how long they took from there to
 * VERIFIED, of a hundred of each day, evenly spaced: the cost does not grow with the log (docs/decisions/0071). One snapshot.
 */
export const getPlaneVerification = implement(api.getPlaneVerification, async ({ input }, { db, clock }) => {
  const bounds = dayBounds(input.query.period, clock.now())
  const read = async (tx: Db) => {
    const tenantNo = await selectTenantNo(tx, input.params.tenantId)
    if (tenantNo === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
    const [[, ...counted], latencies] = await Promise.all([
      selectCounted(tx, tenantNo, bounds),
      selectLatencies(tx, tenantNo, bounds, SAMPLES_MAX),
    ])
    const of = (stretch: number) => latencyOf(latencies.find((one) => one.stretch === stretch))
    const days = bounds.slice(0, -1).map((day, i) => ({
      date: day.slice(0, 10),
      verified: counted[i]?.consumed ?? 0,
      pending: counted[i]?.reserved ?? 0,
      latency: of(i + 1),
    }))
    return { days, latency: of(0) }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

function latencyOf(found: Latency | undefined) {
  return found === undefined
    ? null
    : { medianMs: found.median_ms, p95Ms: found.p95_ms, samples: found.samples }
}

/** The first instant of each day, and the end of the last one: of a month, or of the days up to now. */
function dayBounds(period: string | undefined, nowMs: number): Timestamp[] {
  if (period !== undefined && isPeriod(period)) {
    const { start, end } = periodBounds(period)
    const days = Math.round((epochMsOf(end) - epochMsOf(start)) / DAY_MS)
    return Array.from({ length: days + 1 }, (_, i) => timestampOf(epochMsOf(start) + i * DAY_MS))
  }
  const tomorrow = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS
  return Array.from({ length: DAYS_SHOWN + 1 }, (_, i) => timestampOf(tomorrow - (DAYS_SHOWN - i) * DAY_MS))
}
