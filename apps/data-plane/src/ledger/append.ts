import { Problem } from '@pacspace/api/problem'

/**
 * Longest that the first in a tenant's queue may have waited when more comes than its next commit takes: under overload
 * whoever is let in is served within about that, and the others are told at once.
 */
const QUEUE_MS_MAX = 1_000

/** Rows that may wait for one tenant before further writes are refused with 503 (design invariant 10). */
const TENANT_QUEUE_ROWS_MAX = 50_000

/**
 * Whatever has waited this long for its commit to begin is refused, behind a commit that hangs too: the database hangs, and
 * callers give up after 30 s.
 */
const WAIT_MS_MAX = 10_000

/**
 * How requests of one kind are appended: deltas, facts, checkpoints. A group is of one kind; all kinds of a tenant share
 * its queue, so that at most one commit of a tenant is in flight.
 */
export interface UnitKind<Unit, Outcome> {
  /** Rows that a unit may come to. */
  rowsOf(unit: Unit): number
  /** Begins a tenant's turn: its groups one after the other, until it is closed. */
  open(tenantNo: number): Turn<Unit, Outcome>
  /** Rows that one commit takes at most; one unit is never split. */
  readonly groupRowsMax: number
}

/** Groups of one tenant and one kind that follow on each other. */
export interface Turn<Unit, Outcome> {
  /** Adds units to the next commit. May ask for what they need; never throws. */
  prepare(units: readonly Unit[]): void
  /**
   * Commits what was prepared: one outcome for each unit, in order, or an error for those that could not be committed.
   * `isWanted`: for each that was prepared, in order. Nothing is written of a unit that was refused meanwhile, and it has no
   * outcome.
   * `onSent`: all of it is on its way to the disk; what is prepared from now on belongs to the commit after this one, and
   * is read while this one is written. Not called where nothing is written.
   */
  commit(onSent: () => void, isWanted: readonly boolean[]): Promise<readonly (Outcome | Error)[]>
  close(): void
}

/** Methods, not properties: each is called with units and outcomes of its own kind only. */
interface Waiting {
  readonly kind: UnitKind<unknown, unknown>
  readonly unit: unknown
  readonly rowCount: number
  /** By the process's monotonic clock. */
  readonly sinceMs: number
  /** Told that it is not written. */
  isRefused: boolean
  resolve(outcome: unknown): void
  reject(error: Error): void
}

interface TenantQueue {
  readonly tenantNo: number
  waiting: Waiting[]
  rowCount: number
  /** What the commit after the one in flight takes. */
  prepared: Waiting[]
  /** True while the tenant stands in `#ready` or has its turn. */
  isScheduled: boolean
  /** Takes what waits into the commit after the one in flight; absent where that has to wait. */
  takeMore: (() => void) | undefined
  /** True while `takeMore` is about to be called. */
  isArriving: boolean
}

/**
 * Self-clocking group commit (design.md §4.2): what arrives while a tenant's last commit runs is its next commit. No
 * timer: waiting 5 ms for a fuller group halves the throughput. What the next commit needs is read while this one is
 * written, so that neither the database nor this process waits for the other. Lanes are connections; tenants queue for
 * them fairly, one commit of a tenant at a time, so a busy tenant costs others at most two groups' time.
 */
export class Appender {
  readonly #queues = new Map<number, TenantQueue>()
  readonly #ready: TenantQueue[] = []
  readonly #waitMsMax: number
  #freeLanes: number
  /** Runs while anything is queued. */
  #expiry: NodeJS.Timeout | undefined

  constructor(laneCount: number, waitMsMax = WAIT_MS_MAX) {
    this.#freeLanes = laneCount
    this.#waitMsMax = waitMsMax
  }

  /**
   * Appends a unit to the tenant's log. When it answers, the unit's rows are on disk; when it throws, nothing of the
   * unit was told to anybody, and a retry with the same Idempotency-Key is safe.
   * Raises SERVICE_UNAVAILABLE and what the commit raises.
   */
  append<Unit, Outcome>(kind: UnitKind<Unit, Outcome>, tenantNo: number, unit: Unit): Promise<Outcome> {
    const queue = this.#queueOf(tenantNo)
    const rowCount = kind.rowsOf(unit)
    const sinceMs = performance.now()
    if (isOverloaded(queue, kind.groupRowsMax, rowCount, sinceMs)) {
      return Promise.reject(
        new Problem('SERVICE_UNAVAILABLE', { internal: `append queue of tenant ${tenantNo} is full` }),
      )
    }
    return new Promise<Outcome>((resolve, reject) => {
      queue.waiting.push({ kind, unit, rowCount, sinceMs, isRefused: false, resolve, reject })
      queue.rowCount += rowCount
      this.#schedule(queue)
    })
  }

  /** Rows waiting, of all tenants. */
  get waitingRows(): number {
    let rows = 0
    for (const queue of this.#queues.values()) rows += queue.rowCount
    return rows
  }

  #queueOf(tenantNo: number): TenantQueue {
    const known = this.#queues.get(tenantNo)
    if (known !== undefined) return known
    const queue: TenantQueue = {
      tenantNo,
      waiting: [],
      rowCount: 0,
      prepared: [],
      isScheduled: false,
      takeMore: undefined,
      isArriving: false,
    }
    this.#queues.set(tenantNo, queue)
    this.#expiry ??= setInterval(() => this.#expire(), this.#waitMsMax / 10).unref()
    return queue
  }

