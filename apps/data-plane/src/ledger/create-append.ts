import type { RandomBytes } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import type { Clock } from '@pacspace/service/clock'
import type { Pool } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import { Appender } from './append.ts'
import { commitGroup } from './commit-group.ts'
import { CustomerMemory } from './customer-memory.ts'
import { selectLogState } from './read.sql.ts'

export interface AppendOptions {
  /** Connections of its own, pipelined, one for each commit at once. */
  readonly lanes: Pool
  readonly laneCount: number
  readonly db: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly fileAnchor: Pick<FileAnchor, 'peek'>
  /** Told after each commit. */
  readonly onCommitted: () => void
}

/** The append of an api process: queue, group commit, memory of customers. See `Appender`. */
export function createAppend(options: AppendOptions): DataPlaneContext['append'] {
  const { db, fileAnchor } = options
  const context = {
    lanes: options.lanes,
    clock: options.clock,
    randomBytes: options.randomBytes,
    memory: new CustomerMemory(),
    onCommitted: options.onCommitted,
    requireNotBehindAnchor: async (tenantNo: number, logSize: number) => {
      const log = await selectLogState(db, tenantNo)
      const anchored = log === undefined ? undefined : await fileAnchor.peek(log.log_id)
      if (anchored === undefined || anchored.size <= logSize) return
      throw new Problem('LOG_BEHIND_ANCHOR', {
        internal: `tenant ${tenantNo}: log of ${logSize} entries, anchor of ${anchored.size}`,
      })
    },
  }
  const appender = new Appender((tenantNo, units) => commitGroup(context, tenantNo, units), options.laneCount)
  return (tenantNo, unit) => appender.append(tenantNo, unit)
}
