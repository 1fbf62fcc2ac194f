import { Problem } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { CommitOutcomeUnknown, type Connection, type Db, isUnavailable } from '@pacspace/service/postgres'
import { type LockedLog, lockLog } from './append.sql.ts'
import type { Turn, UnitKind } from './append.ts'
import {
  admit,
  type CommitContext,
  commitWrite,
  type Decision,
  isDataError,
  rollback,
  settle,
} from './commit-under-lock.ts'

/** How groups of one kind are read for and decided. */
export interface GroupSteps<Unit, Facts, Outcome> {
  /**
   * Asks for what deciding these units needs. Runs under the log's lock, before anything is known of the log; issues its
   * first statements before it returns.
   */
  read(db: Db, units: readonly Unit[]): Promise<Facts>
  /** Decides the group, in the order of its parts. `createdAt`: the group's time. */
  decide(
    connection: Connection,
    log: LockedLog,
    createdAt: Timestamp,
    parts: readonly GroupPart<Unit, Facts>[],
  ): Promise<Decision<Outcome>>
}

/** Units that came together, and what was read for them. */
export interface GroupPart<Unit, Facts> {
  readonly units: readonly Unit[]
  readonly facts: Facts
}

/** The unit of a group that is always of one: of a kind whose `groupRowsMax` is 1. */
export function onlyUnit<Unit, Facts>(parts: readonly GroupPart<Unit, Facts>[]): Unit {
  const [unit, ...others] = parts.flatMap(({ units }) => units)
  if (unit === undefined || others.length > 0) throw new Error('a group of this kind is one unit')
  return unit
}

/** Turns in which one transaction on the log follows on the other, on one connection. */
export function groupTurns<Unit, Facts, Outcome>(
  context: CommitContext,
  stepsOf: (tenantNo: number) => GroupSteps<Unit, Facts, Outcome>,
): UnitKind<Unit, Outcome>['open'] {
  return (tenantNo) => new GroupTurn(context, tenantNo, stepsOf(tenantNo))
}

/** A transaction that waits for its lock, or has it. */
interface Asked<Unit, Facts> {
  readonly begun: Promise<unknown>
  readonly log: Promise<LockedLog | undefined>
  readonly parts: GroupPart<Unit, Promise<Facts>>[]
}

/**
 * One group after the other in transactions of their own: the lock and what is read under it travel together, then the
 * statements with COMMIT, and behind COMMIT the lock of the next group with what that one needs. Two round trips a group,
 * one where groups follow on each other. What was decided is told only when it is on disk.
 * A data error rolls the group back and halves it, so that only the culprit fails and strangers never notice. `commit`
 * raises what the state of the log refuses (CONTRACT_NOT_DEPLOYED, LOG_BEHIND_ANCHOR, CLOCK_UNSURE), SERVICE_UNAVAILABLE,
 * and what `decide` raises.
 */
class GroupTurn<Unit, Facts, Outcome> implements Turn<Unit, Outcome> {
  readonly #context: CommitContext
  readonly #tenantNo: number
  readonly #steps: GroupSteps<Unit, Facts, Outcome>
  #connection: Connection | undefined
  #asked: Asked<Unit, Facts> | undefined
  /** Prepared, but not asked for: there is no connection, or the halves of a group come first. */
  #held: Unit[] = []
  #isHalving = false

  constructor(context: CommitContext, tenantNo: number, steps: GroupSteps<Unit, Facts, Outcome>) {
    this.#context = context
    this.#tenantNo = tenantNo
    this.#steps = steps
  }

  prepare(units: readonly Unit[]): void {
    if (this.#connection === undefined || this.#isHalving) this.#held.push(...units)
    else this.#ask(this.#connection, units)
  }

  async commit(onSent: () => void, isWanted: readonly boolean[]): Promise<readonly (Outcome | Error)[]> {
    const held = this.#keepWanted(isWanted)
    if (held.length === 0 && this.#asked === undefined) return []
    const connection = await this.#connected()
    if (held.length > 0) this.#ask(connection, held)
    return this.#commitAsked(connection, onSent)
  }

  /** Forgets units that are not wanted any more; what was held and is, is to be asked for. What was asked for came first. */
  #keepWanted(isWanted: readonly boolean[]): readonly Unit[] {
    let position = 0
    const wantedOf = (units: readonly Unit[]) => units.filter(() => isWanted[position++] ?? true)
    const asked = this.#asked
    if (asked !== undefined && isWanted.includes(false)) {
      const parts = asked.parts.map(({ units, facts }) => ({ units: wantedOf(units), facts }))
      this.#asked = { ...asked, parts }
      // It has the lock, or waits for it, for nobody.
      if (parts.every(({ units }) => units.length === 0)) this.#giveUp()
    } else position = asked === undefined ? 0 : unitsOf(asked).length
    const held = wantedOf(this.#held)
    this.#held = []
    return held
  }

  #giveUp(): void {
    this.#asked = undefined
    this.#connection?.release(true)
    this.#connection = undefined
  }

  close(): void {
    this.#connection?.release(this.#asked !== undefined)
    this.#connection = undefined
  }

  async #connected(): Promise<Connection> {
    this.#connection ??= await this.#context.lanes.connect()
    return this.#connection
  }

