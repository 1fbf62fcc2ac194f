import type { Environment } from '@pacspace/api/environment'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { Pool } from '@pacspace/service/postgres'
import { LRUCache } from 'lru-cache'
import { type LogEvent, readLogEvents } from './log-events.ts'

/** Entries that are rendered together: they share reads. */
export const RENDER_ENTRIES = 64
/** Stretches remembered: several endpoints of a tenant are sent the same events within moments. 64 events are 200 kB. */
const STRETCHES_MAX = 128
const STRETCH_TTL_MS = 10_000

/** Which events; null = all. */
export type WantedEvents = readonly WebhookEventType[] | null

/** Events of the log as they are sent, each rendered once for all endpoints that want it now. */
export class RenderedEvents {
  readonly #db: Pool
  readonly #environment: Environment
  readonly #cache = new LRUCache<string, Promise<readonly LogEvent[]>>({
    max: STRETCHES_MAX,
    ttl: STRETCH_TTL_MS,
  })

  constructor(db: Pool, environment: Environment) {
    this.#db = db
    this.#environment = environment
  }

  /** Where a stretch that begins at `from` ends, so that endpoints which are nearly level share stretches. */
  static endOf(from: number, verifiedSize: number): number {
    return Math.min(verifiedSize, (Math.floor(from / RENDER_ENTRIES) + 1) * RENDER_ENTRIES)
  }

  /** The wanted events of verified entries, `from` inclusive, `to` exclusive, in the order of the log. */
  read(tenantNo: number, from: number, to: number, wanted: WantedEvents): Promise<readonly LogEvent[]> {
    const key = `${tenantNo}/${from}/${to}/${wanted === null ? '*' : wanted.toSorted().join()}`
    const known = this.#cache.get(key)
    if (known !== undefined) return known
    const wants = (type: WebhookEventType) => wanted === null || wanted.includes(type)
    const reading = readLogEvents(this.#db, { tenantNo, environment: this.#environment, from, to, wants })
    this.#cache.set(key, reading)
    reading.catch(() => this.#cache.delete(key))
    return reading
  }

  /** The body of an event that was sent before. Throws when its entry tells no such event: ids are derived. */
  async bodyOf(
    tenantNo: number,
    of: { readonly event_id: string; readonly event: WebhookEventType; readonly log_index: number | null },
  ): Promise<string> {
    const from = of.log_index ?? 0
    const events = await this.read(tenantNo, from, from + 1, [of.event])
    const event = events.find(({ id }) => id === of.event_id)
    if (event === undefined) throw new Error(`entry ${from} of tenant ${tenantNo} tells no ${of.event_id}`)
    return event.body
  }
}