  /** Refuses what has waited too long. None of it was begun, and none of it will be. */
  #expire(): void {
    const beforeMs = performance.now() - this.#waitMsMax
    for (const queue of this.#queues.values()) {
      for (
        let first = queue.waiting[0];
        first !== undefined && first.sinceMs < beforeMs;
        first = queue.waiting[0]
      ) {
        queue.waiting.shift()
        queue.rowCount -= first.rowCount
        refuse(first)
      }
      for (const one of queue.prepared) if (one.sinceMs < beforeMs && !one.isRefused) refuse(one)
    }
    if (this.#queues.size > 0) return
    clearInterval(this.#expiry)
    this.#expiry = undefined
  }

  #schedule(queue: TenantQueue): void {
    if (queue.isScheduled) {
      if (queue.takeMore === undefined || queue.isArriving) return
      queue.isArriving = true
      setImmediate(() => {
        queue.isArriving = false
        queue.takeMore?.()
      })
      return
    }
    queue.isScheduled = true
    this.#ready.push(queue)
    // Not at once: requests parsed in the same turn of the event loop share the commit.
    if (this.#freeLanes > 0) setImmediate(() => this.#pump())
  }

  #pump(): void {
    while (this.#freeLanes > 0) {
      const queue = this.#ready.shift()
      if (queue === undefined) return
      // What it waited with has expired.
      if (queue.waiting.length === 0) {
        this.#queues.delete(queue.tenantNo)
        continue
      }
      this.#freeLanes--
      void this.#run(queue)
    }
  }

  async #run(queue: TenantQueue): Promise<void> {
    try {
      await this.#takeTurn(queue)
    } finally {
      this.#freeLanes++
      queue.isScheduled = false
      if (queue.waiting.length > 0) this.#schedule(queue)
      else this.#queues.delete(queue.tenantNo)
      this.#pump()
    }
  }

  /** Commits group after group, for as long as units of one kind come and nobody else waits for the lane. */
  async #takeTurn(queue: TenantQueue): Promise<void> {
    const kind = queue.waiting[0]?.kind
    if (kind === undefined) throw new Error('a tenant without waiting units was scheduled')
    const turn = kind.open(queue.tenantNo)
    let nextRows = 0
    const takeMore = () => {
      // Never behind units of another kind that came first.
      if (queue.waiting[0]?.kind !== kind) return
      const more = takeGroup(queue, kind, kind.groupRowsMax - nextRows, nextRows === 0)
      if (more.length === 0) return
      queue.prepared.push(...more)
      nextRows += more.reduce((sum, one) => sum + one.rowCount, 0)
      turn.prepare(more.map((one) => one.unit))
    }
    const takeMoreIfAlone = () => {
      if (this.#ready.length === 0) takeMore()
    }
    takeMore()
    while (queue.prepared.length > 0) {
      const prepared = queue.prepared
      const group = prepared.filter((one) => !one.isRefused)
      queue.prepared = []
      nextRows = 0
      const onSent = () => {
        queue.takeMore = takeMoreIfAlone
        takeMoreIfAlone()
      }
      const isWanted = prepared.map((one) => !one.isRefused)
      const outcomes = await turn.commit(onSent, isWanted).catch((cause: unknown) => asError(cause))
      queue.takeMore = undefined
      if (queue.prepared.length === 0) takeMoreIfAlone()
      // Not before the next commit is on its way: answering takes as long as deciding it.
      setImmediate(settle, group, outcomes)
    }
    turn.close()
  }
}

function refuse(one: Waiting): void {
  one.isRefused = true
  one.reject(new Problem('SERVICE_UNAVAILABLE', { internal: 'waited too long for its commit' }))
}

function isOverloaded(queue: TenantQueue, groupRowsMax: number, rowCount: number, nowMs: number): boolean {
  if (queue.rowCount + rowCount > TENANT_QUEUE_ROWS_MAX) return true
  const [first] = queue.waiting
  return queue.rowCount >= groupRowsMax && first !== undefined && nowMs - first.sinceMs > QUEUE_MS_MAX
}

/**
 * Takes units of a kind out of the queue, in order, up to `rowsMax` rows; the first one may come to more where `isFirst`,
 * since a unit is never split.
 */
function takeGroup(queue: TenantQueue, kind: Waiting['kind'], rowsMax: number, isFirst = true): Waiting[] {
  const group: Waiting[] = []
  const left: Waiting[] = []
  let rows = 0
  let isFull = false
  for (const one of queue.waiting) {
    const mayExceed = isFirst && group.length === 0
    isFull ||= one.kind === kind && !mayExceed && rows + one.rowCount > rowsMax
    if (one.kind !== kind || isFull) {
      left.push(one)
      continue
    }
    group.push(one)
    rows += one.rowCount
  }
  queue.waiting = left
  queue.rowCount -= rows
  return group
}

/** `outcomes`: one for each, or what befell them all. */
function settle(group: readonly Waiting[], outcomes: readonly unknown[] | Error): void {
  for (const [index, one] of group.entries()) {
    const outcome =
      outcomes instanceof Error
        ? outcomes
        : (outcomes[index] ?? new Error('a unit of the group has no outcome'))
    if (outcome instanceof Error) one.reject(outcome)
    else one.resolve(outcome)
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('commit failed', { cause })
}
