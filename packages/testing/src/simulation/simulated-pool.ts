import {
  CommitOutcomeUnknown,
  Connection,
  DatabaseUnavailable,
  Pool,
  type Rows,
  type Statement,
} from '@pacspace/service/postgres'
import pg from 'pg'
import type { SeededRandom } from '../seeded-random.ts'
import type { Actor, Scheduler } from './scheduler.ts'

/** What goes wrong with a statement. */
export type StatementFault =
  /** The connection is lost before the statement reaches the server. */
  | 'lost before'
  /** The server executes it, and what was sent behind it perhaps; nobody hears of it. */
  | 'lost after'
  /** The server refuses it for now, and says so. */
  | 'refused'

/** A statement that a transaction ran, with its parameters. */
export interface RanStatement {
  readonly name: string
  readonly values: readonly unknown[]
  readonly rowCount: number
}

/** How one database is simulated for one run. */
export interface SimulatedDatabaseOptions {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  /** Chooses what goes wrong with a statement; undefined for nothing. */
  readonly faultFor: (actor: Actor, name: string) => StatementFault | undefined
  /** The statement that waits for other transactions, until they end: those that ran it too. */
  readonly lockingStatement: string
  /** Other statements that wait for a row, by name: for transactions that ran one of these and got a row. Default: none. */
  readonly waitsFor?: Readonly<Record<string, readonly string[]>>
  /** Run before the locking statement, on its connection. */
  readonly beforeLock: (connection: Connection) => Promise<unknown>
  /** Told of each transaction that was committed, whether its client knows or not. */
  readonly onCommitted: (actor: Actor, statements: readonly RanStatement[]) => void
  /** Mutations: change what a statement answers, or what becomes of COMMIT. */
  readonly mutate?: {
    readonly answerOf?: (name: string, rows: Rows<unknown>) => Rows<unknown>
    readonly takesLostCommitForSuccess?: boolean
  }
}

/** Real connections of one role, handed to one simulated connection at a time and clean in between. */
export class RealConnections {
  readonly #free: Connection[]

  constructor(connections: readonly Connection[]) {
    this.#free = [...connections]
  }

  get isEmpty(): boolean {
    return this.#free.length === 0
  }

  take(): Connection {
    const connection = this.#free.shift()
    if (connection === undefined) throw new Error('no real connection is free')
    return connection
  }

  give(connection: Connection): void {
    this.#free.push(connection)
  }
}

/** State that the simulated connections of one run share. */
export class SimulatedDatabase {
  readonly options: SimulatedDatabaseOptions
  /** Who holds the lock that the locking statement waits for. */
  lockHolder: SimulatedConnection | undefined
  readonly #open = new Set<SimulatedConnection>()

  constructor(options: SimulatedDatabaseOptions) {
    this.options = options
  }

  opened(connection: SimulatedConnection): void {
    this.#open.add(connection)
  }

  /** Whether a transaction of another connection holds a row that the statement waits for. */
  mustWait(name: string, asking: SimulatedConnection): boolean {
    const holding = this.options.waitsFor?.[name]
    return holding !== undefined && this.isHeld(holding, asking)
  }

