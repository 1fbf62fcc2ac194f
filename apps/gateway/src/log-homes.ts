import type { Environment } from '@pacspace/api/environment'

/** Logs whose plane is remembered; forgetting one costs a question to the other plane. */
const LOGS_MAX = 10_000

/** Which plane each public log was found in. A log never moves, so what was found once holds for good. */
export class LogHomes {
  readonly #homes = new Map<string, Environment>()

  /** The plane of the log that a path `/log/ID/…` names; undefined where it was not found yet. */
  homeOf(path: string): Environment | undefined {
    return this.#homes.get(logIdOf(path))
  }

  /** Notes that a plane answered for the log that a path names. Only an answer that proves it is there may be noted. */
  note(path: string, home: Environment): void {
    const logId = logIdOf(path)
    if (this.#homes.has(logId)) return
    const [oldest] = this.#homes.keys()
    if (this.#homes.size >= LOGS_MAX && oldest !== undefined) this.#homes.delete(oldest)
    this.#homes.set(logId, home)
  }
}

function logIdOf(path: string): string {
  return path.split('/', 3)[2] ?? ''
}
