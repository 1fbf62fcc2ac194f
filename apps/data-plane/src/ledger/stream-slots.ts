import { Problem } from '@pacspace/api/problem'

/** Streams that one tenant may hold open at a process, and all tenants together. */
const STREAMS_OF_TENANT_MAX = 50
const STREAMS_MAX = 2_000
/** A reader that is turned away should not be back at once. */
const RETRY_AFTER_SECONDS = 10

/** Counts the open event streams of a process. */
export class StreamSlots {
  readonly #open = new Map<number, number>()
  #total = 0

  /** Takes a place; call what it gives once the stream has ended. Raises RATE_LIMITED where there is none. */
  take(tenantNo: number): () => void {
    const ofTenant = this.#open.get(tenantNo) ?? 0
    if (ofTenant >= STREAMS_OF_TENANT_MAX || this.#total >= STREAMS_MAX) {
      throw new Problem('RATE_LIMITED', {
        message: `Too many event streams are open, at most ${STREAMS_OF_TENANT_MAX} of yours. Close one, or retry later.`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      })
    }
    this.#count(tenantNo, 1)
    let isFree = false
    return () => {
      if (!isFree) this.#count(tenantNo, -1)
      isFree = true
    }
  }

  #count(tenantNo: number, change: number): void {
    const count = (this.#open.get(tenantNo) ?? 0) + change
    if (count > 0) this.#open.set(tenantNo, count)
    else this.#open.delete(tenantNo)
    this.#total += change
  }
}
