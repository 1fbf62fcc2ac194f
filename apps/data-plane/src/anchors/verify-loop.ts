import { setTimeout as delay } from 'node:timers/promises'
import { selectUnconfirmed, selectUnintegrated } from './anchors.sql.ts'
import { confirm } from './confirm.ts'
import type { WorkerContext } from './context.ts'
import { integrate } from './integrate.ts'
import { provisionWaiting } from './provision-log.ts'

/** The guarantee; notifications only make it faster (design.md §4.2). */
const POLL_MS = 200
/**
 * Rounds of one kind start at least this far apart. Under load each then takes what gathered meanwhile, instead of signing
 * and fsyncing for a handful of rows, and the disk is the appends' again; a lone delta starts a round at once.
 */
const PACE_MS = 40
/** Tenants that are worked on at once. */
const TENANTS_AT_ONCE = 4
const TENANTS_PER_ROUND = 256
/** A tenant whose data is damaged, or whose anchor is ahead, is looked at again this often. */
const FAILED_PAUSE_MS = 2_000

/** One kind of work, done for all tenants that need it, again whenever it is woken or the poll comes round. */
class Loop {
  readonly #work: () => Promise<boolean>
  readonly #onError: (error: unknown) => void
  #wake: (() => void) | undefined
  #isWoken = false
  #isStopped = false
  #done: Promise<void> = Promise.resolve()

  /** `work`: true when it may have left something to do. */
  constructor(work: () => Promise<boolean>, onError: (error: unknown) => void) {
    this.#work = work
    this.#onError = onError
  }

  start(): void {
    this.#done = this.#run()
  }

  wake(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  /** Ends after the round in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.wake()
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false
      const nextMs = performance.now() + PACE_MS
      let hasMore = false
      try {
        hasMore = await this.#work()
      } catch (error) {
        this.#onError(error)
      }
      if (!hasMore) await this.#pause()
      if (!this.#isStopped) await delay(Math.max(0, nextMs - performance.now()))
    }
  }

  async #pause(): Promise<void> {
    if (this.#isWoken || this.#isStopped) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

export interface VerifyLoop {
  /** Something may have been appended, or a tenant may want provisioning. */
  wake(): void
  /** Finishes the rounds in progress. */
  stop(): Promise<void>
}

/**
 * Keeps every log of the plane recomputed, signed, anchored and confirmed. Integration and confirmation of one tenant
 * overlap: while a head is written to the anchor, the next rows are recomputed. Any number of workers may run: claims are
 * row locks, so nobody leads, and what a dead worker held is free at once.
 */
export function startVerifyLoop(context: WorkerContext): VerifyLoop {
  const pausedUntilMs = new Map<number, number>()
  const onError = (error: unknown) => context.log.error({ err: error }, 'verification round failed')
  const confirmLoop = new Loop(async () => {
    const tenants = await selectUnconfirmed(context.db, TENANTS_PER_ROUND)
    const results = await forEachTenant(context, tenants, pausedUntilMs, confirm)
    return results.includes('confirmed')
  }, onError)
  const integrateLoop = new Loop(async () => {
    if ((await provisionWaiting(context)) > 0) confirmLoop.wake()
    const tenants = await selectUnintegrated(context.db, TENANTS_PER_ROUND)
    const results = await forEachTenant(context, tenants, pausedUntilMs, async (worker, tenantNo) => {
      const result = await integrate(worker, tenantNo)
      if (result === 'grown') confirmLoop.wake()
      if (result === 'failed') confirmLoop.wake()
      return result
    })
    return results.includes('grown')
  }, onError)
  integrateLoop.start()
  confirmLoop.start()
  return {
    wake: () => integrateLoop.wake(),
    stop: async () => {
      await integrateLoop.stop()
      await confirmLoop.stop()
    },
  }
}

/** Runs a step for tenants, a few at once. One tenant's failure is logged, pauses that tenant, and stops nobody else. */
async function forEachTenant<Result extends string>(
  context: WorkerContext,
  tenants: readonly number[],
  pausedUntilMs: Map<number, number>,
  step: (context: WorkerContext, tenantNo: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const nowMs = context.clock.now()
  const waiting = tenants.filter((tenantNo) => (pausedUntilMs.get(tenantNo) ?? 0) <= nowMs)
  const lane = async () => {
    for (let tenantNo = waiting.shift(); tenantNo !== undefined; tenantNo = waiting.shift()) {
      try {
        const result = await step(context, tenantNo)
        results.push(result)
        if (result === 'failed' || result === 'blocked') pausedUntilMs.set(tenantNo, nowMs + FAILED_PAUSE_MS)
        else pausedUntilMs.delete(tenantNo)
      } catch (error) {
        pausedUntilMs.set(tenantNo, nowMs + FAILED_PAUSE_MS)
        context.log.error({ err: error, tenantNo }, 'verification of a tenant failed')
      }
    }
  }
  await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, lane))
  return results
}
