import { availableParallelism } from 'node:os'
import { Problem } from '@pacspace/api/problem'

/** Work that waits at most. At 15 ms of CPU each, the last of them waits about two seconds on two cores. */
const WAITING_MAX = 256

/** One hash occupies a thread of libuv's pool and 19 MiB; two of its four threads stay free for files and DNS. */
const RUNNING_MAX = 2

export interface HashQueue {
  /** Runs `work` when it is its turn. Raises SERVICE_UNAVAILABLE at once when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>
}

/** Bounds how many passwords are hashed at once, first come first served, so that a flood of log-ins starves nothing. */
export function createHashQueue({
  runningMax = Math.min(RUNNING_MAX, availableParallelism()),
  waitingMax = WAITING_MAX,
} = {}): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0

  async function turn(): Promise<void> {
    if (running < runningMax) {
      running += 1
      return
    }
    if (waiting.length >= waitingMax) {
      throw new Problem('SERVICE_UNAVAILABLE', { internal: `${waitingMax} passwords wait to be hashed` })
    }
    // The one that leaves hands over its place; `running` stays.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  return {
    async run(work) {
      await turn()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
