import type { LoadPlan, LoadResult } from './load.ts'
import { LoadConnection } from './load-connection.ts'
import { RequestTemplate } from './request-template.ts'

/**
 * Load over keep-alive HTTP/1.1 connections. A process of its own: at 28,000 requests a second the usual tools are the
 * limit themselves. Takes one `LoadPlan` per IPC message and answers a `LoadResult`.
 */
process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`load generator: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.once('SIGTERM', () => process.exit(0))
process.channel?.ref() // a parent's messages are all that it lives on

const CREATED = 201

async function run(plan: LoadPlan): Promise<LoadResult> {
  const cpuBefore = process.cpuUsage()
  const load = new Load(plan)
  const seconds = await load.run()
  const { user, system } = process.cpuUsage(cpuBefore)
  return load.result(seconds, (user + system) / 1e6 / seconds)
}

/** One load from its first request to its last answer. */
class Load {
  readonly #plan: LoadPlan
  readonly #latenciesMs: number[] = []
  readonly #refused: Record<string, number> = {}
  readonly #lost = Promise.withResolvers<never>()
  #startedAt = 0
  /** Requests begun; with a fixed rate also the number of the next slot. */
  #begun = 0

  constructor(plan: LoadPlan) {
    this.#plan = plan
    this.#lost.promise.catch(() => {}) // raced below
  }

  /** Seconds that it took, connecting left out. */
  async run(): Promise<number> {
    const lanes = await Promise.all(
      Array.from({ length: this.#plan.connections }, (_, index) => this.#open(index)),
    )
    this.#startedAt = performance.now()
    await Promise.race([Promise.all(lanes.map((start) => start())), this.#lost.promise])
    return (performance.now() - this.#startedAt) / 1_000
  }

  /** Opens a connection; gives what runs requests over it until the load ends. */
  async #open(index: number): Promise<() => Promise<void>> {
    const { keys } = this.#plan
    const template = new RequestTemplate(this.#plan, keys[index % keys.length] ?? 'pk_test_none.none')
    const ended = Promise.withResolvers<void>()
    let dueAt = 0
    const onAnswer = (outcome: number | 'partial') => {
      this.#latenciesMs.push(performance.now() - dueAt)
      if (outcome !== CREATED) this.#refused[outcome] = (this.#refused[outcome] ?? 0) + 1
      next()
    }
    const connection = await LoadConnection.open(this.#plan, onAnswer, this.#lost.reject)
    const next = () => {
      const slot = this.#nextSlot()
      if (slot === undefined) {
        connection.close()
        return ended.resolve()
      }
      // With a fixed rate the clock starts when the request was due: a stalled server cannot hide its queue.
      dueAt = slot
      const waitMs = slot - performance.now()
      if (waitMs > 0) setTimeout(() => connection.send(template.next()), waitMs)
      else connection.send(template.next())
    }
    return () => {
      next()
      return ended.promise
    }
  }

  /** When the next request is due, on the clock of `performance.now()`; undefined once the load has ended. */
  #nextSlot(): number | undefined {
    const { seconds, requestsPerSecond, requestsMax } = this.#plan
    if (requestsMax > 0 && this.#begun >= requestsMax) return undefined
    const now = performance.now()
    const slot = requestsPerSecond === 0 ? now : this.#startedAt + (this.#begun * 1_000) / requestsPerSecond
    if (Math.max(slot, now) >= this.#startedAt + seconds * 1_000) return undefined
    this.#begun += 1
    return slot
  }

  result(seconds: number, generatorLoad: number): LoadResult {
    const sorted = Float64Array.from(this.#latenciesMs).sort()
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    const requests = sorted.length - Object.values(this.#refused).reduce((sum, count) => sum + count, 0)
    const deltas = requests * this.#plan.deltasPerRequest
    return {
      requests,
      deltas,
      seconds,
      requestsPerSecond: requests / seconds,
      deltasPerSecond: deltas / seconds,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
      refused: this.#refused,
      generatorLoad,
    }
  }
}
