import type { Db } from '@pacspace/service/postgres'
import { type DeltaStatus, type LogProgress, statusOf } from './delta-answer.ts'
import { selectIsVoid, selectProgress, type WatchedProgress } from './read.sql.ts'

/** The guarantee; notifications only make it faster. */
const POLL_MS = 200
/** Looks are at least this far apart, however often workers say that something was verified. */
const LOOK_PAUSE_MS = 10
/** `?wait=verified` holds an answer at most so long (product.md §3 "Emit"). */
const STATUS_WAIT_MS_MAX = 30_000
/** Who waits at once. Beyond it nobody is held: they get the present status. */
const WAITERS_MAX = 10_000

export interface VerifiedWatchOptions {
  /** Default 30 s. */
  readonly statusWaitMsMax?: number
  /** Default 10,000. */
  readonly waitersMax?: number
}

interface Waiter {
  readonly tenantNo: number
  readonly isDone: (progress: LogProgress) => boolean
  readonly settle: (progress: WatchedProgress | undefined) => void
}

/**
 * Tells when logs have come so far. However many wait, one statement looks for all of them: when a worker says that
 * something was verified, and every 200 ms. Nobody who waits holds a connection or a lane.
 */
export class VerifiedWatch {
  readonly #db: Db
  readonly #statusWaitMsMax: number
  readonly #waitersMax: number
  readonly #waiters = new Set<Waiter>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isWoken = false
  #isClosed = false

  constructor(db: Db, { statusWaitMsMax, waitersMax }: VerifiedWatchOptions = {}) {
    this.#db = db
    this.#statusWaitMsMax = statusWaitMsMax ?? STATUS_WAIT_MS_MAX
    this.#waitersMax = waitersMax ?? WAITERS_MAX
  }

  /** Waits until the status of a delta is final, or for 30 s; gives the status it has then. */
  async finalStatus(tenantNo: number, logIndex: number): Promise<DeltaStatus> {
    const isFinal = (progress: LogProgress) => ['VERIFIED', 'FAILED'].includes(statusOf(logIndex, progress))
    const timeoutMs = this.#waiters.size < this.#waitersMax ? this.#statusWaitMsMax : 0
    const progress = await this.until(tenantNo, isFinal, { timeoutMs })
    if (progress === undefined) return 'QUEUED'
    // A place in the log is verified with what stands there, and that may be a void.
    const mayBeVoid = progress.last_void !== null && logIndex <= progress.last_void
    if (mayBeVoid && (await selectIsVoid(this.#db, tenantNo, logIndex))) return 'FAILED'
    return statusOf(logIndex, progress)
  }

  /**
   * Resolves as soon as a log's progress is as wanted, and otherwise after `timeoutMs`, with `signal`, or when the process
   * leaves: with the progress then, undefined if it cannot be read. How many wait is the caller's to bound.
   */
  async until(
    tenantNo: number,
    isDone: (progress: LogProgress) => boolean,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<WatchedProgress | undefined> {
    if (signal?.aborted || this.#isClosed || timeoutMs <= 0) return this.#look(tenantNo)
    const { promise, resolve } = Promise.withResolvers<WatchedProgress | undefined>()
    const waiter: Waiter = { tenantNo, isDone, settle: resolve }
    const stop = () => void this.#look(tenantNo).then(resolve, () => resolve(undefined))
    const timer = setTimeout(stop, timeoutMs)
    signal?.addEventListener('abort', stop, { once: true })
    this.#waiters.add(waiter)
    this.#lookSoon(this.#waiters.size === 1 ? 0 : LOOK_PAUSE_MS)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      this.#waiters.delete(waiter)
    }
  }

  /** True once the process is leaving: nobody may wait any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Something was verified, or found damaged. */
  wake(): void {
    if (this.#waiters.size === 0) return
    this.#isWoken = true
    if (!this.#isLooking) this.#lookSoon(LOOK_PAUSE_MS)
  }

  /** Lets everybody go who waits: the process is leaving. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const { tenantNo, settle } of this.#waiters) {
      void this.#look(tenantNo).then(settle, () => settle(undefined))
    }
  }

  async #look(tenantNo: number): Promise<WatchedProgress | undefined> {
    return (await selectProgress(this.#db, [tenantNo]))[0]
  }

  #lookSoon(delayMs: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#lookForAll(), delayMs)
  }

  async #lookForAll(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#isWoken = false
    try {
      const tenantNos = [...new Set([...this.#waiters].map((waiter) => waiter.tenantNo))]
      const found = new Map((await selectProgress(this.#db, tenantNos)).map((row) => [row.tenant_id, row]))
      for (const { tenantNo, isDone, settle } of this.#waiters) {
        const progress = found.get(tenantNo)
        if (progress !== undefined && isDone(progress)) settle(progress)
      }
    } catch {
      // The database is away: the next look finds it back, or the waiters run out of time.
    } finally {
      this.#isLooking = false
      if (this.#waiters.size > 0) this.#lookSoon(this.#isWoken ? LOOK_PAUSE_MS : POLL_MS)
    }
  }
}
