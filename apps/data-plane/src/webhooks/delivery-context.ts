import type { Environment } from '@pacspace/api/environment'
import type { Clock } from '@pacspace/service/clock'
import type { Logger } from '@pacspace/service/log'
import type { Pool } from '@pacspace/service/postgres'
import type { Dispatcher } from 'undici'
import type { DeliverySlots } from './delivery-slots.ts'
import type { RenderedEvents } from './rendered-events.ts'
import type { TargetRules } from './target-rules.ts'

/** What the worker process gives those who deliver. */
export interface DeliveryContext {
  readonly db: Pool
  readonly environment: Environment
  readonly clock: Clock
  /** 0 ≤ x < 1; spreads retries. */
  readonly random: () => number
  readonly log: Logger
  /** Opens the endpoints' secrets; 32 bytes. */
  readonly webhookKey: Uint8Array
  /** Connections to receivers, guarded. */
  readonly dispatcher: Dispatcher
  readonly rules: TargetRules
  readonly rendered: RenderedEvents
  readonly slots: DeliverySlots
  /** Of this process; claims carry it. A UUID. */
  readonly workerId: string
  /** For one attempt; default `ATTEMPT_MS_MAX`. */
  readonly attemptMsMax?: number
}
