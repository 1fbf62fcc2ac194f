import { setTimeout as pause } from 'node:timers/promises'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { type Attempted, attemptDelivery, type DeliveryJob } from './attempt-delivery.ts'
import { CursorTracker } from './cursor-tracker.ts'
import {
  type Claim,
  type ClaimedEndpoint,
  type CursorMove,
  disableGone,
  moveCursor,
  selectAttempted,
  selectClaimed,
  upsertAttempts,
} from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { readDueJobs, readEntryJobs } from './delivery-jobs.ts'

/** A worker's claim ends this long after it was last renewed. */
export const LEASE_MS = 6_000

/** Attempts at once to an endpoint that answers as it should, and to one that does not. */
const CONCURRENCY = 24
const FAILING_CONCURRENCY = 2
/** Failures in a row after which an endpoint counts as one that does not. */
const FAILING_AFTER = 3
/** Fewer jobs than this waiting: more are read. */
const QUEUE_LOW = 64
/** Entries past the cursor that are sent at most before the earliest of them is done. */
const WINDOW_ENTRIES = 1_024
/** Attempts that one transaction keeps at most, and how long the first of them waits for others. */
const FLUSH_MAX = 128
const FLUSH_AFTER_MS = 15
/** After the database was away. */
const RETRY_PAUSE_MS = 250

/**
 * Delivers to one claimed endpoint until nothing is left to be sent: events of the log from its cursor on, and retries and
 * replays whose time has come. Attempts run side by side and end in any order; the cursor passes an entry when every
 * event of it was attempted and its row is written in the same transaction. If the process dies before that, what it sent
 * is sent again under the same ids: at least once, never zero times.
 */
export class DeliverySession {
  readonly #context: DeliveryContext
  readonly #claim: Claim
  /** Waiting jobs; those of a recovery apart, since they go one after the other. */
  readonly #queue: DeliveryJob[] = []
  readonly #inOrder: DeliveryJob[] = []
  /** Events that were attempted before this session, and those that it has in hand. */
  readonly #known = new Set<string>()
  readonly #inHand = new Set<string>()
  readonly #done: Attempted[] = []
  readonly #cursor = new CursorTracker()
  #endpoint: ClaimedEndpoint | undefined
  #inFlight = 0
  #isOrderedInFlight = false
  #failuresInARow = 0
  #mayHaveMore = true
  #isReading = false
  #isFlushing = false
  #isEnding = false
  #isMine = true
  #isBroken = false
  #isRoused = false
  #onRoused: (() => void) | undefined
  /** One function: places are shared by it. */
  readonly #onFree = () => this.#rouse()

  constructor(context: DeliveryContext, claim: Claim) {
    this.#context = context
    this.#claim = claim
  }

  /** True while the receiver does not answer as it should. */
  get isFailing(): boolean {
    return this.#failuresInARow >= FAILING_AFTER
  }

  /** Something may have become verified, or due. */
  noteMore(): void {
    this.#mayHaveMore = true
    this.#rouse()
  }

  /** Starts nothing more; what is under way ends and is kept. */
  end(): void {
    this.#isEnding = true
    this.#queue.length = 0
    this.#inOrder.length = 0
    this.#rouse()
  }

