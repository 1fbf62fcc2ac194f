import type { Timestamp } from '@pacspace/api/timestamp'
import type { Connection } from '@pacspace/service/postgres'
import { insertBatchRequests, insertGroup, type LockedLog, selectDeltasByIndex } from './append.sql.ts'
import { type AppendUnit, isRefused, type UnitOutcome } from './append-unit.ts'
import {
  type CommitContext,
  commitHalving,
  commitUnderLock,
  type Decision,
  type GroupWrite,
  newMark,
} from './commit-under-lock.ts'
import { columnsOf } from './group-columns.ts'
import { readGroupFacts } from './group-facts.ts'
import { type GroupPlan, GroupPlanner } from './plan-group.ts'
import { RECORD_NONCE_BYTES, recordIdOf } from './record-id.ts'

/**
 * Commits one group of deltas of a tenant in one transaction: the lock on the log, the facts, the decision in memory, one
 * insert. A data error rolls everything back and halves the group, so that only the culprit fails.
 */
export async function commitGroup(
  context: CommitContext,
  tenantNo: number,
  units: readonly AppendUnit[],
): Promise<readonly (UnitOutcome | Error)[]> {
  return commitHalving(units, (some) =>
    commitUnderLock(context, tenantNo, (connection, log, createdAt) =>
      decide(context, connection, tenantNo, log, createdAt, some),
    ),
  )
}

async function decide(
  context: CommitContext,
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  createdAt: Timestamp,
  units: readonly AppendUnit[],
): Promise<Decision<UnitOutcome>> {
  const known = context.memory.recall(tenantNo, log.append_mark, customerIdsOf(units))
  const facts = await connection.together(() => readGroupFacts(connection, tenantNo, units, known))
  const itemCount = units.reduce((count, unit) => count + unit.items.length, 0)
  const nonces = context.randomBytes(itemCount * RECORD_NONCE_BYTES)
  const plan = new GroupPlanner(log, facts, createdAt, nonces).plan(units)
  return { outcomes: plan.outcomes, write: writeOf(context, tenantNo, log, plan) }
}

function writeOf(
  context: CommitContext,
  tenantNo: number,
  log: LockedLog,
  plan: GroupPlan,
): GroupWrite | null {
  const first = plan.rows[0]?.delta
  if (first === undefined) return null
  const appendMark = newMark(context.randomBytes)
  return {
    rowCount: plan.rows.length,
    issue: (db) => {
      const rows = insertGroup(db, tenantNo, {
        firstIndex: log.size,
        createdAt: first.createdAt,
        columns: columnsOf(plan.rows),
        newCustomers: plan.newCustomers,
        appendMark,
      })
      return plan.batches.length === 0 ? [rows] : [rows, insertBatchRequests(db, tenantNo, plan.batches)]
    },
    isThere: async (db) => {
      const rows = await selectDeltasByIndex(db, tenantNo, [first.logIndex])
      return rows.some((row) => recordIdOf(row.log_index, row.record_nonce) === first.recordId)
    },
    remember: () => context.memory.store(tenantNo, log.append_mark, appendMark, plan.ends),
  }
}

function customerIdsOf(units: readonly AppendUnit[]): Set<string> {
  const customerIds = new Set<string>()
  for (const unit of units) {
    for (const item of unit.items) if (!isRefused(item)) customerIds.add(item.customerId)
  }
  return customerIds
}
