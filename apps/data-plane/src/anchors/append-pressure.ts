/** Appends that come at least this fast want the processors and the disk for themselves. */
const PRESSING_ROWS_PER_SECOND = 2_000
/** The rate is of so long a stretch at least: rounds follow on each other within milliseconds, and one commit is no burst. */
const RATE_MS = 1_000
/** How long verification rests after a round under pressure, as a multiple of the round: it takes a twentieth of the time. */
const REST_FACTOR = 19
const REST_MS_MAX = 10_000
/** What waits longer for its verification ends the rests, however much is appended. */
const LAG_SECONDS_MAX = 15
/** Appends that press for longer are no burst but the load of the day: nothing waits for its end any more. */
const BURST_MS_MAX = 15_000

/** A log as a round of verification meets it. */
export interface MetLog {
  readonly tenant_id: number
  /** Rows that are not integrated yet. */
  readonly waiting_rows: number
  readonly log_size: number
}

/**
 * When verification rests so that answers keep their pace (design.md §7: bursts are answered with verification at low
 * priority). A process priority alone does not do it: the rounds' statements run at the database's own, and on two cores
 * they cost a burst a third of its emits. All times are of one monotonic clock, in milliseconds.
 */
export class AppendPressure {
  readonly #sizes = new Map<number, number>()
  #measuredMs: number | undefined
  #pressesSinceMs: number | undefined
  #appended = 0
  #rowsPerSecond = 0
  #waitingRows = 0
  #restsUntilMs = 0

  /** Tells what a round meets when it begins. */
  measure(logs: readonly MetLog[], nowMs: number): void {
    this.#waitingRows = 0
    for (const { tenant_id: tenantNo, waiting_rows: waitingRows, log_size: size } of logs) {
      this.#appended += size - (this.#sizes.get(tenantNo) ?? size - waitingRows)
      this.#waitingRows += waitingRows
    }
    // Whoever has nothing to integrate is forgotten: what it appends until it is met again waits then.
    this.#sizes.clear()
    for (const { tenant_id: tenantNo, log_size: size } of logs) this.#sizes.set(tenantNo, size)
    this.#measuredMs ??= nowMs
    if (nowMs - this.#measuredMs < RATE_MS) return
    this.#rowsPerSecond = (this.#appended * 1_000) / (nowMs - this.#measuredMs)
    this.#measuredMs = nowMs
    this.#appended = 0
    if (this.#rowsPerSecond < PRESSING_ROWS_PER_SECOND) this.#pressesSinceMs = undefined
    else this.#pressesSinceMs ??= nowMs
  }

  /** Whether appends press, and have begun to not long ago. */
  isBurst(nowMs: number): boolean {
    return this.#pressesSinceMs !== undefined && nowMs - this.#pressesSinceMs < BURST_MS_MAX
  }

  /** Tells when a round worked. */
  worked(fromMs: number, toMs: number): void {
    this.#restsUntilMs = toMs + Math.min((toMs - fromMs) * REST_FACTOR, REST_MS_MAX)
  }

  /** Whether verification rests at this time. Never when appends do not press, nor when it lags too far. */
  isResting(nowMs: number): boolean {
    if (nowMs >= this.#restsUntilMs || this.#rowsPerSecond < PRESSING_ROWS_PER_SECOND) return false
    return this.#waitingRows <= this.#rowsPerSecond * LAG_SECONDS_MAX
  }
}
