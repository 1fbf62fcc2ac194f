import { Writable } from 'node:stream'
import pg from 'pg'
import { parserOf } from './postgres-types.ts'

/** Something statements can be run on: a pool (each statement on any connection) or a transaction. */
export interface Db {
  /**
   * Runs one statement. `values` are parameters, never spliced into the text. A `name` keeps the statement prepared on
   * its connection. Throws `DatabaseUnavailable` when the database is away, `pg.DatabaseError` when it refuses.
   */
  query<Row = Record<string, unknown>>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>>
}

export type Statement = string | { readonly name: string; readonly text: string }

export interface Rows<Row> {
  readonly rows: Row[]
  /** Rows that the statement returned or changed. */
  readonly rowCount: number
}

/** One connection between BEGIN and COMMIT. */
export interface Tx extends Db {
  readonly isTransaction: true
}

export interface PoolOptions {
  readonly url: string
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  /** PostgreSQL role to act as (`-c role=…`); default the login role. */
  readonly role?: string
  /** Connections at most; default 10. */
  readonly max?: number
  /** Time to wait for a connection; default 5,000. */
  readonly connectTimeoutMs?: number
  /**
   * A statement that runs longer is cancelled by the server; one that is not answered 2 s later, because nothing arrives
   * any more, loses its connection. Default 30,000; 0 = no limit.
   */
  readonly statementTimeoutMs?: number
  /** Statements issued without waiting for the one before are sent at once, saving round trips; default true. */
  readonly pipeline?: boolean
  /**
   * Statements with a name are planned once on a connection, whatever their parameters; default false: PostgreSQL plans
   * anew where it expects to gain by it, which costs more than a statement by keys itself.
   */
  readonly plansOnce?: boolean
  /** Told about connections that broke while idle; they are replaced without further ado. */
  readonly onConnectionLost?: (error: Error) => void
}

/** SQLSTATEs that our code reacts to. https://www.postgresql.org/docs/18/errcodes-appendix.html */
export const sqlState = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  notNullViolation: '23502',
  exclusionViolation: '23P01',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  insufficientPrivilege: '42501',
  duplicateObject: '42710',
  undefinedTable: '42P01',
  queryCanceled: '57014',
} as const

/**
 * Classes and codes that say "not now", nothing about the statement: connection exceptions, insufficient resources
 * (disk full, too many connections), the server going down or starting up, and a standby that takes no writes.
 */
const UNAVAILABLE_CLASSES = ['08', '53']
const UNAVAILABLE_CODES = new Set(['57P01', '57P02', '57P03', '57P04', '57014', '25006', '58030'])

/** How long after the server should have cancelled a statement its answer is waited for. */
const ANSWER_GRACE_MS = 2_000

/** The database could not be reached or cannot work at the moment. Nothing is known about a COMMIT it interrupts. */
export class DatabaseUnavailable extends Error {
  override name = 'DatabaseUnavailable'
}

/** The connection broke after COMMIT was sent: the transaction may or may not stand. */
export class CommitOutcomeUnknown extends DatabaseUnavailable {
  override name = 'CommitOutcomeUnknown'
}

/** The SQLSTATE of an error that the server raised. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** The name of the constraint that a row violated. */
export function constraintOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined
}

/** True when the database is away or refuses to work for now, so that the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return true
  const code = sqlStateOf(error)
  return code !== undefined && (UNAVAILABLE_CODES.has(code) || UNAVAILABLE_CLASSES.includes(code.slice(0, 2)))
}

/** A pool of connections. Opens none until asked, so that a process can start before its database. */
export function createPool(options: PoolOptions): Pool {
  return new Pool(options)
}

/** See `createPool`. Broken connections are dropped and replaced: when the database is back, so is the pool. */
export class Pool implements Db {
  readonly #pool: pg.Pool

  constructor(options: PoolOptions) {
    this.#pool = new pg.Pool({
      ...connectionConfig(options),
      max: options.max ?? 10,
      idleTimeoutMillis: 30_000,
    })
    // Without a listener an error on an idle connection, or on one just checked out, would end the process.
    this.#pool.on('error', (error) => options.onConnectionLost?.(error))
    this.#pool.on('connect', watchConnection)
  }

  async query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const connection = await this.connect()
    let failure: unknown
    try {
      return await connection.query<Row>(statement, values)
    } catch (error) {
      failure = error
      throw error
    } finally {
      connection.release(isUnavailable(failure))
    }
  }

  /** A connection of one's own; `release` it. Raises `DatabaseUnavailable`. */
  async connect(): Promise<Connection> {
    try {
      return new Connection(await this.#pool.connect())
    } catch (error) {
      throw new DatabaseUnavailable('no database connection', { cause: error })
    }
  }

  /** Connections open, idle and waited for. */
  get counts(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount }
  }

  /** Closes all connections once they are released. Safe to call again. */
  async end(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }
}

