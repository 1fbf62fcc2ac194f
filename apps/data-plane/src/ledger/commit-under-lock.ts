import type { RandomBytes } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import {
  CommitOutcomeUnknown,
  type Connection,
  type Db,
  type Pool,
  sqlStateOf,
} from '@pacspace/service/postgres'
import { type LockedLog, lockLog } from './append.sql.ts'
import { LedgerDamaged } from './customer-end.ts'
import type { CustomerMemory } from './customer-memory.ts'

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
  /** Waits before the outcome of a lost COMMIT is looked for again. */
  readonly pause: (ms: number) => Promise<void>
  /** Told after each commit, outside the transaction. */
  readonly onCommitted: (tenantNo: number, rowCount: number) => void
}

/** What a group came to under the lock. The outcomes may be told only after the commit. */
export interface Decision<Outcome> {
  /** One for each unit, in order. */
  readonly outcomes: readonly Outcome[]
  /** What is to be written; null where nothing is. */
  readonly write: GroupWrite | null
}

export interface GroupWrite {
  readonly rowCount: number
  /** Issues the statements without awaiting in between: they travel with COMMIT in one round trip. */
  issue(db: Db): readonly Promise<unknown>[]
  /** Whether the write stands. Asked under the log's lock, after COMMIT's answer was lost. */
  isThere(db: Db): Promise<boolean>
  /** The write stands: what this process may remember of it. */
  remember?(): void
}

/** Refuses what the state of the log refuses, and gives the group's time. */
export async function admit(context: CommitContext, tenantNo: number, log: LockedLog): Promise<Timestamp> {
  if (log.status !== 'active') throw new Problem('CONTRACT_NOT_DEPLOYED')
  if (log.blocked_code !== null) throw new Problem(log.blocked_code)
  if (!context.memory.isCurrent(tenantNo, log.append_mark)) {
    await context.requireNotBehindAnchor(tenantNo, log.size)
  }
  return timeOfGroup(log, context.clock.now())
}

/**
 * Statements and commit travel together, and behind them what `onSent` asks for. The commit decides: if its answer is
 * lost, the rows may stand although the statements' answers were lost too; if it was refused, the statement that failed
 * before says why.
 */
export async function commitWrite(
  connection: Connection,
  write: GroupWrite,
  onSent: () => void,
): Promise<void> {
  const issued = connection.together(() => {
    const statements = write.issue(connection)
    const commit = connection.commit()
    onSent()
    return [commit, ...statements]
  })
  const [commit, ...statements] = await Promise.allSettled(issued)
  if (commit === undefined || commit.status === 'fulfilled') return
  if (commit.reason instanceof CommitOutcomeUnknown) throw commit.reason
  for (const statement of statements) if (statement.status === 'rejected') throw statement.reason
  throw commit.reason
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
export async function settle(context: CommitContext, tenantNo: number, write: GroupWrite): Promise<void> {
  context.memory.forget(tenantNo)
  // Not by the clock of the day: it may be set meanwhile.
  const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS
  for (;;) {
    try {
      if (!(await isCommitted(context.lanes, tenantNo, write)))
        throw new Problem('SERVICE_UNAVAILABLE', { internal: 'the interrupted commit did not happen' })
      context.onCommitted(tenantNo, write.rowCount)
      return
    } catch (error) {
      if (error instanceof Problem) throw error
      if (performance.now() > deadlineMs) {
        throw new Problem('SERVICE_UNAVAILABLE', {
          internal: 'outcome of a commit not known in time',
          cause: error,
        })
      }
      await context.pause(SETTLE_PAUSE_MS)
    }
  }
}

async function isCommitted(lanes: Pool, tenantNo: number, write: GroupWrite): Promise<boolean> {
  const connection = await lanes.connect()
  let isClean = false
  try {
    await connection.query('begin')
    await lockLog(connection, tenantNo)
    const isThere = await write.isThere(connection)
    isClean = await rollback(connection)
    return isThere
  } finally {
    connection.release(!isClean)
  }
}

/** 48 random bits: fits a bigint column and a JavaScript number. */
export function newMark(randomBytes: RandomBytes): number {
  return randomBytes(6).reduce((mark, byte) => mark * 256 + byte, 0)
}

/** True where one unit of a group may be to blame, and not the database or the tenant's state. */
export function isDataError(error: unknown): boolean {
  if (error instanceof LedgerDamaged) return true
  return DATA_ERROR_CLASSES.includes(sqlStateOf(error)?.slice(0, 2) ?? '')
}

/** True where the connection can be used again. */
export async function rollback(connection: Connection): Promise<boolean> {
  return connection.query('rollback').then(
    () => true,
    () => false,
  )
}
