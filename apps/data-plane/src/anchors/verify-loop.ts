import { setTimeout as delay } from 'node:timers/promises'
import { notifyLogVerified, selectLogs, selectUnconfirmed, selectUnintegrated } from './anchors.sql.ts'
import { AppendPressure } from './append-pressure.ts'
import { confirm } from './confirm.ts'
import type { WorkerContext } from './context.ts'
import { INTEGRATED_ROWS_MAX, integrate } from './integrate.ts'
import { provisionWaiting } from './provision-log.ts'

/** The guarantee; notifications only make it faster (design.md §4.2). */
const POLL_MS = 200
/**
 * Rounds of one kind start at least this far apart, so that each takes what gathered meanwhile instead of signing and
 * fsyncing for a handful of rows. A lone delta starts a round at once; while rounds follow on each other, appends are
 * being made that want the processors and the disk: a round costs some 4 ms of them, whatever it signs. At 40 ms that was
 * a fifth of a core, and at 64 connections a third of the emits.
 */
const PACE_MS = 40
const PACE_UNDER_LOAD_MS = 200
/** A round that integrates as many rows met a load; fewer are somebody who waits for an answer. */
const LOAD_ROWS = 32
/** Tenants that are worked on at once. */
const TENANTS_AT_ONCE = 4
const TENANTS_PER_ROUND = 256
/** Logs without anything to integrate that one round holds against their anchors. */
const COMPARED_PER_ROUND = 64
/** A tenant whose data is damaged, or whose anchor is ahead, is looked at again this often. */
const FAILED_PAUSE_MS = 2_000

/** What a round may have left to do: nothing, rows that come in small numbers, those of a load, or a backlog. */
type RoundLeft = 'nothing' | 'little' | 'load' | 'backlog'

/** How long after its start a round is followed by the next. A backlog is worked off without a pause. */
const paceMs: Readonly<Record<RoundLeft, number>> = {
  nothing: PACE_MS,
  little: PACE_MS,
  load: PACE_UNDER_LOAD_MS,
  backlog: 0,
}

/** One kind of work, done for all tenants that need it, again whenever it is woken or the poll comes round. */
class Loop {
  readonly #work: () => Promise<RoundLeft>
  readonly #onError: (error: unknown) => void
  #wake: (() => void) | undefined
  #isWoken = false
  #isStopped = false
  #done: Promise<void> = Promise.resolve()

  constructor(work: () => Promise<RoundLeft>, onError: (error: unknown) => void) {
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
      const startedMs = performance.now()
      let left: RoundLeft = 'nothing'
      try {
        left = await this.#work()
      } catch (error) {
        this.#onError(error)
      }
      if (left === 'nothing') await this.#pause()
      if (!this.#isStopped) await delay(Math.max(0, startedMs + paceMs[left] - performance.now()))
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
  /** Holds every log against its anchor again: the database was away, and may be an older copy now. */
  compareAll(): void
  /** Whether the last round found rows to integrate. */
  readonly isBusy: boolean
  /** Whether a burst of appends wants the processors for itself. */
  readonly isBurst: boolean
  /** Finishes the rounds in progress. */
  stop(): Promise<void>
}

/**
 * Keeps every log of the plane recomputed, signed, anchored and confirmed. Integration and confirmation of one tenant
 * overlap: while a head is written to the anchor, the next rows are recomputed. Any number of workers may run: claims are
 * row locks, so nobody leads, and what a dead worker held is free at once. At the start every log is held against its
 * anchor, whether it has anything to integrate or not.
 */
export function startVerifyLoop(context: WorkerContext): VerifyLoop {
  // Two maps: an anchor that is away keeps nobody from integrating.
  const unconfirmable: Pauses = new Map()
  const unintegrable: Pauses = new Map()
  const pressure = new AppendPressure()
  let mustCompareAll = true
  let isBusy = false
  const uncompared = new Set<number>()
  const onError = (error: unknown) => context.log.error({ err: error }, 'verification round failed')
  const confirmLoop = new Loop(async () => {
    const tenants = await selectUnconfirmed(context.db, TENANTS_PER_ROUND)
    const results = await forEachTenant(context, tenants, unconfirmable, confirm)
    if (!results.includes('confirmed')) return 'nothing'
    await notifyLogVerified(context.db)
    return 'little'
  }, onError)
  const integrateLoop = new Loop(async () => {
    if ((await provisionWaiting(context)) > 0) confirmLoop.wake()
    if (mustCompareAll) {
      for (const tenantNo of await selectLogs(context.db)) uncompared.add(tenantNo)
      mustCompareAll = false
    }
    const startedMs = performance.now()
    const unintegrated = await selectUnintegrated(context.db, TENANTS_PER_ROUND)
    pressure.measure(unintegrated, startedMs)
    if (uncompared.size === 0 && pressure.isResting(startedMs)) return 'load'
    const waitingRows = new Map(unintegrated.map((one) => [one.tenant_id, one.waiting_rows]))
    const compared = notPaused(uncompared, unintegrable).take(COMPARED_PER_ROUND)
    const tenants = [...new Set([...waitingRows.keys(), ...compared])]
    const grown: number[] = []
    const results = await forEachTenant(context, tenants, unintegrable, async (worker, tenantNo) => {
      const result = await integrate(worker, tenantNo)
      if (result !== 'busy') uncompared.delete(tenantNo)
      if (result === 'grown') grown.push(waitingRows.get(tenantNo) ?? 0)
      if (result === 'grown') confirmLoop.wake()
      if (result === 'failed') confirmLoop.wake()
      return result
    })
    if (results.includes('failed')) await notifyLogVerified(context.db)
    isBusy = grown.length > 0
    if (notPaused(uncompared, unintegrable).some(() => true)) return 'backlog'
    if (grown.length > 0) pressure.worked(startedMs, performance.now())
    return leftAfter(grown)
  }, onError)
  integrateLoop.start()
  confirmLoop.start()
  return {
    wake: () => integrateLoop.wake(),
    get isBusy() {
      return isBusy
    },
    get isBurst() {
      return pressure.isBurst(performance.now())
    },
    compareAll: () => {
      mustCompareAll = true
      integrateLoop.wake()
    },
    stop: async () => {
      await integrateLoop.stop()
      await confirmLoop.stop()
    },
  }
}

/** `grown`: of each tenant that was integrated, how many of its rows waited when the round began. */
function leftAfter(grown: readonly number[]): RoundLeft {
  if (grown.length === 0) return 'nothing'
  if (grown.some((rows) => rows > INTEGRATED_ROWS_MAX)) return 'backlog'
  return grown.reduce((sum, rows) => sum + rows) < LOAD_ROWS ? 'little' : 'load'
}

/** Until when tenants are left alone, by the process's monotonic clock. */
type Pauses = Map<number, number>

function notPaused(tenants: Iterable<number>, pauses: Pauses): IteratorObject<number> {
  const nowMs = performance.now()
  return Iterator.from(tenants).filter((tenantNo) => (pauses.get(tenantNo) ?? 0) <= nowMs)
}

/** Runs a step for tenants, a few at once. One tenant's failure is logged, pauses that tenant, and stops nobody else. */
async function forEachTenant<Result extends string>(
  context: WorkerContext,
  tenants: readonly number[],
  pausedUntilMs: Pauses,
  step: (context: WorkerContext, tenantNo: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const nowMs = performance.now()
  const waiting = [...notPaused(tenants, pausedUntilMs)]
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
