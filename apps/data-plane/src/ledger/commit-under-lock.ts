import type { RandomBytes } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import {
  CommitOutcomeUnknown,
  type Connection,
  type Db,
  isUnavailable,
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

/** Decides a group under the log's lock. `createdAt`: the group's time. */
export type Decide<Outcome> = (
  db: Connection,
  log: LockedLog,
  createdAt: Timestamp,
) => Promise<Decision<Outcome>>

/**
 * One transaction on a tenant's log: the lock, the decision, the statements with COMMIT. Four round trips at most. When it
 * answers, what was decided is on disk; when it throws, nothing of it was told to anybody. Raises what the state of the
 * log refuses (CONTRACT_NOT_DEPLOYED, LOG_BEHIND_ANCHOR, CLOCK_UNSURE), SERVICE_UNAVAILABLE, and what `decide` raises.
 */
export async function commitUnderLock<Outcome>(
  context: CommitContext,
  tenantNo: number,
  decide: Decide<Outcome>,
): Promise<readonly Outcome[]> {
  const attempt = await tryCommit(context, tenantNo, decide)
  // Not until the broken connection is given back: the outcome is looked for on another one of the same pool.
  if (attempt.isInterrupted) await settle(context, tenantNo, attempt.write)
  return attempt.outcomes
}

/** `isInterrupted`: the answer to COMMIT was lost; what was decided may stand or not. */
type Attempt<Outcome> =
  | { readonly isInterrupted: false; readonly outcomes: readonly Outcome[] }
  | { readonly isInterrupted: true; readonly outcomes: readonly Outcome[]; readonly write: GroupWrite }

async function tryCommit<Outcome>(
  context: CommitContext,
  tenantNo: number,
  decide: Decide<Outcome>,
): Promise<Attempt<Outcome>> {
  const connection = await context.lanes.connect()
  let decision: Decision<Outcome> | undefined
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
    decision = await decide(connection, log, await admit(context, tenantNo, log))
    const { outcomes, write } = decision
    if (write === null) await connection.query('rollback')
    else await commitWrite(connection, write)
    isClean = true
    if (write !== null) {
      write.remember?.()
      context.onCommitted(tenantNo, write.rowCount)
    }
    return { isInterrupted: false, outcomes }
  } catch (error) {
    const write = decision?.write
    if (error instanceof CommitOutcomeUnknown && decision !== undefined && write != null) {
      return { isInterrupted: true, outcomes: decision.outcomes, write }
    }
    if (!isUnavailable(error)) isClean = await rollback(connection)
    throw error
  } finally {
    connection.release(!isClean)
  }
}

/** Refuses what the state of the log refuses, and gives the group's time. */
async function admit(context: CommitContext, tenantNo: number, log: LockedLog): Promise<Timestamp> {
  if (log.status !== 'active') throw new Problem('CONTRACT_NOT_DEPLOYED')
  if (log.blocked_code !== null) throw new Problem(log.blocked_code)
  if (!context.memory.isCurrent(tenantNo, log.append_mark)) {
    await context.requireNotBehindAnchor(tenantNo, log.size)
  }
  return timeOfGroup(log, context.clock.now())
}

/**
 * Statements and commit travel together. The commit decides: if its answer is lost, the rows may stand although the
 * statements' answers were lost too; if it was refused, the statement that failed before says why.
 */
async function commitWrite(connection: Connection, write: GroupWrite): Promise<void> {
  const issued = connection.together(() => {
    const statements = write.issue(connection)
    return [connection.commit(), ...statements]
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
async function settle(context: CommitContext, tenantNo: number, write: GroupWrite): Promise<void> {
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

/**
 * Commits a group; where its data is refused, halves it, so that only the culprit fails and strangers never notice.
 * Answers one outcome for each unit, or an error for those that could not be committed.
 */
export async function commitHalving<Unit, Outcome>(
  units: readonly Unit[],
  commit: (units: readonly Unit[]) => Promise<readonly Outcome[]>,
): Promise<readonly (Outcome | Error)[]> {
  try {
    return await commit(units)
  } catch (error) {
    if (units.length === 1 || !isDataError(error)) throw error
    const middle = units.length >> 1
    const halves: (Outcome | Error)[] = []
    for (const half of [units.slice(0, middle), units.slice(middle)]) {
      halves.push(...(await commitHalving(half, commit).catch((failure) => half.map(() => asError(failure)))))
    }
    return halves
  }
}

/** 48 random bits: fits a bigint column and a JavaScript number. */
export function newMark(randomBytes: RandomBytes): number {
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
