import type { ProblemCode } from '@pacspace/api/problem'
import { Counter, type Registry } from 'prom-client'

/** Upper bounds of the time histogram, in seconds; `+Inf` follows. */
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30]

interface Tally {
  readonly byCode: Map<string, number>
  /** Answers in each bucket, not yet added up; the last one has no bound. */
  readonly buckets: number[]
  sumSeconds: number
}

/**
 * Counts answers by endpoint and code, and their times, and shows them in the registry. Give what it returns to
 * `createHttpService` as `onAnswer`. Counted here and handed over when somebody asks: the library's own counters build
 * and hash a label set on every call, which cost a tenth of an emit.
 */
export function httpMetrics(
  registry: Registry,
): (endpointId: string, code: ProblemCode | undefined, elapsedMs: number) => void {
  const tallies = new Map<string, Tally>()
  showAnswers(registry, tallies)
  showTimes(registry, tallies)
  return (endpointId, code, elapsedMs) => {
    let tally = tallies.get(endpointId)
    if (tally === undefined) {
      tally = { byCode: new Map(), buckets: new Array(BOUNDS_SECONDS.length + 1).fill(0), sumSeconds: 0 }
      tallies.set(endpointId, tally)
    }
    count(tally, code ?? 'OK', elapsedMs / 1_000)
  }
}

function count(tally: Tally, code: string, seconds: number): void {
  tally.byCode.set(code, (tally.byCode.get(code) ?? 0) + 1)
  let bucket = 0
  while (seconds > (BOUNDS_SECONDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
  tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1
  tally.sumSeconds += seconds
}

function showAnswers(registry: Registry, tallies: ReadonlyMap<string, Tally>): void {
  new Counter({
    name: 'pacspace_http_answers_total',
    help: 'Answers by endpoint and problem code',
    labelNames: ['endpoint', 'code'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [endpoint, { byCode }] of tallies) {
        for (const [code, value] of byCode) this.inc({ endpoint, code }, value)
      }
    },
  })
}

/** The three series of a Prometheus histogram. */
function showTimes(registry: Registry, tallies: ReadonlyMap<string, Tally>): void {
  const common = { help: 'Time from the request to its answer', registers: [registry] }
  new Counter({
    ...common,
    name: 'pacspace_http_answer_seconds_bucket',
    labelNames: ['le', 'endpoint'],
    collect() {
      this.reset()
      for (const [endpoint, { buckets }] of tallies) {
        let total = 0
        for (const [i, value] of buckets.entries()) {
          total += value
          this.inc({ le: String(BOUNDS_SECONDS[i] ?? '+Inf'), endpoint }, total)
        }
      }
    },
  })
  new Counter({
    ...common,
    name: 'pacspace_http_answer_seconds_sum',
    labelNames: ['endpoint'],
    collect() {
      this.reset()
      for (const [endpoint, { sumSeconds }] of tallies) this.inc({ endpoint }, sumSeconds)
    },
  })
  new Counter({
    ...common,
    name: 'pacspace_http_answer_seconds_count',
    labelNames: ['endpoint'],
    collect() {
      this.reset()
      for (const [endpoint, { buckets }] of tallies) {
        this.inc(
          { endpoint },
          buckets.reduce((sum, value) => sum + value, 0),
        )
      }
    },
  })
}
