import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startFaultProxy } from '@pacspace/testing/fault-proxy'
import { type TestDatabase, templateDatabase } from '@pacspace/testing/test-postgres'
import { withConnection } from './embedded-postgres/database.ts'
import {
  CommitOutcomeUnknown,
  constraintOf,
  createPool,
  DatabaseUnavailable,
  isUnavailable,
  type Pool,
  sqlState,
  sqlStateOf,
  transaction,
} from './postgres.ts'

const template = templateDatabase({
  name: 'service',
  migrate: (url) =>
    withConnection(url, (client) =>
      client.query('CREATE TABLE item (id int CONSTRAINT item_id PRIMARY KEY)'),
    ),
})

let database: TestDatabase
let pool: Pool
before(async () => {
  database = await template.createTestDatabase()
  pool = createPool({ url: database.url, applicationName: 'test', max: 4 })
})
after(async () => {
  await pool.end()
  await database.drop()
})

async function ids(): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM item ORDER BY id')
  return rows.map(({ id }) => id)
}

describe('values', () => {
  it('arrive exact: int8 as number, numeric as text, timestamptz as ISO UTC with milliseconds, bytea as bytes', async () => {
    const { rows } = await pool.query(`SELECT
      9007199254740991::int8 AS int8, 100000000.000000000100::numeric AS numeric, '2026-01-15 13:00:05.123987+01'::timestamptz AS at,
      '2026-01-15 12:00:05+00'::timestamptz AS whole, '\\xc0ffee'::bytea AS bytes, '2026-01-15'::date AS date, true AS flag,
      ARRAY[1, NULL, 2]::int8[] AS int8s, ARRAY['2026-01-15 12:00:05.1+00']::timestamptz[] AS times, ARRAY[1.50]::numeric[] AS numerics`)
    assert.deepEqual(rows, [
      {
        int8: Number.MAX_SAFE_INTEGER,
        numeric: '100000000.000000000100',
        at: '2026-01-15T12:00:05.123Z',
        whole: '2026-01-15T12:00:05.000Z',
        bytes: Buffer.from('c0ffee', 'hex'),
        date: '2026-01-15',
        flag: true,
        int8s: [1, null, 2],
        times: ['2026-01-15T12:00:05.100Z'],
        numerics: ['1.50'],
      },
    ])
  })

  it('an int8 that a number cannot hold is an error, not another number', async () => {
    await assert.rejects(pool.query('SELECT 9007199254740993::int8 AS n'), RangeError)
    assert.equal((await pool.query('SELECT 1')).rowCount, 1)
  })

  it('a named statement with array parameters', async () => {
    const statement = { name: 'double', text: 'SELECT n * 2 AS n FROM unnest($1::int[]) n' }
    for (let i = 0; i < 3; i++) {
      assert.deepEqual((await pool.query(statement, [[1, 2]])).rows, [{ n: 2 }, { n: 4 }])
    }
  })
})

describe('transactions', () => {
  it('commit what the work did and give its result', async () => {
    const result = await transaction(
      pool,
      async (tx) => (await tx.query('INSERT INTO item VALUES (1)')).rowCount,
    )
    assert.equal(result, 1)
    assert.deepEqual(await ids(), [1])
  })

  it('leave nothing behind when the work throws', async () => {
    const failure = new Error('no')
    const work = transaction(pool, async (tx) => {
      await tx.query('INSERT INTO item VALUES (2)')
      throw failure
    })
    await assert.rejects(work, failure)
    assert.deepEqual(await ids(), [1])
  })

  it('are refused at the end when a failed statement was swallowed: COMMIT would quietly roll back', async () => {
    const work = transaction(pool, async (tx) => {
      await tx.query('INSERT INTO item VALUES (3)')
      await tx.query('INSERT INTO item VALUES (1)').catch(() => {})
    })
    await assert.rejects(work, /COMMIT ended in ROLLBACK/)
    assert.deepEqual(await ids(), [1])
  })

  it('tell SQLSTATE and constraint of a refusal', async () => {
    const error = await pool.query('INSERT INTO item VALUES (1)').catch((reason) => reason)
    assert.equal(sqlStateOf(error), sqlState.uniqueViolation)
    assert.equal(constraintOf(error), 'item_id')
    assert.equal(isUnavailable(error), false)
  })

  it('take isolation and read-only', async () => {
    const level = await transaction(
      pool,
      async (tx) => {
        await assert.rejects(
          tx.query('INSERT INTO item VALUES (9)'),
          (error) => sqlStateOf(error) === '25006',
        )
        return 'refused'
      },
      { isolation: 'repeatable read', readOnly: true },
    ).catch((error: Error) => error.message)
    assert.match(level, /ROLLBACK/)
  })

  it('run side by side, statements of one in order', async () => {
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        transaction(pool, async (tx) => {
          const answers = await Promise.all(
            [1, 2, 3].map((n) => tx.query<{ n: number }>('SELECT $1::int AS n', [n * i])),
          )
          return answers.map(({ rows }) => rows[0]?.n)
        }),
      ),
    )
    assert.deepEqual(
      sums,
      Array.from({ length: 20 }, (_, i) => [i, 2 * i, 3 * i]),
    )
  })

  it('act under the role they were given', async () => {
    await withConnection(database.url, async (client) => {
      await client.query(
        'DO $$ BEGIN CREATE ROLE service_test_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
      )
      await client.query('GRANT SELECT ON item TO service_test_reader')
    })
    const reader = createPool({ url: database.url, applicationName: 'test', role: 'service_test_reader' })
    await reader.query('SELECT * FROM item')
    await assert.rejects(
      reader.query('DELETE FROM item'),
      (error) => sqlStateOf(error) === sqlState.insufficientPrivilege,
    )
    await reader.end()
  })
})

