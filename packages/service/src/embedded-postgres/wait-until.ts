import { setTimeout as delay } from 'node:timers/promises'

/** 10 ms: a start takes 40 ms, so a coarser interval would be most of it. */
const pollIntervalMs = 10
/** What has taken long is asked for less often, and seen a tenth later at most: asking costs more than looking at a flag. */
const waitedShare = 0.1
const pollIntervalMaxMs = 100

/**
 * Asks `condition` every 10 ms, later every 100 ms, until it holds. Gives true once it does, false when `timeoutMs` have passed.
 * Polling, because neither a file of another process nor the end of a process that is not our child can be awaited
 * on every platform.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const startedAt = performance.now()
  while (!(await condition())) {
    const waitedMs = performance.now() - startedAt
    if (waitedMs >= timeoutMs) return false
    await delay(Math.min(Math.max(pollIntervalMs, waitedMs * waitedShare), pollIntervalMaxMs))
  }
  return true
}
