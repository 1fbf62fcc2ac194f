import { setTimeout as delay } from 'node:timers/promises'
import { timestampOf } from '@pacspace/api/timestamp'
import { claimEndpoints, disableFailing, renewClaims, selectLag } from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { DeliverySession, LEASE_MS } from './delivery-session.ts'
import { FAILING_MS_MAX } from './retry-schedule.ts'
import { tellFailures } from './tell-failures.ts'

/** The guarantee; being woken only makes it faster. */
const POLL_MS = 200
/** Rounds start at least this far apart. */
const PACE_MS = 15
/** Endpoints that a worker delivers to at once, and that one round claims. */
const SESSIONS_MAX = 2_000
const CLAIMS_MAX = 128
const RENEW_EVERY_MS = LEASE_MS / 3
/** What is looked for rarely: endpoints that failed for days, damaged deltas. */
const CHORES_EVERY_MS = 1_000
/** Attempts under way get this long at shutdown; what they came to is kept if they end in time. */
const DRAIN_MS_MAX = 8_000

export interface DeliveryLoop {
  /** Something was verified, or is due. */
  wake(): void
  /** Verified entries that the endpoint furthest behind has yet to be sent, a second ago. */
  readonly lagEntries: number
  /** Starts no attempt more, waits for those under way, and gives the claims back. */
  stop(): Promise<void>
}

/**
 * Delivers every endpoint's events, on and on. Any number of workers may: an endpoint belongs to whoever claimed it, and a
 * claim that is not renewed ends. One endpoint's trouble is its own: each has a session with a limit of its own.
 */
export function startDeliveryLoop(context: DeliveryContext): DeliveryLoop {
  const sessions = new Sessions(context)
  const stopping = new AbortController()
  let isWoken = false
  let lagEntries = 0
  let wake: (() => void) | undefined
  const round = async (lastChoresMs: number): Promise<number> => {
    const isTimeForChores = performance.now() - lastChoresMs >= CHORES_EVERY_MS
    if (isTimeForChores) {
      await doChores(context)
      lagEntries = await selectLag(context.db)
    }
    sessions.noteMore(isTimeForChores)
    if (await sessions.claim()) isWoken = true
    return isTimeForChores ? performance.now() : lastChoresMs
  }
  const run = async () => {
    let choresMs = Number.NEGATIVE_INFINITY
    while (!stopping.signal.aborted) {
      isWoken = false
      await delay(PACE_MS)
      choresMs = await round(choresMs).catch((error: unknown) => {
        context.log.warn({ err: error }, 'webhook round failed')
        return choresMs
      })
      if (isWoken || stopping.signal.aborted) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = undefined
    }
  }
  const renewal = setInterval(() => void sessions.renew(), RENEW_EVERY_MS)
  const done = run()
  const rouse = () => {
    isWoken = true
    wake?.()
  }
  return {
    wake: rouse,
    get lagEntries() {
      return lagEntries
    },
    async stop() {
      stopping.abort()
      rouse()
      await done
      await sessions.end()
      clearInterval(renewal)
    },
  }
}

/** One round as a test wants it: everything that is due now is sent, and kept, when it resolves. */
export async function deliverDue(context: DeliveryContext): Promise<void> {
  const sessions = new Sessions(context)
  await doChores(context)
  while (await sessions.claim()) await sessions.allEnded()
}

async function doChores(context: DeliveryContext): Promise<void> {
  const { db, clock } = context
  const nowMs = clock.now()
  await disableFailing(db, timestampOf(nowMs - FAILING_MS_MAX), timestampOf(nowMs))
  await tellFailures(context)
}

/** The endpoints that this worker has claimed. */
class Sessions {
  readonly #context: DeliveryContext
  readonly #running = new Map<DeliverySession, Promise<void>>()

  constructor(context: DeliveryContext) {
    this.#context = context
  }

  /** Claims what waits and begins to deliver to it. True when anything was claimed. */
  async claim(): Promise<boolean> {
    const { db, clock, workerId, log } = this.#context
    const limit = Math.min(CLAIMS_MAX, SESSIONS_MAX - this.#running.size)
    if (limit <= 0) return false
    const now = timestampOf(clock.now())
    const claims = await claimEndpoints(db, { workerId, leaseMs: LEASE_MS, now, limit })
    for (const claim of claims) {
      const session = new DeliverySession(this.#context, claim)
      const ended = session
        .run()
        .catch((error: unknown) => log.error({ err: error, ...claim }, 'webhook session broke'))
        .finally(() => this.#running.delete(session))
      this.#running.set(session, ended)
    }
    return claims.length > 0
  }

  /** Tells sessions that there may be more; those whose receivers are in trouble only when `all` are told. */
  noteMore(all: boolean): void {
    for (const session of this.#running.keys()) if (all || !session.isFailing) session.noteMore()
  }

  async renew(): Promise<void> {
    const { db, workerId, log } = this.#context
    if (this.#running.size === 0) return
    await renewClaims(db, workerId, LEASE_MS).catch((error: unknown) =>
      log.warn({ err: error }, 'webhook claims could not be renewed'),
    )
  }

  async allEnded(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  async end(): Promise<void> {
    for (const session of this.#running.keys()) session.end()
    await Promise.race([this.allEnded(), delay(DRAIN_MS_MAX, undefined, { ref: false })])
  }
}
