import type { Logger } from './log.ts'

/** After this the process ends whatever is still open (design.md §6). */
export const SHUTDOWN_MS_MAX = 10_000

/**
 * Ends the process on SIGTERM or SIGINT: runs `close` once, then exits with 0; with 1 when it throws or takes longer
 * than `SHUTDOWN_MS_MAX`. Gives the function that starts the same by hand.
 */
export function onShutdown(log: Logger, close: () => Promise<void>): (reason: string) => void {
  let started = false
  const shutDown = (reason: string) => {
    if (started) return
    started = true
    log.info({ reason }, 'shutting down')
    setTimeout(() => {
      log.error('shutdown took too long')
      process.exit(1)
    }, SHUTDOWN_MS_MAX).unref()
    close().then(
      () => {
        log.info('shut down')
        process.exit(0)
      },
      (error) => {
        log.error({ err: error }, 'shutdown failed')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => shutDown(signal))
  return shutDown
}
