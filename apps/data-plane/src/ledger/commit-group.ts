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

/**
 * Rows of one INSERT statement. Each is sent as soon as it is planned: the database writes while this process hashes the
 * next. Smaller ones cost more statements than they gain.
 */
const SLICE_ROWS = 128

/** How groups of deltas are read for and decided: the facts, the decision in memory, the inserts. */
export function deltaSteps(
  context: CommitContext,
  tenantNo: number,
): GroupSteps<AppendUnit, GroupFacts, UnitOutcome> {
  return {
    read: (db, units) => {
      const remembered = context.memory.recallLast(tenantNo, customerIdsOf(units))
      return readGroupFacts(db, tenantNo, units, remembered)
    },
    decide: async (connection, log, createdAt, parts) => {
      const units = parts.flatMap((part) => part.units)
      const read = joinFacts(parts.map((part) => part.facts))
      const ends = await currentEnds(context, connection, tenantNo, log, customerIdsOf(units), read)
      const itemCount = units.reduce((count, unit) => count + unit.items.length, 0)
      const nonces = context.randomBytes(itemCount * RECORD_NONCE_BYTES)
      const planner = new GroupPlanner(log, { ...read, ends }, createdAt, nonces)
      const insert = new SlicedInsert(connection, tenantNo, log, planner.plan, newMark(context.randomBytes))
      const outcomes = units.map((unit) => {
        const outcome = planner.planUnit(unit)
        insert.sendWholeSlices()
        return outcome
      })
      return { outcomes, write: writeOf(context, tenantNo, log, planner.plan, insert) }
    },
  }
}

/** The rows of a growing plan on their way to the database, in order. The transaction ends well only if all of them do. */
class SlicedInsert {
  readonly appendMark: number
  readonly #connection: Connection
  readonly #tenantNo: number
  readonly #log: LockedLog
  readonly #plan: GroupPlan
  readonly #statements: Promise<void>[] = []
  #sentRows = 0
  #sentCustomers = 0

  constructor(connection: Connection, tenantNo: number, log: LockedLog, plan: GroupPlan, appendMark: number) {
    this.#connection = connection
    this.#tenantNo = tenantNo
    this.#log = log
    this.#plan = plan
    this.appendMark = appendMark
  }

  /** Sends what fills slices. */
  sendWholeSlices(): void {
    while (this.#plan.rows.length - this.#sentRows >= SLICE_ROWS) this.#send(this.#sentRows + SLICE_ROWS)
  }

  /** Sends what is left. Answers all statements. */
  sendRest(): readonly Promise<void>[] {
    if (this.#plan.rows.length > this.#sentRows) this.#send(this.#plan.rows.length)
    return this.#statements
  }

  #send(endRow: number): void {
    const rows = this.#plan.rows.slice(this.#sentRows, endRow)
    const [first] = rows
    if (first === undefined) throw new Error('a slice without rows')
    const endIndex = this.#log.size + endRow
    const customers = this.#plan.newCustomers.slice(this.#sentCustomers)
    const newCustomers = customers.filter(({ firstIndex }) => firstIndex < endIndex)
    this.#sentRows = endRow
    this.#sentCustomers += newCustomers.length
    const statement = this.#connection.together(() =>
      insertGroup(this.#connection, this.#tenantNo, {
        firstIndex: first.delta.logIndex,
        createdAt: first.delta.createdAt,
        columns: columnsOf(rows),
        newCustomers,
        appendMark: this.appendMark,
      }),
    )
    statement.catch(() => {}) // It is awaited with COMMIT, which it makes fail.
    this.#statements.push(statement)
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
  insert: SlicedInsert,
): GroupWrite | null {
  const first = plan.rows[0]?.delta
  if (first === undefined) return null
  return {
    rowCount: plan.rows.length,
    issue: (db) => {
      const rows = insert.sendRest()
      return plan.batches.length === 0 ? rows : [...rows, insertBatchRequests(db, tenantNo, plan.batches)]
    },
    isThere: async (db) => {
      const rows = await selectDeltasByIndex(db, tenantNo, [first.logIndex])
      return rows.some((row) => recordIdOf(row.log_index, row.record_nonce) === first.recordId)
    },
    remember: () => context.memory.store(tenantNo, log.append_mark, insert.appendMark, plan.ends),
  }
}

function customerIdsOf(units: readonly AppendUnit[]): Set<string> {
  const customerIds = new Set<string>()
  for (const unit of units) {
    for (const item of unit.items) if (!isRefused(item)) customerIds.add(item.customerId)
  }
  return customerIds
}
