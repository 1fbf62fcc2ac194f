import { milliseconds, percentile, type Row, seconds, whole } from './report.ts'
import { backlog, drain, planOf, type Scenario } from './scenario.ts'
import { sampleVerification } from './verification-sampler.ts'

const SUSTAINED_DELTAS_PER_SECOND = 12_000
/** Of a steady load, what may wait for its verification when the load ends: one second's worth. */
const STEADY_BACKLOG_SECONDS = 1
const VERIFIED_P50_MS = 300
const VERIFIED_P99_MS = 1_000
const LATENCY_EMITS_PER_SECOND = 1_000
const BATCH = 100

const latency: Scenario = {
  name: 'latency',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const plan = planOf(bench, [key], {
      requestsPerSecond: LATENCY_EMITS_PER_SECOND,
      seconds: effort.sustainedSeconds,
    })
    const [load, samples] = await Promise.all([
      bench.load(plan),
      sampleVerification(bench, key, effort.sustainedSeconds),
    ])
    await drain(bench)
    const p50 = percentile(samples, 0.5)
    const p99 = percentile(samples, 0.99)
    const row: Row = {
      name: `emit → VERIFIED at ${whole(LATENCY_EMITS_PER_SECOND)} emits/s`,
      figure: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)} (emit itself: p99 ${milliseconds(load.p99Ms)})`,
      ratio: null,
      bar: `p50 ≤ ${VERIFIED_P50_MS} ms, p99 ≤ ${whole(VERIFIED_P99_MS)} ms`,
      reached: effort.judges ? p50 <= VERIFIED_P50_MS && p99 <= VERIFIED_P99_MS : null,
      details: { p50, p99, samples: samples.length, load },
    }
    return [row]
  },
}

/** As much as is taken: what the plane has emitted and verified in the end, over the whole time that took. */
const sustained: Scenario = {
  name: 'sustained',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const startedAt = performance.now()
    const changes = { connections: 8, deltasPerRequest: BATCH, seconds: effort.sustainedSeconds }
    const load = await bench.load(planOf(bench, [key], changes))
    const left = await backlog(bench)
    const drainSeconds = await drain(bench)
    const rate = load.deltas / ((performance.now() - startedAt) / 1_000)
    const row: Row = {
      name: `emit → VERIFIED, batches of ${BATCH} for ${effort.sustainedSeconds} s, drain included`,
      figure:
        `${whole(rate)} verified/s (${whole(load.deltasPerSecond)}/s accepted); ` +
        `backlog ${whole(left)}, drained in ${seconds(drainSeconds)}`,
      ratio: null,
      bar: `≥ ${whole(SUSTAINED_DELTAS_PER_SECOND)}/s`,
      reached: effort.judges ? rate >= SUSTAINED_DELTAS_PER_SECOND : null,
      details: { rate, load, left, drainSeconds },
    }
    return [row]
  },
}

/** A load that could go on for ever: verification keeps up with it. */
const steady: Scenario = {
  name: 'steady',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const requestsPerSecond = SUSTAINED_DELTAS_PER_SECOND / BATCH
    const changes = {
      connections: 8,
      deltasPerRequest: BATCH,
      requestsPerSecond,
      seconds: effort.sustainedSeconds,
    }
    const load = await bench.load(planOf(bench, [key], changes))
    const left = await backlog(bench)
    const drainSeconds = await drain(bench)
    const verified = (load.deltas - left) / load.seconds
    const isSteady =
      load.deltas >= 0.98 * SUSTAINED_DELTAS_PER_SECOND * effort.sustainedSeconds &&
      left <= STEADY_BACKLOG_SECONDS * SUSTAINED_DELTAS_PER_SECOND
    const row: Row = {
      name: `steady load of ${whole(SUSTAINED_DELTAS_PER_SECOND)}/s for ${effort.sustainedSeconds} s`,
      figure:
        `${whole(verified)} verified/s while it lasts, emit p99 ${milliseconds(load.p99Ms)}; ` +
        `backlog ${whole(left)}, drained in ${seconds(drainSeconds)}`,
      ratio: null,
      bar: `backlog ≤ ${STEADY_BACKLOG_SECONDS} s of load`,
      reached: effort.judges ? isSteady : null,
      details: { load, left, drainSeconds },
    }
    return [row]
  },
}

export const verifyScenarios: readonly Scenario[] = [latency, steady, sustained]
