import type { Clock } from '@pacspace/service/clock'

/** The real time, moved by an offset: a plane compares its clock with its database's, so a fake one must stay near it. */
export class OffsetClock implements Clock {
  /** Milliseconds ahead of the real time; negative for behind. */
  offsetMs = 0

  now(): number {
    return Date.now() + this.offsetMs
  }
}
