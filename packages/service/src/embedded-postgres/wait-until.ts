import { setTimeout as delay } from 'node:timers/promises'

/** 10 ms: a start takes 40 ms, so a coarser interval would be most of it. */
const pollIntervalMs = 10

/**
 * Asks `condition` every 10 ms until it holds. Gives true once it does, false when `timeoutMs` have passed.
 * Polling, because neither a file of another process nor the end of a process that is not our child can be awaited
 * on every platform.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() >= deadline) return false
    await delay(pollIntervalMs)
  }
  return true
}