describe('R6 a database that goes away', () => {
  /** Ends every other connection to the database, as a failing server does. */
  async function cutConnections(): Promise<void> {
    await withConnection(database.url, (client) =>
      client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      ),
    )
  }

  it('idle connections that break are replaced; nothing crashes and the next statement works', async () => {
    const lost: Error[] = []
    const own = createPool({
      url: database.url,
      applicationName: 'test',
      onConnectionLost: (error) => lost.push(error),
    })
    await Promise.all([own.query('SELECT pg_sleep(0.01)'), own.query('SELECT pg_sleep(0.01)')])
    await cutConnections()
    while (own.counts.total > 0) await new Promise(setImmediate)
    assert.equal(lost.length, 2)
    assert.equal((await own.query('SELECT 1')).rowCount, 1)
    await own.end()
  })

  it('a statement that loses its connection is unavailable, and nothing of its transaction stands', async () => {
    const work = transaction(pool, async (tx) => {
      await tx.query('INSERT INTO item VALUES (4)')
      await cutConnections()
      await tx.query('SELECT 1')
    })
    await assert.rejects(work, isUnavailable)
    assert.deepEqual(await ids(), [1])
  })

  it('a connection lost before COMMIT is answered leaves the outcome unknown, and says so', async () => {
    const work = transaction(pool, async (tx) => {
      await tx.query('INSERT INTO item VALUES (5)')
      await cutConnections()
    })
    await assert.rejects(work, (error) => error instanceof CommitOutcomeUnknown && isUnavailable(error))
    assert.deepEqual(await ids(), [1])
  })

  it('nobody listening is unavailable', async () => {
    const nowhere = createPool({ url: 'postgres://x@127.0.0.1:1/x', applicationName: 'test' })
    await assert.rejects(nowhere.query('SELECT 1'), DatabaseUnavailable)
    await nowhere.end()
  })

  it('a pool that is exhausted for too long is unavailable', async () => {
    const small = createPool({ url: database.url, applicationName: 'test', max: 1, connectTimeoutMs: 50 })
    const held = await small.connect()
    await assert.rejects(small.query('SELECT 1'), DatabaseUnavailable)
    held.release()
    await small.query('SELECT 1')
    await small.end()
  })

  it('from which nothing arrives any more is given up, and replaced once it answers again', async () => {
    await using proxy = await startFaultProxy(database.url)
    const own = createPool({
      url: proxy.through(database.url),
      applicationName: 'test',
      max: 2,
      connectTimeoutMs: 300,
      statementTimeoutMs: 100,
    })
    const stuck = await own.connect()
    await stuck.query('BEGIN')
    await own.query('SELECT 1')
    proxy.setMode('stall')
    await Promise.all([
      assert.rejects(own.query('SELECT 1'), DatabaseUnavailable),
      assert.rejects(stuck.commit(), CommitOutcomeUnknown),
    ])
    stuck.release()
    await assert.rejects(own.query('SELECT 1'), DatabaseUnavailable)
    proxy.setMode('forward')
    assert.equal((await own.query('SELECT 1')).rowCount, 1)
    await own.end()
  })

  it('a statement that runs too long is cancelled by the server', async () => {
    const short = createPool({ url: database.url, applicationName: 'test', statementTimeoutMs: 20 })
    await assert.rejects(
      short.query('SELECT pg_sleep(10)'),
      (error) => sqlStateOf(error) === sqlState.queryCanceled,
    )
    await short.end()
  })
})
