import { Problem } from '@pacspace/api/problem'
import type { AppendUnit, UnitOutcome } from './append-unit.ts'

/** Rows that one commit takes at most; one HTTP batch is never split. */
const GROUP_ROWS_MAX = 2_000

/** Rows that may wait for one tenant before further writes are refused with 503 (design invariant 10). */
const TENANT_QUEUE_ROWS_MAX = 50_000

/** Commits one group of a tenant. Answers one outcome per unit, or an error for those that could not be committed. */
export type CommitGroup = (
  tenantNo: number,
  units: readonly AppendUnit[],
) => Promise<readonly (UnitOutcome | Error)[]>

interface Waiting {
  readonly unit: AppendUnit
  readonly resolve: (outcome: UnitOutcome) => void
  readonly reject: (error: Error) => void
}

interface TenantQueue {
  readonly tenantNo: number
  waiting: Waiting[]
  rowCount: number
  /** True while the tenant stands in `#ready` or its group is being committed. */
  isScheduled: boolean
}

/**
 * Self-clocking group commit (design.md §4.2): what arrives while a tenant's last commit runs is its next commit. No
 * timer: waiting 5 ms for a fuller group halves the throughput. Lanes are connections; tenants queue for them fairly,
 * one commit of a tenant at a time, so a busy tenant costs others at most one group's time.
 */
export class Appender {
  readonly #commitGroup: CommitGroup
  readonly #queues = new Map<number, TenantQueue>()
  readonly #ready: TenantQueue[] = []
  #freeLanes: number

  constructor(commitGroup: CommitGroup, laneCount: number) {
    this.#commitGroup = commitGroup
    this.#freeLanes = laneCount
  }

  /**
   * Appends a unit to the tenant's log. When it answers, the unit's rows are on disk; when it throws, nothing of the
   * unit was told to anybody, and a retry with the same Idempotency-Key is safe.
   * Raises SERVICE_UNAVAILABLE and what the commit raises.
   */
  append(tenantNo: number, unit: AppendUnit): Promise<UnitOutcome> {
    const queue = this.#queueOf(tenantNo)
    if (queue.rowCount + unit.items.length > TENANT_QUEUE_ROWS_MAX) {
      return Promise.reject(
        new Problem('SERVICE_UNAVAILABLE', { internal: `append queue of tenant ${tenantNo} is full` }),
      )
    }
    return new Promise((resolve, reject) => {
      queue.waiting.push({ unit, resolve, reject })
      queue.rowCount += unit.items.length
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
    const queue: TenantQueue = { tenantNo, waiting: [], rowCount: 0, isScheduled: false }
    this.#queues.set(tenantNo, queue)
    return queue
  }

  #schedule(queue: TenantQueue): void {
    if (queue.isScheduled) return
    queue.isScheduled = true
    this.#ready.push(queue)
    // Not at once: requests parsed in the same turn of the event loop share the commit.
    if (this.#freeLanes > 0) setImmediate(() => this.#pump())
  }

  #pump(): void {
    while (this.#freeLanes > 0) {
      const queue = this.#ready.shift()
      if (queue === undefined) return
      this.#freeLanes--
      void this.#run(queue)
    }
  }

  async #run(queue: TenantQueue): Promise<void> {
    const group = takeGroup(queue)
    try {
      settle(
        group,
        await this.#commitGroup(
          queue.tenantNo,
          group.map((one) => one.unit),
        ),
      )
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('commit failed', { cause: error })
      for (const one of group) one.reject(failure)
    } finally {
      this.#freeLanes++
      queue.isScheduled = false
      if (queue.waiting.length > 0) this.#schedule(queue)
      else this.#queues.delete(queue.tenantNo)
      this.#pump()
    }
  }
}

function takeGroup(queue: TenantQueue): Waiting[] {
  let rows = 0
  let count = 0
  for (const { unit } of queue.waiting) {
    if (count > 0 && rows + unit.items.length > GROUP_ROWS_MAX) break
    rows += unit.items.length
    count++
  }
  const group = queue.waiting.slice(0, count)
  queue.waiting = queue.waiting.slice(count)
  queue.rowCount -= rows
  return group
}

function settle(group: readonly Waiting[], outcomes: readonly (UnitOutcome | Error)[]): void {
  for (const [index, one] of group.entries()) {
    const outcome = outcomes[index] ?? new Error('a unit of the group has no outcome')
    if (outcome instanceof Error) one.reject(outcome)
    else one.resolve(outcome)
  }
}
