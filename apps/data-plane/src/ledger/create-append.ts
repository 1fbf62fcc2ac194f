import { setTimeout as delay } from 'node:timers/promises'
import type { Environment } from '@pacspace/api/environment'
import type { RandomBytes } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import type { Clock } from '@pacspace/service/clock'
import type { Pool } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { type CutContext, checkpointKind, cutEntryKind } from '../checkpoints/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import { customerKind } from '../customers/front-door.ts'
import { factKind } from '../facts/front-door.ts'
import { Appender, type UnitKind } from './append.ts'
import type { AppendUnit, UnitOutcome } from './append-unit.ts'
import { deltaSteps } from './commit-group.ts'
import type { CommitContext } from './commit-under-lock.ts'
import { CustomerMemory } from './customer-memory.ts'
import { groupTurns } from './group-turn.ts'
import { selectLogState } from './read.sql.ts'

export interface AppendOptions {
  readonly environment: Environment
  /** Connections of its own, pipelined, one for each commit at once. */
  readonly lanes: Pool
  readonly laneCount: number
  readonly db: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly fileAnchor: Pick<FileAnchor, 'peek'>
  /** Default: of the default size. */
  readonly memory?: CustomerMemory
  /** Default: by timer. */
  readonly pause?: (ms: number) => Promise<void>
  /** How long anything waits for its commit to begin; default 10 s. */
  readonly waitMsMax?: number
  /** Told after each commit. */
  readonly onCommitted: () => void
}

/** The appends of an api process: queue, group commit, memory of customers. See `Appender`. */
export function createAppend(
  options: AppendOptions,
): Pick<DataPlaneContext, 'append' | 'appendFact' | 'takeCheckpoint' | 'createCustomer'> &
  Pick<CutContext, 'appendCutEntry'> {
  const { db, fileAnchor } = options
  const context: CommitContext = {
    lanes: options.lanes,
    clock: options.clock,
    randomBytes: options.randomBytes,
    memory: options.memory ?? new CustomerMemory(),
    pause: options.pause ?? ((ms: number) => delay(ms)),
    onCommitted: options.onCommitted,
    requireNotBehindAnchor: async (tenantNo, logSize) => {
      const log = await selectLogState(db, tenantNo)
      const anchored = log === undefined ? undefined : await fileAnchor.peek(log.log_id).catch(notNow)
      if (anchored === undefined || anchored.size <= logSize) return
      throw new Problem('LOG_BEHIND_ANCHOR', {
        internal: `tenant ${tenantNo}: log of ${logSize} entries, anchor of ${anchored.size}`,
      })
    },
  }
  const appender = new Appender(options.laneCount, options.waitMsMax)
  const deltas = deltaKind(context)
  const facts = factKind(context)
  const checkpoints = checkpointKind(context)
  const cutEntries = cutEntryKind(context)
  const customers = customerKind(context, options.environment)
  return {
    append: (tenantNo, unit) => appender.append(deltas, tenantNo, unit),
    appendFact: (tenantNo, unit) => appender.append(facts, tenantNo, unit),
    takeCheckpoint: (tenantNo, unit) => appender.append(checkpoints, tenantNo, unit),
    createCustomer: (tenantNo, unit) => appender.append(customers, tenantNo, unit),
    appendCutEntry: (tenantNo, unit) => appender.append(cutEntries, tenantNo, unit),
  }
}

/**
 * An anchor that cannot be read may be ahead of this database: what is appended then could belong to a fork. A process that
 * knows its log goes on without the anchor; one that has just started waits for it.
 */
function notNow(cause: unknown): never {
  throw new Problem('SERVICE_UNAVAILABLE', { internal: 'the anchor cannot be read', cause })
}

/** Deltas that one commit takes at most; one HTTP batch is never split. */
const GROUP_DELTAS_MAX = 2_000

function deltaKind(context: CommitContext): UnitKind<AppendUnit, UnitOutcome> {
  return {
    rowsOf: (unit) => unit.items.length,
    groupRowsMax: GROUP_DELTAS_MAX,
    open: groupTurns(context, (tenantNo) => deltaSteps(context, tenantNo)),
  }
}
