import { setTimeout as delay } from 'node:timers/promises'

import { Scrubber, type ScrubContext } from './scrubber.ts'

/** While new rows wait for their verification, old ones are walked at this part of the rate: never not at all. */
const BUSY_PART = 1 / 4
/** A page with few rows or none costs about as much as this many. */
const PAGE_ROWS_MIN = 50
/** A small plane is not walked without a break. */
const CYCLE_MS_MIN = 5_000

export interface ScrubLoopOptions {
  readonly rowsPerSecond: number
  /** Whether live verification has work. */
  readonly isBusy: () => boolean
}

export interface ScrubLoop {
  readonly scrubber: Scrubber
  /** Ends after the page in progress. */
  stop(): Promise<void>
}

/** Scrubs for ever at a set rate, behind live verification. */
export function startScrubLoop(context: ScrubContext, options: ScrubLoopOptions): ScrubLoop {
  const scrubber = new Scrubber(context)
  const stopping = new AbortController()
  const { signal } = stopping
  const pause = (ms: number) => delay(ms, undefined, { signal })
  const pace = (rows: number) => {
    const rate = options.rowsPerSecond * (options.isBusy() ? BUSY_PART : 1)
    return pause((Math.max(rows, PAGE_ROWS_MIN) / rate) * 1_000)
  }
  const run = async () => {
    while (!signal.aborted) {
      const endsMs = performance.now() + CYCLE_MS_MIN
      try {
        await scrubber.cycle(pace)
      } catch (error) {
        if (!signal.aborted) context.log.error({ err: error }, 'scrubbing failed')
      }
      // Aborted: the loop ends.
      await pause(Math.max(0, endsMs - performance.now())).catch(() => {})
    }
  }
  const done = run()
  return {
    scrubber,
    async stop() {
      stopping.abort()
      await done
    },
  }
}
