import type { Permission } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import type { RandomBytes } from '@pacspace/api/id'
import type { Clock } from '@pacspace/service/clock'
import { implementer } from '@pacspace/service/implement'
import type { Pool } from '@pacspace/service/postgres'
import type { FileAnchor } from './anchors/front-door.ts'
import type { CheckpointOutcome, CheckpointUnit } from './checkpoints/front-door.ts'
import type { CustomerOutcome, CustomerUnit } from './customers/front-door.ts'
import type { FactOutcome, FactUnit } from './facts/front-door.ts'
import type { AppendUnit, UnitOutcome } from './ledger/append-unit.ts'
import type { StreamSlots } from './ledger/stream-slots.ts'
import type { VerifiedWatch } from './ledger/verified-watch.ts'
import type { RenderedEvents } from './webhooks/rendered-events.ts'
import type { Resolve, TargetRules } from './webhooks/target-rules.ts'

/** What the api process of a data plane gives every handler. */
export interface DataPlaneContext {
  readonly environment: Environment
  /** Base URL that people use, without a slash at its end; null where this plane was not told. */
  readonly publicUrl: string | null
  /** For reads and small writes; appends have their own connections. */
  readonly db: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Appends deltas to the tenant's log; durable when it answers. */
  readonly append: (tenantNo: number, unit: AppendUnit) => Promise<UnitOutcome>
  /** The file anchor, for reading. */
  readonly anchor: FileAnchor
  /** Knows when deltas are verified. */
  readonly watch: VerifiedWatch
  /** Open event streams, counted. */
  readonly streams: StreamSlots
  /** False once a key may no longer do something; asked again and again by answers that go on for long. */
  readonly mayStill: (key: string, permission: Permission) => Promise<boolean>
  /** Appends a fact to the tenant's log; durable when it answers. */
  readonly appendFact: (tenantNo: number, unit: FactUnit) => Promise<FactOutcome>
  /** Takes a checkpoint of the tenant's log as it stands; durable when it answers. */
  readonly takeCheckpoint: (tenantNo: number, unit: CheckpointUnit) => Promise<CheckpointOutcome>
  /** Creates a customer that has no delta yet; durable when it answers. */
  readonly createCustomer: (tenantNo: number, unit: CustomerUnit) => Promise<CustomerOutcome>
  /** Told that API keys changed, so that this process and, by NOTIFY, the others forget what they remember of them. */
  readonly onKeysChanged: () => void
  readonly webhooks: WebhookSettings
  /** Told that a delivery is due that no growth of the log announces. */
  readonly onDeliveryDue: () => void
}

/** What saving an endpoint and listening to events take. */
export interface WebhookSettings {
  /** Seals the endpoints' secrets; 32 bytes. */
  readonly key: Uint8Array
  readonly rules: TargetRules
  readonly resolve: Resolve
  readonly rendered: RenderedEvents
}

export const implement = implementer<DataPlaneContext>()
