import type { Environment } from '@pacspace/api/environment'
import type { RandomBytes } from '@pacspace/api/id'
import type { Clock } from '@pacspace/service/clock'
import { implementer } from '@pacspace/service/implement'
import type { Pool } from '@pacspace/service/postgres'
import type { AppendUnit, UnitOutcome } from './ledger/append-unit.ts'

/** What the api process of a data plane gives every handler. */
export interface DataPlaneContext {
  readonly environment: Environment
  /** For reads and small writes; appends have their own connections. */
  readonly db: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  /** Appends to the tenant's log; durable when it answers. */
  readonly append: (tenantNo: number, unit: AppendUnit) => Promise<UnitOutcome>
  /** Told that API keys changed, so that this process and, by NOTIFY, the others forget what they remember of them. */
  readonly onKeysChanged: () => void
}

export const implement = implementer<DataPlaneContext>()