  /** Resolves when nothing is left and the claim is released, or lost. */
  async run(): Promise<void> {
    for (;;) {
      this.#startJobs()
      if (this.#wantsMore()) void this.#read()
      if (this.#done.length > 0 && !this.#isFlushing) void this.#flush()
      if (this.#isIdle()) break
      await this.#roused()
    }
    if (this.#isMine) await this.#release()
  }

  #wantsMore(): boolean {
    const isShort = this.#queue.length < QUEUE_LOW && this.#inOrder.length < QUEUE_LOW
    return this.#mayHaveMore && isShort && !this.#isReading && !this.#isEnding
  }

  #isIdle(): boolean {
    const isBusy = this.#inFlight > 0 || this.#isReading || this.#isFlushing || this.#done.length > 0
    const hasWork = this.#mayHaveMore || this.#queue.length > 0 || this.#inOrder.length > 0
    return !isBusy && (this.#isEnding || !hasWork)
  }

  #startJobs(): void {
    const limit = this.isFailing ? FAILING_CONCURRENCY : CONCURRENCY
    while (this.#inFlight < limit && this.#done.length < 2 * FLUSH_MAX) {
      const job = (this.#isOrderedInFlight ? undefined : this.#inOrder[0]) ?? this.#queue[0]
      if (job === undefined || this.#endpoint === undefined) return
      const free = this.#context.slots.take(this.isFailing, this.#onFree)
      if (free === undefined) return
      if (job.inOrder) this.#inOrder.shift()
      else this.#queue.shift()
      void this.#attempt(this.#endpoint, job).finally(free)
    }
  }

  async #attempt(endpoint: ClaimedEndpoint, job: DeliveryJob): Promise<void> {
    this.#inFlight++
    if (job.inOrder) this.#isOrderedInFlight = true
    try {
      const attempted = await attemptDelivery(this.#context, this.#claim, endpoint, job)
      this.#failuresInARow = attempted.isDelivered ? 0 : this.#failuresInARow + 1
      this.#done.push(attempted)
      if (attempted.isGone) this.end()
    } catch (error) {
      // Its secret cannot be opened, or worse: nothing can be sent, and nothing is lost, for the cursor stays.
      this.#context.log.error({ err: error, ...this.#claim }, 'webhook cannot be sent')
      this.#isBroken = true
      this.end()
    } finally {
      this.#inFlight--
      if (job.inOrder) this.#isOrderedInFlight = false
      this.#rouse()
    }
  }

  /** Reads settings, what is due, and the next entries of the log. */
  async #read(): Promise<void> {
    this.#isReading = true
    this.#mayHaveMore = false
    try {
      const { db, workerId } = this.#context
      const endpoint = await selectClaimed(db, this.#claim, workerId)
      if (endpoint === undefined) return this.end()
      if (this.#endpoint === undefined) await this.#begin(endpoint)
      this.#endpoint = endpoint
      const isOpen = this.#cursor.scanned - this.#cursor.next < WINDOW_ENTRIES
      const [due, entries] = await Promise.all([
        readDueJobs(this.#context, this.#claim, this.#inHand),
        isOpen ? readEntryJobs(this.#context, this.#claim, endpoint, this.#cursor.scanned) : undefined,
      ])
      if (this.#isEnding) return
      this.#enqueue(due.jobs)
      if (entries !== undefined) {
        const jobs = entries.jobs.filter(({ eventId }) => !this.#known.has(eventId))
        this.#cursor.scan(
          entries.to,
          jobs.flatMap(({ logIndex }) => logIndex ?? []),
        )
        this.#enqueue(jobs)
      }
      if (due.mayHaveMore || entries?.mayHaveMore) this.#mayHaveMore = true
    } catch (error) {
      this.#context.log.warn({ err: error, ...this.#claim }, 'webhook events could not be read')
      await pause(RETRY_PAUSE_MS)
      this.#mayHaveMore = true
    } finally {
      this.#isReading = false
      this.#rouse()
    }
  }

  async #begin(endpoint: ClaimedEndpoint): Promise<void> {
    const attempted = await selectAttempted(this.#context.db, this.#claim, endpoint.next_index)
    for (const id of attempted) this.#known.add(id)
    this.#cursor.start(endpoint.next_index)
    this.#failuresInARow = endpoint.is_failing ? FAILING_AFTER : 0
  }

  #enqueue(jobs: readonly DeliveryJob[]): void {
    for (const job of jobs) {
      this.#inHand.add(job.eventId)
      if (job.inOrder) this.#inOrder.push(job)
      else this.#queue.push(job)
    }
  }

  /** Writes down what was attempted and moves the cursor, in one transaction; tried again until the database is there. */
  async #flush(): Promise<void> {
    this.#isFlushing = true
    try {
      if (this.#done.length < FLUSH_MAX && this.#inFlight > 0) await pause(FLUSH_AFTER_MS)
      const batch = this.#done.slice(0, FLUSH_MAX)
      await this.#keep(batch)
      this.#done.splice(0, batch.length)
      for (const { delivery } of batch) this.#inHand.delete(delivery.eventId)
      this.#mayHaveMore = true // a full window has room again, and what failed may be due already
    } catch (error) {
      this.#context.log.warn({ err: error, ...this.#claim }, 'webhook attempts could not be kept')
      await pause(RETRY_PAUSE_MS)
      // Not kept, and nobody to wait for: sent again after the next start.
      if (this.#isEnding) this.#done.length = 0
    } finally {
      this.#isFlushing = false
      this.#rouse()
    }
  }

  async #keep(batch: readonly Attempted[]): Promise<void> {
    const { db, clock } = this.#context
    const entries = batch.flatMap(({ fromLog, delivery }) => (fromLog ? (delivery.logIndex ?? []) : []))
    const takeBack = this.#cursor.finish(entries)
    const success = batch.findLastIndex(({ isDelivered }) => isDelivered)
    const failure = batch.slice(success + 1)[0]
    const move = {
      hasSucceeded: success >= 0,
      failedAt: failure?.delivery.attempt.attemptedAt ?? null,
      release: false,
    }
    try {
      await transaction(db, async (tx) => {
        const deliveries = batch.map(({ delivery }) => delivery)
        const [, isMine] = await Promise.all([
          upsertAttempts(tx, this.#claim, deliveries),
          moveCursor(tx, this.#claim, this.#context.workerId, this.#moveOf(move)),
        ])
        if (batch.some(({ isGone }) => isGone)) await disableGone(tx, this.#claim, timestampOf(clock.now()))
        if (!isMine) this.#lose()
      })
    } catch (error) {
      takeBack()
      throw error
    }
  }

  /** Another worker has gone on from the cursor: what was attempted here is written, and the rest is its business. */
  #lose(): void {
    this.#isMine = false
    this.end()
  }

  async #release(): Promise<void> {
    const { db, workerId, log } = this.#context
    const leaseMs = this.#isBroken ? LEASE_MS : 0
    const move = { ...this.#moveOf({ hasSucceeded: false, failedAt: null, release: true }), leaseMs }
    await moveCursor(db, this.#claim, workerId, move).catch((error: unknown) =>
      log.debug({ err: error, ...this.#claim }, 'webhook claim not released: it ends by itself'),
    )
  }

  #moveOf(move: Omit<CursorMove, 'nextIndex' | 'leaseMs'>): CursorMove {
    return { ...move, nextIndex: this.#cursor.next, leaseMs: LEASE_MS }
  }

  #rouse(): void {
    this.#isRoused = true
    this.#onRoused?.()
  }

  async #roused(): Promise<void> {
    if (!this.#isRoused) {
      await new Promise<void>((resolve) => {
        this.#onRoused = resolve
      })
    }
    this.#onRoused = undefined
    this.#isRoused = false
  }
}
