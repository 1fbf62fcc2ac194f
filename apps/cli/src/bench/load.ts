/** What the load generator is told and what it answers, over its IPC channel. */

/** One kind of load on one server. */
export interface LoadPlan {
  readonly host: string
  readonly port: number
  /** Connections; each sends its next request when the last was answered. */
  readonly connections: number
  readonly seconds: number
  /** Ends the load early, once that many requests were begun; 0 = by time alone. */
  readonly requestsMax: number
  /** Deltas in each request: 1 = single emits, more = batches. */
  readonly deltasPerRequest: number
  /** Keys used in turn, one for each connection; empty for the bare ceiling. */
  readonly keys: readonly string[]
  /** Deltas go to this many customers in turn, at most a million; 1 = one hot customer. */
  readonly customers: number
  /** Requests a second over all connections; 0 = as fast as answers come. */
  readonly requestsPerSecond: number
  /** False leaves out the metadata (40 bytes). */
  readonly hasMetadata: boolean
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
  readonly maxMs: number
  /** Answers that were not a 201 for all deltas, by status. */
  readonly refused: Readonly<Record<string, number>>
  /** Share of one core that the generator itself took. Near 1, it is the limit. */
  readonly generatorLoad: number
}
