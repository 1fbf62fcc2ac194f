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
  /** False in a quick run: its figures are too short to be held against a bar. */
  readonly judges: boolean
}

export const fullEffort: Effort = {
  burstSeconds: 10,
  rounds: 3,
  sustainedSeconds: 60,
  longHistory: 1_000_000,
  reads: 2_000,
  judges: true,
}

export const quickEffort: Effort = {
  burstSeconds: 3,
  rounds: 1,
  sustainedSeconds: 8,
  longHistory: 20_000,
  reads: 300,
  judges: false,
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string
  run(bench: BenchPlane, effort: Effort): Promise<Row[]>
}

/** Load with the usual spread; what a scenario changes it says. */
export function planOf(
  target: { readonly host: string; readonly port: number },
  keys: readonly string[],
  changes: Partial<LoadPlan>,
): LoadPlan {
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

/** The bare ceiling and the product in turn, so that a machine that speeds up or slows down does so for both. */
export async function alternate(
  bench: BenchPlane,
  keys: readonly string[],
  effort: Effort,
  changes: Partial<LoadPlan>,
): Promise<{ readonly bare: LoadResult[]; readonly product: LoadResult[]; readonly drainSeconds: number[] }> {
  const bare: LoadResult[] = []
  const product: LoadResult[] = []
  const drainSeconds: number[] = []
  const seconds = effort.burstSeconds
  for (let round = 0; round < effort.rounds; round++) {
    bare.push(
      await bench.load(planOf({ host: bench.host, port: bench.barePort }, [], { ...changes, seconds })),
    )
    product.push(await bench.load(planOf(bench, keys, { ...changes, seconds })))
    drainSeconds.push(await drain(bench))
  }
  return { bare, product, drainSeconds }
}

const DRAIN_POLL_MS = 50

/** Waits until everything is verified; answers how long that took, in seconds. */
export async function drain(bench: BenchPlane): Promise<number> {
  const started = performance.now()
  while ((await backlog(bench)) > 0) await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS))
  return (performance.now() - started) / 1_000
}

/** Deltas that are not verified yet. */
export async function backlog(bench: BenchPlane): Promise<number> {
  const { rows } = await bench.db.query<{ backlog: number }>(
    `select coalesce(sum(h.size - v.size), 0)::bigint as backlog
       from log_head h join verified_head v on v.tenant_id = h.tenant_id`,
  )
  return rows[0]?.backlog ?? 0
}
