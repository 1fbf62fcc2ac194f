/** What the load generator is told and what it answers, over its IPC channel. */

/** One kind of load on one server. */
export interface LoadPlan {
  readonly host: string
  readonly port: number
  /** Connections; each sends its next request when the last was answered. */
  readonly connections: number
  readonly seconds: number
  /** Deltas in each request: 1 = single emits, more = batches. */
  readonly deltasPerRequest: number
  /** Keys used in turn, one for each connection; empty for the bare ceiling. */
  readonly keys: readonly string[]
  /** Deltas go to this many customers in turn; 1 = one hot customer. */
  readonly customers: number
  /** Requests a second over all connections; 0 = as fast as answers come. */
  readonly requestsPerSecond: number
}

export interface LoadResult {
  readonly requests: number
  readonly deltas: number
  /** Measured, not asked for. */
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly deltasPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers that were not 201, by status. */
  readonly refused: Readonly<Record<string, number>>
}
