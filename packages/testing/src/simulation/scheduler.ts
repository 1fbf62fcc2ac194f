import type { SeededRandom } from '../seeded-random.ts'
import { pendingWebCrypto, watchWebCrypto } from './web-crypto-calls.ts'

/** Whoever takes steps: a process, or a client. Killed, it never hears of its steps again. */
export interface Actor {
  readonly name: string
  isAlive: boolean
}

/** Something an actor wants to do next. */
export interface Step {
  readonly actor: Actor
  /** For the trace and for faults. */
  readonly name: string
  /** Steps of one queue happen in the order in which they were asked for: a connection's. */
  readonly queue: object
  /** False while it would have to wait for another actor, as for a lock. */
  readonly isReady: () => boolean
  /** Does it and tells its actor. `fault`: what goes wrong, chosen by the run. */
  readonly perform: () => Promise<void>
}

/** Thrown when nobody can go on: a deadlock in the simulated system, or in the simulation. */
export class NobodyCanGoOn extends Error {
  override name = 'NobodyCanGoOn'
}

/** Turns of the event loop after which everything that a step set off has come to its next step. */
const TURNS = 2

/**
 * Runs many asynchronous actors one step at a time, in an order that a seed decides: real code, real waiting, no
 * concurrency. Everything that leaves an actor (a statement, a file operation, a pause) is a step; between steps nothing is
 * under way, so the same seed gives the same run.
 */
export class Scheduler {
  /** One line for each step. */
  readonly trace: string[] = []
  readonly #random: SeededRandom
  #waiting: Step[] = []

  constructor(random: SeededRandom) {
    watchWebCrypto()
    this.#random = random
  }

  /** Asks for a step; resolves with its result when its turn has come. Of a dead actor, never. */
  step<T>(
    actor: Actor,
    name: string,
    work: () => T | Promise<T>,
    options: { readonly queue?: object; readonly isReady?: () => boolean } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        actor,
        name,
        queue: options.queue ?? {},
        isReady: options.isReady ?? (() => true),
        perform: async () => {
          try {
            resolve(await work())
          } catch (error) {
            reject(error)
          }
        },
      })
    })
  }

  /** Steps until `isOver`; `between`: what else may happen before a step, such as a death. */
  async run(isOver: () => boolean, between: (next: Step) => Promise<void>): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) {
        await new Promise(setImmediate)
        // Its continuations need their turns as well.
        if (pendingWebCrypto() > 0) turn = -1
      }
      if (isOver()) return
      this.#waiting = this.#waiting.filter(({ actor }) => actor.isAlive)
      const next = this.#next()
      await between(next)
      if (!next.actor.isAlive || !this.#waiting.includes(next)) continue
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      this.trace.push(`${next.actor.name}: ${next.name}`)
      await next.perform()
    }
  }

  /** Takes the steps of a queue that were asked for behind the one that is being performed. */
  takeQueue(queue: object): Step[] {
    const taken = this.#waiting.filter((step) => step.queue === queue)
    this.#waiting = this.#waiting.filter((step) => step.queue !== queue)
    return taken
  }

  #next(): Step {
    const queues = new Set<object>()
    const ready: Step[] = []
    for (const step of this.#waiting) {
      const isFirst = !queues.has(step.queue)
      queues.add(step.queue)
      if (isFirst && step.isReady()) ready.push(step)
    }
    if (ready.length === 0) {
      const names = this.#waiting.map(({ actor, name }) => `${actor.name}: ${name}`)
      throw new NobodyCanGoOn(`waiting: ${names.join(', ') || 'nobody'}`)
    }
    return this.#random.pick(ready)
  }
}
