import type { Connection } from '@pacspace/service/postgres'
import { insertBatchRequests, insertGroup, type LockedLog, selectDeltasByIndex } from './append.sql.ts'
import { type AppendUnit, isRefused, type UnitOutcome } from './append-unit.ts'
import { type CommitContext, type GroupWrite, newMark } from './commit-under-lock.ts'
import { type CustomerEnd, readCustomerEnds } from './customer-end.ts'
import { columnsOf } from './group-columns.ts'
import { type GroupFacts, joinFacts, readGroupFacts } from './group-facts.ts'
import type { GroupSteps } from './group-turn.ts'
import { type GroupPlan, GroupPlanner } from './plan-group.ts'
import { RECORD_NONCE_BYTES, recordIdOf } from './record-id.ts'

/** How groups of deltas are read for and decided: the facts, the decision in memory, one insert. */
export function deltaSteps(
  context: CommitContext,
  tenantNo: number,
): GroupSteps<AppendUnit, GroupFacts, UnitOutcome> {
  return {
    read: (db, units) =>
      readGroupFacts(db, tenantNo, units, context.memory.recallLast(tenantNo, customerIdsOf(units))),
    decide: async (connection, log, createdAt, parts) => {
      const units = parts.flatMap((part) => part.units)
      const read = joinFacts(parts.map((part) => part.facts))
      const ends = await currentEnds(context, connection, tenantNo, log, customerIdsOf(units), read)
      const itemCount = units.reduce((count, unit) => count + unit.items.length, 0)
      const nonces = context.randomBytes(itemCount * RECORD_NONCE_BYTES)
      const plan = new GroupPlanner(log, { ...read, ends }, createdAt, nonces).plan(units)
      return { outcomes: plan.outcomes, write: writeOf(context, tenantNo, log, plan) }
    },
  }
}

/**
 * Where the ledgers of these customers end. What was read under the lock is current; so is what this process remembers,
 * if the log still carries its mark. Whoever was remembered when the facts were asked for, and is not any more, is read now.
 */
async function currentEnds(
  context: CommitContext,
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  customerIds: ReadonlySet<string>,
  read: GroupFacts,
): Promise<ReadonlyMap<string, CustomerEnd>> {
  const ends = context.memory.recall(tenantNo, log.append_mark, customerIds)
  for (const [customerId, end] of read.ends) ends.set(customerId, end)
  const unread = [...customerIds].filter((id) => !ends.has(id) && !read.askedCustomers.has(id))
  if (unread.length === 0) return ends
  for (const [customerId, end] of await readCustomerEnds(connection, tenantNo, unread))
    ends.set(customerId, end)
  return ends
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
