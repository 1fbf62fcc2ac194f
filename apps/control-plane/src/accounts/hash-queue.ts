import { availableParallelism } from 'node:os'
import { Problem } from '@pacspace/api/problem'
import { type HashingThread, hashingThread, type PasswordHasher } from './password-hasher.ts'

/** Work that waits at most. At 15 ms of CPU each, the last of them waits about two seconds on two cores that are idle. */
const WAITING_MAX = 128

/** One hash occupies 19 MiB, and what a core has of memory bandwidth. */
const THREADS_MAX = 8

/** Threads that hash: on a machine of more than one core, one core is never hashing (docs/decisions/0054, 0087). */
export function hashingThreadCount(cores = availableParallelism()): number {
  return Math.max(1, Math.min(cores - 1, THREADS_MAX))
}

export interface HashQueue {
  /** Runs `work` when it is its turn, with a hasher of its own. Raises SERVICE_UNAVAILABLE at once when too many wait already. */
  run<T>(work: (hasher: PasswordHasher) => Promise<T>): Promise<T>
  /** Ends the threads. */
  close(): Promise<void>
}

/** Whatever else wants the core has it at once. */
export const LOWEST_PRIORITY = 19

export interface HashQueueOptions {
  /** Default: one for each core but one. */
  readonly runningMax?: number
  readonly waitingMax?: number
  /** Of the threads; default the process's own. */
  readonly niceness?: number
}

/** Bounds how many passwords are hashed at once, first come first served, so that a flood of log-ins starves nothing. */
export function createHashQueue(options: HashQueueOptions = {}): HashQueue {
  const { runningMax = hashingThreadCount(), waitingMax = WAITING_MAX, niceness = null } = options
  const threads = Array.from({ length: runningMax }, () => hashingThread({ niceness }))
  const free = threads.slice()
  const waiting: ((thread: HashingThread) => void)[] = []

  async function turn(): Promise<HashingThread> {
    const thread = free.pop()
    if (thread !== undefined) return thread
    if (waiting.length >= waitingMax) {
      throw new Problem('SERVICE_UNAVAILABLE', { internal: `${waitingMax} passwords wait to be hashed` })
    }
    // The one that leaves hands over its thread.
    return await new Promise((resolve) => waiting.push(resolve))
  }

  return {
    async run(work) {
      const thread = await turn()
      try {
        return await work(thread)
      } finally {
        const next = waiting.shift()
        if (next === undefined) free.push(thread)
        else next(thread)
      }
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}
