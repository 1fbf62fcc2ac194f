import type { BenchPlane } from './bench-plane.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import type { Row } from './report.ts'

/** How long and how often things are measured. */
export interface Effort {
  /** A burst, seconds. */
  readonly burstSeconds: number
  /** Alternations of bare ceiling and product; medians are reported. */
  readonly rounds: number
  readonly sustainedSeconds: number
  /** Length of the long history. */
  readonly longHistory: number
  /** Single reads for a percentile. */
  readonly reads: number
  /** Single emits whose bytes are counted. */
  readonly countedEmits: number
  /** Customers in a checkpoint of all. */
  readonly checkpointCustomers: number
  /** False in a quick run: its figures are too short to be held against a bar. */
  readonly judges: boolean
}

export const fullEffort: Effort = {
  burstSeconds: 10,
  rounds: 3,
  sustainedSeconds: 60,
  longHistory: 1_000_000,
  reads: 2_000,
  countedEmits: 300_000,
  checkpointCustomers: 10_000,
  judges: true,
}

export const quickEffort: Effort = {
  burstSeconds: 3,
  rounds: 1,
  sustainedSeconds: 8,
  longHistory: 20_000,
  reads: 400,
  countedEmits: 20_000,
  checkpointCustomers: 1_000,
  judges: false,
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string
  run(bench: BenchPlane, effort: Effort): Promise<Row[]>
}

type Target = Pick<BenchPlane, 'host' | 'port'>

/** Load with the usual spread; what a scenario changes it says. */
export function planOf(target: Target, keys: readonly string[], changes: Partial<LoadPlan>): LoadPlan {
  return {
    host: target.host,
    port: target.port,
    connections: 64,
    seconds: 10,
    requestsMax: 0,
    deltasPerRequest: 1,
    keys,
    customers: 1_000,
    requestsPerSecond: 0,
    hasMetadata: true,
    ...changes,
  }
}

/** What alternating runs of bare ceiling and product came to, a value for each round. */
export interface Alternation {
  readonly bare: LoadResult[]
  /** The ceiling without the indexes of a ledger, once. */
  readonly heap: LoadResult
  readonly product: LoadResult[]
  /** Deltas that were not verified when the burst ended, and the seconds until they were. */
  readonly backlogs: number[]
  readonly drainSeconds: number[]
}

/** Long enough for the code of both to be compiled. */
const WARM_UP_SECONDS = 2

/** The bare ceiling and the product in turn, so that a machine that speeds up or slows down does so for both. */
export async function alternate(
  bench: BenchPlane,
  keys: readonly string[],
  effort: Effort,
  changes: Partial<LoadPlan>,
): Promise<Alternation> {
  const runCeiling = (port: number, seconds: number) =>
    bench.load(planOf({ host: bench.host, port }, [], { ...changes, seconds }))
  const runBare = (seconds: number) => runCeiling(bench.barePort, seconds)
  const runProduct = (seconds: number) => bench.load(planOf(bench, keys, { ...changes, seconds }))
  const warmUpSeconds = Math.min(WARM_UP_SECONDS, effort.burstSeconds)
  await runBare(warmUpSeconds)
  await runProduct(warmUpSeconds)
  await drain(bench)
  await runCeiling(bench.heapPort, warmUpSeconds)
  const heap = await runCeiling(bench.heapPort, effort.burstSeconds)
  const measured: Alternation = { bare: [], heap, product: [], backlogs: [], drainSeconds: [] }
  for (let round = 0; round < effort.rounds; round++) {
    measured.bare.push(await runBare(effort.burstSeconds))
    measured.product.push(await runProduct(effort.burstSeconds))
    measured.backlogs.push(await backlog(bench))
    measured.drainSeconds.push(await drain(bench))
  }
  return measured
}

const DRAIN_POLL_MS = 50
/** A backlog that does not shrink for so long never will. */
const STALLED_MS = 60_000

/** Waits until everything is verified; answers how long that took, in seconds. Throws when verification stands still. */
export async function drain(bench: BenchPlane): Promise<number> {
  const startedAt = performance.now()
  let least = Number.POSITIVE_INFINITY
  let shrunkAt = startedAt
  for (;;) {
    const left = await backlog(bench)
    const now = performance.now()
    if (left === 0) return (now - startedAt) / 1_000
    if (left < least) {
      least = left
      shrunkAt = now
    }
    if (now - shrunkAt > STALLED_MS) throw new Error(`verification stands still with ${left} deltas to go`)
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS))
  }
}

/** Deltas that are not verified yet. */
export async function backlog(bench: BenchPlane): Promise<number> {
  const { rows } = await bench.db.query<{ backlog: number }>(
    `select coalesce(sum(h.size - v.size), 0)::bigint as backlog
       from log_head h join verified_head v on v.tenant_id = h.tenant_id`,
  )
  return rows[0]?.backlog ?? Number.NaN
}
