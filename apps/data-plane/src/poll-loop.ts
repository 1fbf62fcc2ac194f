import { setTimeout as delay } from 'node:timers/promises'

/** Does `work` for ever: at once again while it found something to do, else every `pollMs`. */
export function startPollLoop(
  work: () => Promise<boolean>,
  pollMs: number,
  onError: (error: unknown) => void,
): { /** Ends after the round in progress. */ stop(): Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    while (!signal.aborted) {
      const isBusy = await work().catch((error) => {
        onError(error)
        return false
      })
      // Aborted: the loop ends.
      if (!isBusy) await delay(pollMs, undefined, { signal }).catch(() => {})
    }
  }
  const done = run()
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}