/** One connection, checked out of a pool. */
export class Connection implements Tx {
  readonly isTransaction = true
  readonly #client: pg.PoolClient

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const config = typeof statement === 'string' ? { text: statement } : { ...statement }
    try {
      const parameters = values as unknown[] // pg does not change them, but does not say so
      const result = await this.#client.query<pg.QueryResultRow>({ ...config, values: parameters })
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 } // the caller knows its statement
    } catch (error) {
      if (isReadTimeout(error)) broken.add(this.#client)
      if (!(error instanceof pg.DatabaseError) && broken.has(this.#client)) {
        throw new DatabaseUnavailable('database connection lost', { cause: error })
      }
      throw error
    }
  }

  /**
   * Sends what `issue` asks for, without awaiting in between, in one write to the socket. On a pipelined connection that
   * is one system call and one round trip for all of it.
   */
  together<T>(issue: () => T): T {
    const stream = streamOf(this.#client)
    stream?.cork()
    try {
      return issue()
    } finally {
      stream?.uncork()
    }
  }

  /** Ends the transaction. Raises `CommitOutcomeUnknown`, or an Error when a failed statement had aborted it already. */
  async commit(): Promise<void> {
    let command: string
    try {
      command = (await this.#client.query('COMMIT')).command
    } catch (error) {
      if (error instanceof pg.DatabaseError && !isUnavailable(error)) throw error
      broken.add(this.#client)
      throw new CommitOutcomeUnknown('connection lost during COMMIT', { cause: error })
    }
    // PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error(`COMMIT ended in ${command}: a failed statement was ignored`)
  }

  /** Gives the connection back; `drop` closes it instead. */
  release(drop = false): void {
    this.#client.release(drop || broken.has(this.#client))
  }
}

export interface TransactionOptions {
  /** Default 'read committed'. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  /** Default false. */
  readonly readOnly?: boolean
}

/**
 * Runs `work` between BEGIN and COMMIT on one connection. When it returns, the transaction is on disk; when it throws,
 * nothing of it stands, except for `CommitOutcomeUnknown`. Not retried: `work` may have had effects of its own.
 */
export async function transaction<T>(
  pool: Pool,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const connection = await pool.connect()
  let isClean = false
  try {
    // Not awaited: it travels with the first statement of `work`. Only a lost connection makes BEGIN fail.
    const begun = connection.query(beginStatement(options))
    begun.catch(() => {})
    const result = await work(connection)
    await begun
    await connection.commit()
    isClean = true
    return result
  } catch (error) {
    if (!isUnavailable(error)) {
      isClean = await connection.query('ROLLBACK').then(
        () => true,
        () => false,
      )
    }
    throw error
  } finally {
    connection.release(!isClean)
  }
}

/** Settings of a single connection outside any pool (LISTEN, migrations). */
export function connectionConfig(options: PoolOptions): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000
  const settings = [
    'TimeZone=UTC',
    'DateStyle=ISO',
    `statement_timeout=${statementTimeoutMs}`,
    'idle_in_transaction_session_timeout=60000',
    ...(options.plansOnce ? ['plan_cache_mode=force_generic_plan'] : []),
    ...(options.role === undefined ? [] : [`role=${options.role}`]),
  ]
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    types: { getTypeParser: parserOf },
    pipeline: options.pipeline ?? true,
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + ANSWER_GRACE_MS }),
  }
}

/** The socket of a connection. The types of `pg` leave it out; without it nothing is gathered, and all still works. */
function streamOf(client: pg.PoolClient): Writable | undefined {
  const connection: unknown = Reflect.get(client, 'connection')
  const stream: unknown =
    typeof connection === 'object' && connection !== null ? Reflect.get(connection, 'stream') : undefined
  return stream instanceof Writable ? stream : undefined
}

const broken = new WeakSet<object>()

/** How the library ends a statement after `query_timeout`, before the connection itself is gone. */
function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

function watchConnection(client: pg.PoolClient): void {
  const markBroken = () => broken.add(client)
  client.on('error', markBroken)
  client.on('end', markBroken)
}

function beginStatement({ isolation, readOnly }: TransactionOptions): string {
  let text = 'BEGIN'
  if (isolation !== undefined) text += ` ISOLATION LEVEL ${isolation.toUpperCase()}`
  return readOnly ? `${text} READ ONLY` : text
}
