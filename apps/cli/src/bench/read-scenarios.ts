import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import type { BenchPlane } from './bench-plane.ts'
import { milliseconds, percentile, type Row, whole } from './report.ts'
import { drain, type Effort, planOf, type Scenario } from './scenario.ts'

const SHORT_HISTORY = 1_000
const DERIVE_RATIO_MAX = 1.5
const READ_P99_MS = 10
const BATCH = 1_000
/** The one customer that the load generator writes to when it is told of one. */
const CUSTOMER = 'cust_000000'
const WARM_UP_READS = 200
/** Reads of one kind in a row, before those of the other kind. */
const READS_IN_A_ROW = 100
/** recordIds fetched from each place of the history. */
const IDS_PER_PLACE = 20

const reads: Scenario = {
  name: 'reads',
  run: async (bench, effort) => {
    const short = await tenantWithHistory(bench, SHORT_HISTORY)
    const long = await tenantWithHistory(bench, effort.longHistory)
    return [await deriveRow(bench, effort, short, long), await proofRow(bench, effort, long)]
  },
}

async function deriveRow(bench: BenchPlane, effort: Effort, short: string, long: string): Promise<Row> {
  const derive = `/api/v1/balance/derive/${CUSTOMER}?limit=1`
  const shortMs: number[] = []
  const longMs: number[] = []
  for (const key of [short, long]) await timeReads(bench, key, Array(WARM_UP_READS).fill(derive))
  while (longMs.length < effort.reads) {
    shortMs.push(...(await timeReads(bench, short, Array(READS_IN_A_ROW).fill(derive))))
    longMs.push(...(await timeReads(bench, long, Array(READS_IN_A_ROW).fill(derive))))
  }
  const [shortP99, longP99] = [percentile(shortMs, 0.99), percentile(longMs, 0.99)]
  return {
    name: `derive, history of ${whole(effort.longHistory)} against ${whole(SHORT_HISTORY)}`,
    figure:
      `p99 ${milliseconds(longP99)} against ${milliseconds(shortP99)}, ` +
      `p50 ${milliseconds(percentile(longMs, 0.5))} against ${milliseconds(percentile(shortMs, 0.5))}`,
    ratio: longP99 / shortP99,
    bar: `≤ ${DERIVE_RATIO_MAX * 100} %, ≤ ${READ_P99_MS} ms`,
    reached: effort.judges ? longP99 / shortP99 <= DERIVE_RATIO_MAX && longP99 <= READ_P99_MS : null,
    details: { shortP99, longP99, reads: longMs.length },
  }
}

async function proofRow(bench: BenchPlane, effort: Effort, key: string): Promise<Row> {
  const paths = (await sampleRecordIds(bench, key, effort)).map((id) => `/api/v1/balance/delta/${id}`)
  await timeReads(bench, key, paths.slice(0, WARM_UP_READS))
  const times = await timeReads(bench, key, paths)
  const p99 = percentile(times, 0.99)
  return {
    name: `offline proof of any delta, customer of ${whole(effort.longHistory)}`,
    figure: `p50 ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(p99)}`,
    ratio: null,
    bar: `p99 ≤ ${READ_P99_MS} ms`,
    reached: effort.judges ? p99 <= READ_P99_MS : null,
    details: { p99, reads: times.length },
  }
}

/** A tenant with one customer of that many verified deltas; answers its key. */
async function tenantWithHistory(bench: BenchPlane, deltas: number): Promise<string> {
  const { key } = await bench.newTenant()
  const requestsMax = Math.ceil(deltas / BATCH)
  const changes = { connections: 4, deltasPerRequest: BATCH, customers: 1, requestsMax, seconds: 3_600 }
  await bench.load(planOf(bench, [key], changes))
  await drain(bench)
  return key
}

/** recordIds from random places of the history. */
async function sampleRecordIds(bench: BenchPlane, apiKey: string, effort: Effort): Promise<string[]> {
  const { balance } = new PacSpace({ apiKey, baseUrl: `http://${bench.host}:${bench.port}` })
  const ids: string[] = []
  while (ids.length < effort.reads) {
    const offset = Math.floor(Math.random() * (effort.longHistory - IDS_PER_PLACE))
    const { deltas } = await balance.derive(CUSTOMER, { offset, limit: IDS_PER_PLACE })
    ids.push(...deltas.map(({ recordId }) => recordId))
  }
  return ids
}

/** Milliseconds of each read, one after the other. */
async function timeReads(bench: BenchPlane, key: string, paths: readonly string[]): Promise<number[]> {
  const times: number[] = []
  for (const path of paths) {
    const startedAt = performance.now()
    const response = await fetch(`http://${bench.host}:${bench.port}${path}`, {
      headers: { 'x-api-key': key },
    })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`a read of the bench answered ${response.status}`)
    times.push(performance.now() - startedAt)
  }
  return times
}

export const readScenarios: readonly Scenario[] = [reads]