  /** Whether an open transaction, of another connection than `asking`, ran one of the statements and got a row. */
  isHeld(statements: readonly string[], asking?: SimulatedConnection): boolean {
    for (const one of this.#open)
      if (one !== asking && statements.some((name) => one.holds(name))) return true
    return false
  }

  closed(connection: SimulatedConnection): void {
    this.#open.delete(connection)
  }

  /** Ends every connection that is left. */
  async endAll(): Promise<void> {
    for (const connection of [...this.#open]) await connection.end()
  }

  /** The server notices that a process died: its transactions are rolled back. */
  async died(actor: Actor): Promise<void> {
    for (const connection of [...this.#open]) if (connection.actor === actor) await connection.end()
  }
}

/** A pool of one actor. Only `connect` and `query` may be used. */
export class SimulatedPool extends Pool {
  readonly #database: SimulatedDatabase
  readonly #actor: Actor
  readonly #real: RealConnections
  readonly #max: number
  #count = 0

  constructor(database: SimulatedDatabase, actor: Actor, real: RealConnections, max: number) {
    super({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: actor.name })
    this.#database = database
    this.#actor = actor
    this.#real = real
    this.#max = max
  }

  override async connect(): Promise<Connection> {
    const { scheduler, faultFor } = this.#database.options
    const isReady = () => this.#count < this.#max && !this.#real.isEmpty
    return scheduler.step(
      this.#actor,
      'connect',
      () => {
        if (faultFor(this.#actor, 'connect') !== undefined)
          throw new DatabaseUnavailable('no database connection')
        this.#count++
        const onEnd = (real: Connection) => {
          this.#count--
          this.#real.give(real)
        }
        return new SimulatedConnection(this.#database, this.#actor, this.#real.take(), onEnd)
      },
      { isReady },
    )
  }
}

/** A connection whose every statement is a step. Lost, it rolls back at once, as a server does that notices. */
export class SimulatedConnection extends Connection {
  readonly actor: Actor
  readonly #database: SimulatedDatabase
  #real: Connection | undefined
  readonly #onEnd: (real: Connection) => void
  #ran: RanStatement[] = []
  #isInTransaction = false
  /** BEGIN that the server has not been sent: it goes with the first statement, before which it means nothing. */
  #begin: Statement | undefined
  /** A statement failed: the server refuses all others until the transaction ends. */
  #isAborted = false
  #isLost = false
  /** What the server answers is lost on the way. */
  #isDeaf = false

  constructor(
    database: SimulatedDatabase,
    actor: Actor,
    real: Connection,
    onEnd: (real: Connection) => void,
  ) {
    super(undefined as never) // every method is overridden
    this.#database = database
    this.actor = actor
    this.#real = real
    this.#onEnd = onEnd
    database.opened(this)
  }

  override query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const name = nameOf(statement)
    const { lockingStatement } = this.#database.options
    const isReady = () => {
      const { lockHolder } = this.#database
      const isLocked = name === lockingStatement && lockHolder !== undefined && lockHolder !== this
      return !isLocked && !this.#database.mustWait(name, this)
    }
    return this.#step(name, () => this.#run<Row>(name, statement, values), isReady)
  }

  /** Whether the open transaction ran this statement and got a row, which it keeps locked. */
  holds(name: string): boolean {
    return this.#isInTransaction && this.#ran.some((ran) => ran.name === name && ran.rowCount > 0)
  }

  override together<T>(issue: () => T): T {
    return issue()
  }

  override commit(): Promise<void> {
    return this.#step('COMMIT', async () => {
      const isAborted = this.#isAborted
      await this.#finish(isAborted ? 'rollback' : 'commit')
      if (isAborted) throw new Error('COMMIT ended in ROLLBACK: a failed statement was ignored')
    }).catch((error) => {
      if (!(error instanceof DatabaseUnavailable)) throw error
      if (this.#database.options.mutate?.takesLostCommitForSuccess) return
      throw new CommitOutcomeUnknown('connection lost during COMMIT', { cause: error })
    })
  }

  override release(drop = false): void {
    if (this.#real === undefined) return
    if (!drop && !this.#isLost && !this.#isInTransaction) {
      this.#giveBack()
      return
    }
    // Closed: the server rolls back, in its turn.
    void this.#database.options.scheduler.step(this.actor, 'close', () => this.end(), { queue: this })
  }

  /** The end of the connection, however it came. */
  async end(): Promise<void> {
    this.#isLost = true
    if (this.#isInTransaction) await this.#finish('rollback')
    this.#giveBack()
  }

  #giveBack(): void {
    const real = this.#real
    if (real === undefined) return
    this.#real = undefined
    this.#database.closed(this)
    this.#onEnd(real)
  }

  #step<T>(name: string, work: () => Promise<T>, isReady = () => true): Promise<T> {
    const { scheduler, faultFor } = this.#database.options
    const perform = async () => {
      if (this.#isLost) throw new DatabaseUnavailable('database connection lost')
      const fault = this.#isDeaf ? undefined : faultFor(this.actor, name)
      if (fault === 'lost before') await this.#lose()
      if (fault === 'refused' && !NEVER_REFUSED.test(name)) this.#refuse()
      const result = await work()
      if (this.#isDeaf) throw new DatabaseUnavailable('database connection lost')
      if (fault === 'lost after') await this.#loseBehind()
      return result
    }
    return scheduler.step(this.actor, name, perform, { queue: this, isReady })
  }

  async #lose(): Promise<never> {
    await this.#sever()
    throw new DatabaseUnavailable('database connection lost')
  }

  /** What was sent behind the statement may be executed as well, unheard, before the server notices. */
  async #loseBehind(): Promise<never> {
    const { scheduler, random } = this.#database.options
    const behind = scheduler.takeQueue(this)
    const executed = random.integer(behind.length + 1)
    this.#isDeaf = true
    for (const [index, step] of behind.entries()) {
      if (index === executed || !step.isReady()) await this.#sever()
      await step.perform()
    }
    return this.#lose()
  }

  async #sever(): Promise<void> {
    this.#isLost = true
    if (this.#isInTransaction) await this.#finish('rollback')
  }

  #refuse(): never {
    if (this.#isInTransaction) this.#isAborted = true
    const error = new pg.DatabaseError('canceling statement due to statement timeout', 0, 'error')
    error.code = '57014'
    throw error
  }

  async #run<Row>(name: string, statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const real = this.#real
    if (real === undefined) throw new Error(`${name} on a connection that was given back`)
    const text = typeof statement === 'string' ? statement.toLowerCase() : ''
    if (text === 'rollback') {
      await this.#finish('rollback')
      return { rows: [], rowCount: 0 }
    }
    if (this.#isAborted) {
      const error = new pg.DatabaseError('current transaction is aborted', 0, 'error')
      error.code = '25P02'
      throw error
    }
    if (text.startsWith('begin')) {
      this.#isInTransaction = true
      this.#begin = statement
      return { rows: [], rowCount: 0 }
    }
    const { mutate } = this.#database.options
    try {
      const rows = await inTime(name, this.#issue<Row>(real, name, statement, values))
      this.#ran.push({ name, values: values ?? [], rowCount: rows.rowCount })
      return (mutate?.answerOf?.(name, rows) ?? rows) as Rows<Row> // same statement, same row
    } catch (error) {
      this.#isAborted = this.#isInTransaction
      throw error
    }
  }

  /** Sends a statement, and in the same write what has to come before it. */
  async #issue<Row>(
    real: Connection,
    name: string,
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<Rows<Row>> {
    const { lockingStatement, beforeLock } = this.#database.options
    const begin = this.#begin
    this.#begin = undefined
    if (name === lockingStatement) this.#database.lockHolder = this
    const sent = real.together(() => ({
      before: [
        begin === undefined ? undefined : real.query(begin),
        name === lockingStatement ? beforeLock(real) : undefined,
      ],
      rows: real.query<Row>(statement, values),
    }))
    const [rows] = await Promise.all([sent.rows, ...sent.before])
    return rows
  }

  async #finish(how: 'commit' | 'rollback'): Promise<void> {
    const ran = this.#ran.splice(0)
    const isBegun = this.#isInTransaction && this.#begin === undefined
    this.#isInTransaction = false
    this.#isAborted = false
    this.#begin = undefined
    if (isBegun) await this.#real?.query(how)
    if (this.#database.lockHolder === this) this.#database.lockHolder = undefined
    if (how === 'commit') this.#database.options.onCommitted(this.actor, ran)
  }
}

/** Longer than any statement takes that waits for nobody. */
const STATEMENT_MS_MAX = 5_000

/** Only statements that are known to may wait for other transactions: all others would wait for ever, since only one runs. */
async function inTime<T>(name: string, query: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} waits for another transaction`)), STATEMENT_MS_MAX)
  })
  try {
    return await Promise.race([query, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Statements that do nothing which could be refused. */
const NEVER_REFUSED = /^(begin|commit|rollback|close)/i

function nameOf(statement: Statement): string {
  return typeof statement === 'string' ? statement : statement.name
}
