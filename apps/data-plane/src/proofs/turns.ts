import { Problem } from '@pacspace/api/problem'

/** Lets so many run at once; others wait for their turn, and beyond that are sent away. */
export class Turns {
  readonly #runningMax: number
  readonly #waitingMax: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax
    this.#waitingMax = waitingMax
  }

  /** Runs `work` when its turn comes, first come, first served. Raises SERVICE_UNAVAILABLE where too many wait. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#runningMax) this.#running++
    else await this.#wait()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next() // the place goes on to whoever waited longest
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      throw new Problem('SERVICE_UNAVAILABLE', { internal: 'too many wait for their turn' })
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