  #ask(connection: Connection, units: readonly Unit[]): void {
    connection.together(() => {
      this.#asked ??= askForLock(connection, this.#tenantNo)
      const facts = this.#steps.read(connection, units)
      facts.catch(() => {}) // It is awaited later, or the lock has failed, which is awaited first.
      this.#asked.parts.push({ units, facts })
    })
  }

  async #commitAsked(connection: Connection, onSent: () => void): Promise<readonly (Outcome | Error)[]> {
    const asked = this.#asked
    if (asked === undefined) throw new Error('nothing was prepared')
    this.#asked = undefined
    const [context, tenantNo] = [this.#context, this.#tenantNo]
    let decision: Decision<Outcome> | undefined
    let isSent = false
    try {
      decision = await this.#decide(connection, asked)
      const { write, outcomes } = decision
      if (write === null) {
        await connection.query('rollback')
        return outcomes
      }
      await commitWrite(connection, write, () => {
        isSent = true
        onSent()
      })
      write.remember?.()
      context.onCommitted(tenantNo, write.rowCount)
      return outcomes
    } catch (error) {
      const write = decision?.write
      if (error instanceof CommitOutcomeUnknown && decision !== undefined && write != null) {
        // Not until the broken connection is given back: the outcome is looked for on another one of the same pool.
        this.#drop(connection)
        await settle(context, tenantNo, write)
        return decision.outcomes
      }
      // A transaction whose COMMIT was sent has ended, one way or the other.
      const isClean = !isUnavailable(error) && (isSent || (await rollback(connection)))
      if (!isClean) this.#drop(connection)
      const units = unitsOf(asked)
      if (!isClean || units.length === 1 || !isDataError(error)) throw error
      return this.#commitHalves(connection, units)
    }
  }

  async #decide(
    connection: Connection,
    { begun, log, parts }: Asked<Unit, Facts>,
  ): Promise<Decision<Outcome>> {
    const locked = await log
    await begun
    if (locked === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
    const createdAt = await admit(this.#context, this.#tenantNo, locked)
    const read: GroupPart<Unit, Facts>[] = []
    for (const { units, facts } of parts) read.push({ units, facts: await facts })
    return this.#steps.decide(connection, locked, createdAt, read)
  }

  /** What was prepared meanwhile has the lock, or waits for it: it gives way. */
  async #commitHalves(connection: Connection, units: readonly Unit[]): Promise<(Outcome | Error)[]> {
    const isOutermost = !this.#isHalving
    this.#isHalving = true
    const next = this.#asked
    this.#asked = undefined
    if (next !== undefined) {
      this.#held.unshift(...unitsOf(next))
      await rollback(connection)
    }
    const middle = units.length >> 1
    const outcomes: (Outcome | Error)[] = []
    for (const half of [units.slice(0, middle), units.slice(middle)]) {
      outcomes.push(...(await this.#commitHalf(half).catch((cause) => half.map(() => asError(cause)))))
    }
    if (isOutermost) this.#isHalving = false
    return outcomes
  }

  async #commitHalf(half: readonly Unit[]): Promise<readonly (Outcome | Error)[]> {
    const connection = await this.#connected()
    this.#ask(connection, half)
    return this.#commitAsked(connection, () => {})
  }

  /** The next commit, if it was prepared, asks again on another connection. */
  #drop(connection: Connection): void {
    const next = this.#asked
    this.#asked = undefined
    this.#connection = undefined
    if (next !== undefined) this.#held.unshift(...unitsOf(next))
    connection.release(true)
  }
}

function askForLock<Unit, Facts>(connection: Connection, tenantNo: number): Asked<Unit, Facts> {
  const begun = connection.query('begin')
  const log = lockLog(connection, tenantNo)
  // Both are awaited later, if the transaction before them ends well.
  begun.catch(() => {})
  log.catch(() => {})
  return { begun, log, parts: [] }
}

function unitsOf<Unit, Facts>({ parts }: Asked<Unit, Facts>): Unit[] {
  return parts.flatMap(({ units }) => units)
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error('commit failed', { cause })
}
