import type { RandomBytes } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import {
  CommitOutcomeUnknown,
  type Connection,
  isUnavailable,
  type Pool,
  sqlStateOf,
} from '@pacspace/service/postgres'
import {
  insertBatchRequests,
  insertGroup,
  type LockedLog,
  lockLog,
  selectDeltasByIndex,
} from './append.sql.ts'
import { type AppendUnit, isRefused, type UnitOutcome } from './append-unit.ts'
import { LedgerDamaged } from './customer-end.ts'
import type { CustomerMemory } from './customer-memory.ts'
import { columnsOf } from './group-columns.ts'
import { readGroupFacts } from './group-facts.ts'
import { type GroupPlan, GroupPlanner } from './plan-group.ts'
import { RECORD_NONCE_BYTES, recordIdOf } from './record-id.ts'

/** Furthest that two clocks, or a log and its clock, may be apart before times are no longer believed. */
const CLOCK_DIFFERENCE_MS_MAX = 60_000

/** How long the outcome of an interrupted COMMIT is looked for before the callers are told 503. */
const SETTLE_TIMEOUT_MS = 10_000
const SETTLE_PAUSE_MS = 100

/** SQLSTATE classes that speak of the data, not of the server: the culprit is looked for by halving the group. */
const DATA_ERROR_CLASSES = ['22', '23']

export interface CommitContext {
  readonly lanes: Pool
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly memory: CustomerMemory
  /** Refuses, by throwing, a log whose anchor is ahead of the database. Asked whenever memory of the log was void. */
  readonly requireNotBehindAnchor: (tenantNo: number, logSize: number) => Promise<void>
  /** Told after each commit, outside the transaction. */
  readonly onCommitted: (tenantNo: number, rowCount: number) => void
}

/**
 * Commits one group of a tenant in one transaction: the lock on the log, the facts, the decision in memory, one insert.
 * Four round trips at most. A data error rolls everything back and halves the group, so that only the culprit fails.
 */
export async function commitGroup(
  context: CommitContext,
  tenantNo: number,
  units: readonly AppendUnit[],
): Promise<readonly (UnitOutcome | Error)[]> {
  try {
    return await commitOnce(context, tenantNo, units)
  } catch (error) {
    if (units.length === 1 || !isDataError(error)) throw error
    const middle = units.length >> 1
    const halves: (UnitOutcome | Error)[] = []
    for (const half of [units.slice(0, middle), units.slice(middle)]) {
      halves.push(
        ...(await commitGroup(context, tenantNo, half).catch((failure) => half.map(() => asError(failure)))),
      )
    }
    return halves
  }
}

async function commitOnce(
  context: CommitContext,
  tenantNo: number,
  units: readonly AppendUnit[],
): Promise<readonly UnitOutcome[]> {
  try {
    return await tryCommit(context, tenantNo, units)
  } catch (error) {
    // Not until the broken connection is given back: the outcome is looked for on another one of the same pool.
    if (error instanceof Interrupted) return await settle(context, tenantNo, error.plan)
    throw error
  }
}

/** The answer to COMMIT was lost: the group that was planned may stand or not. */
class Interrupted extends Error {
  readonly plan: GroupPlan

  constructor(plan: GroupPlan, cause: unknown) {
    super('commit interrupted', { cause })
    this.plan = plan
  }
}

