import { median, type Row, whole } from './report.ts'
import { alternate, backlog, drain, planOf, type Scenario } from './scenario.ts'

const EMIT_RATIO = 0.6
const EMIT_P99_MS = 25
const SUSTAINED_DELTAS_PER_SECOND = 12_000
const TENANTS = 64
const TENANTS_EMITS_PER_SECOND = 1_500
const HOT_RATIO = 0.8
const VERIFIED_P50_MS = 300
const VERIFIED_P99_MS = 1_000

/** Load as fast as answers come, beside the bare ceiling of the same run. */
function burst(
  name: string,
  title: string,
  connections: number,
  deltasPerRequest: number,
  bar: string,
): Scenario {
  return {
    name,
    run: async (bench, effort) => {
      const { key } = await bench.newTenant()
      const { bare, product, drainSeconds } = await alternate(bench, [key], effort, {
        connections,
        deltasPerRequest,
      })
      const rate = median(product.map((one) => one.deltasPerSecond))
      const ceiling = median(bare.map((one) => one.deltasPerSecond))
      const p99Ms = median(product.map((one) => one.p99Ms))
      const hasBar = bar !== ''
      const isFast = deltasPerRequest > 1 || p99Ms <= EMIT_P99_MS
      return [
        {
          name: title,
          figure: `${whole(rate)}/s of ${whole(ceiling)}/s bare, p50 ${median(product.map((one) => one.p50Ms)).toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, drained in ${median(drainSeconds).toFixed(1)} s`,
          ratio: rate / ceiling,
          bar,
          reached: effort.judges && hasBar ? rate / ceiling >= EMIT_RATIO && isFast : null,
          details: { bare, product, drainSeconds },
        },
      ]
    },
  }
}

const sustained: Scenario = {
  name: 'sustained',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const started = performance.now()
    const changes = { connections: 8, deltasPerRequest: 100, seconds: effort.sustainedSeconds }
    const load = await bench.load(planOf(bench, [key], changes))
    const left = await backlog(bench)
    const drainSeconds = await drain(bench)
    // Only verified deltas count, over the whole time that it took to verify them.
    const rate = load.deltas / ((performance.now() - started) / 1_000)
    return [
      {
        name: `sustained emit → VERIFIED, batches of 100, ${effort.sustainedSeconds} s`,
        figure: `${whole(rate)} verified/s, backlog ${whole(left)} at the end, drained in ${drainSeconds.toFixed(1)} s`,
        ratio: null,
        bar: `≥ ${whole(SUSTAINED_DELTAS_PER_SECOND)}/s`,
        reached: effort.judges ? rate >= SUSTAINED_DELTAS_PER_SECOND : null,
        details: { load, left, drainSeconds },
      },
    ]
  },
}

const tenants: Scenario = {
  name: 'tenants',
  run: async (bench, effort) => {
    const keys = (await Promise.all(Array.from({ length: TENANTS }, () => bench.newTenant()))).map(
      ({ key }) => key,
    )
    const changes = { connections: TENANTS, customers: 100, seconds: effort.burstSeconds }
    const load = await bench.load(planOf(bench, keys, changes))
    const drainSeconds = await drain(bench)
    return [
      {
        name: `${TENANTS} tenants, one connection each`,
        figure: `${whole(load.deltasPerSecond)}/s, p99 ${load.p99Ms.toFixed(1)} ms, drained in ${drainSeconds.toFixed(1)} s`,
        ratio: null,
        bar: `≥ ${whole(TENANTS_EMITS_PER_SECOND)}/s`,
        reached: effort.judges ? load.deltasPerSecond >= TENANTS_EMITS_PER_SECOND : null,
        details: { load, drainSeconds },
      },
    ]
  },
}

const hot: Scenario = {
  name: 'hot',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const rates = { hot: [] as number[], spread: [] as number[] }
    for (let round = 0; round < effort.rounds; round++) {
      for (const [kind, customers] of [['spread', 1_000] as const, ['hot', 1] as const]) {
        const load = await bench.load(planOf(bench, [key], { customers, seconds: effort.burstSeconds }))
        rates[kind].push(load.deltasPerSecond)
        await drain(bench)
      }
    }
    const ratio = median(rates.hot) / median(rates.spread)
    return [
      {
        name: 'one hot customer against 1,000',
        figure: `${whole(median(rates.hot))}/s against ${whole(median(rates.spread))}/s`,
        ratio,
        bar: '≥ 80 %',
        reached: effort.judges ? ratio >= HOT_RATIO : null,
        details: rates,
      },
    ]
  },
}

const latency: Scenario = {
  name: 'latency',
  run: async (bench, effort): Promise<Row[]> => {
    const { key } = await bench.newTenant()
    const requestsPerSecond = 1_000
    const load = await bench.load(planOf(bench, [key], { requestsPerSecond, seconds: effort.burstSeconds }))
    await drain(bench)
    const { rows } = await bench.db.query<{ p50: number; p99: number }>(
      `with latest as (select max(tenant_id) as tenant_id from log)
       select 1000 * percentile_cont(0.5) within group (order by v.seconds) as p50,
              1000 * percentile_cont(0.99) within group (order by v.seconds) as p99
         from (select extract(epoch from (
                        select min(a.anchored_at) from log_anchor a
                         where a.tenant_id = d.tenant_id and a.level = 'file' and a.size > d.log_index
                      ) - d.created_at)::float8 as seconds
                 from delta d join latest using (tenant_id)) v`,
    )
    const { p50, p99 } = rows[0] ?? { p50: Number.NaN, p99: Number.NaN }
    return [
      {
        name: 'createdAt → anchored and read back, at 1,000 emits/s',
        figure: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms (${whole(load.deltasPerSecond)}/s; emit p99 ${load.p99Ms.toFixed(1)} ms)`,
        ratio: null,
        bar: `p50 ≤ ${VERIFIED_P50_MS} ms, p99 ≤ ${whole(VERIFIED_P99_MS)} ms`,
        reached: effort.judges ? p50 <= VERIFIED_P50_MS && p99 <= VERIFIED_P99_MS : null,
        details: { p50, p99, load },
      },
    ]
  },
}

export const writeScenarios: readonly Scenario[] = [
  burst('single-64', 'single emits, 64 connections', 64, 1, '≥ 60 %, p99 ≤ 25 ms'),
  burst('single-256', 'single emits, 256 connections', 256, 1, ''),
  burst('batch-100', 'batches of 100, 8 connections', 8, 100, '≥ 60 %'),
  burst('batch-1000', 'batches of 1,000, 8 connections', 8, 1_000, ''),
  hot,
  tenants,
  latency,
  sustained,
]