async function tryCommit(
  context: CommitContext,
  tenantNo: number,
  units: readonly AppendUnit[],
): Promise<readonly UnitOutcome[]> {
  const connection = await context.lanes.connect()
  let plan: GroupPlan | undefined
  let isClean = false
  try {
    const [begun, locked] = connection.together(() => [
      connection.query('begin'),
      lockLog(connection, tenantNo),
    ])
    begun.catch(() => {}) // If it fails, so does the lock, which is awaited.
    const log = await locked
    await begun
    if (log === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
    plan = await decide(context, connection, tenantNo, log, units)
    const mark = newMark(context.randomBytes)
    if (plan.rows.length > 0) await write(connection, tenantNo, log, plan, mark)
    else await connection.query('rollback')
    isClean = true
    if (plan.rows.length > 0) {
      context.memory.store(tenantNo, log.append_mark, mark, plan.ends)
      context.onCommitted(tenantNo, plan.rows.length)
    }
    return plan.outcomes
  } catch (error) {
    if (error instanceof CommitOutcomeUnknown && plan !== undefined) throw new Interrupted(plan, error)
    if (!isUnavailable(error)) isClean = await rollback(connection)
    throw error
  } finally {
    connection.release(!isClean)
  }
}

/**
 * Insert and commit travel together. The commit decides: if its answer is lost, the rows may stand although the insert's
 * answer was lost too; if it was refused, the statement that failed before says why.
 */
async function write(
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  plan: GroupPlan,
  appendMark: number,
): Promise<void> {
  const createdAt = plan.rows[0]?.delta.createdAt
  if (createdAt === undefined) throw new Error('a group without rows is not written')
  const [committed, inserted, keysKept] = connection.together(() => {
    const rows = insertGroup(connection, tenantNo, {
      firstIndex: log.size,
      createdAt,
      columns: columnsOf(plan.rows),
      newCustomers: plan.newCustomers,
      appendMark,
    })
    const keys =
      plan.batches.length === 0 ? undefined : insertBatchRequests(connection, tenantNo, plan.batches)
    return [connection.commit(), rows, keys]
  })
  const [commit, ...statements] = await Promise.allSettled([committed, inserted, keysKept])
  if (commit.status === 'fulfilled') return
  if (commit.reason instanceof CommitOutcomeUnknown) throw commit.reason
  for (const statement of statements) if (statement.status === 'rejected') throw statement.reason
  throw commit.reason
}

async function decide(
  context: CommitContext,
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  units: readonly AppendUnit[],
): Promise<GroupPlan> {
  if (log.status !== 'active') throw new Problem('CONTRACT_NOT_DEPLOYED')
  if (log.blocked_code !== null) throw new Problem(log.blocked_code)
  if (!context.memory.isCurrent(tenantNo, log.append_mark)) {
    await context.requireNotBehindAnchor(tenantNo, log.size)
  }
  const createdAt = timeOfGroup(log, context.clock.now())
  const known = context.memory.recall(tenantNo, log.append_mark, customerIdsOf(units))
  const facts = await connection.together(() => readGroupFacts(connection, tenantNo, units, known))
  const itemCount = units.reduce((count, unit) => count + unit.items.length, 0)
  const nonces = context.randomBytes(itemCount * RECORD_NONCE_BYTES)
  return new GroupPlanner(log, facts, createdAt, nonces).plan(units)
}

/**
 * The time of a group: the database's clock, but never before the log's last time. Raises CLOCK_UNSURE where clocks
 * differ so much that a month could be wrong.
 */
export function timeOfGroup(
  log: Pick<LockedLog, 'database_now' | 'last_created_at'>,
  processNowMs: number,
): Timestamp {
  const databaseMs = epochMsOf(log.database_now)
  const lastMs = epochMsOf(log.last_created_at)
  const differenceMs = Math.abs(databaseMs - processNowMs)
  if (differenceMs > CLOCK_DIFFERENCE_MS_MAX || lastMs - databaseMs > CLOCK_DIFFERENCE_MS_MAX) {
    throw new Problem('CLOCK_UNSURE', {
      retryAfterSeconds: 5,
      internal: `process ${timestampOf(processNowMs)}, database ${log.database_now}, log ${log.last_created_at}`,
    })
  }
  return timestampOf(Math.max(databaseMs, lastMs))
}

/**
 * The answer to COMMIT was lost. Reconnects and takes the log's lock, which waits for the old transaction to end one
 * way or the other; then the rows are there or they are not, for good. Raises SERVICE_UNAVAILABLE where that cannot be
 * found out in time: the callers retry with their keys.
 */
async function settle(
  context: CommitContext,
  tenantNo: number,
  plan: GroupPlan,
): Promise<readonly UnitOutcome[]> {
  context.memory.forget(tenantNo)
  // Not by the clock of the day: it may be set meanwhile.
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS
  const first = plan.rows[0]?.delta
  if (first === undefined) throw new Error('a group without rows was committed')
  for (;;) {
    try {
      const isThere = await isCommitted(context.lanes, tenantNo, first.logIndex, first.recordId)
      if (!isThere)
        throw new Problem('SERVICE_UNAVAILABLE', { internal: 'the interrupted commit did not happen' })
      context.onCommitted(tenantNo, plan.rows.length)
      return plan.outcomes
    } catch (error) {
      if (error instanceof Problem) throw error
      if (performance.now() > deadlineMs) {
        throw new Problem('SERVICE_UNAVAILABLE', {
          internal: 'outcome of a commit not known in time',
          cause: error,
        })
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE_MS))
    }
  }
}

async function isCommitted(
  lanes: Pool,
  tenantNo: number,
  logIndex: number,
  recordId: string,
): Promise<boolean> {
  const connection = await lanes.connect()
  let isClean = false
  try {
    await connection.query('begin')
    await lockLog(connection, tenantNo)
    const rows = await selectDeltasByIndex(connection, tenantNo, [logIndex])
    isClean = await rollback(connection)
    return rows.some((row) => recordIdOf(row.log_index, row.record_nonce) === recordId)
  } finally {
    connection.release(!isClean)
  }
}

function customerIdsOf(units: readonly AppendUnit[]): Set<string> {
  const customerIds = new Set<string>()
  for (const unit of units) {
    for (const item of unit.items) if (!isRefused(item)) customerIds.add(item.customerId)
  }
  return customerIds
}

/** 48 random bits: fits a bigint column and a JavaScript number. */
function newMark(randomBytes: RandomBytes): number {
  return randomBytes(6).reduce((mark, byte) => mark * 256 + byte, 0)
}

/** True where one unit of a group may be to blame, and not the database or the tenant's state. */
function isDataError(error: unknown): boolean {
  if (error instanceof LedgerDamaged) return true
  return DATA_ERROR_CLASSES.includes(sqlStateOf(error)?.slice(0, 2) ?? '')
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error('commit failed', { cause: failure })
}

async function rollback(connection: Connection): Promise<boolean> {
  return connection.query('rollback').then(
    () => true,
    () => false,
  )
}
