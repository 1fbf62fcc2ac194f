import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { withConnection } from '@pacspace/service/embedded-postgres/database'
import {
  startTestCluster,
  type TestCluster,
  templateDatabase,
  testPostgresUrlVariable,
} from './test-postgres.ts'

const migrate = (url: string) =>
  withConnection(url, (client) => client.query('create table note (text text)'))

async function rows(url: string, sql: string): Promise<unknown[]> {
  return (await withConnection(url, (client) => client.query(sql))).rows
}

describe('templateDatabase in a shared cluster', () => {
  let cluster: TestCluster
  const inherited = process.env[testPostgresUrlVariable]

  before(async () => {
    cluster = await startTestCluster()
    process.env[testPostgresUrlVariable] = cluster.url
  })
  after(async () => {
    if (inherited === undefined) delete process.env[testPostgresUrlVariable]
    else process.env[testPostgresUrlVariable] = inherited
    await cluster.stop()
  })

  it('gives each caller a database of its own with the schema of the template', async () => {
    const notes = templateDatabase({ name: 'notes', migrate })
    await using one = await notes.createTestDatabase()
    await using other = await notes.createTestDatabase()
    await rows(one.url, `insert into note values ('only here')`)
    assert.deepEqual(await rows(one.url, 'select text from note'), [{ text: 'only here' }])
    assert.deepEqual(await rows(other.url, 'select text from note'), [])
  })

  it('migrates once, however many ask at the same time', async () => {
    let migrations = 0
    const countingMigrate = async (url: string) => {
      migrations += 1
      await migrate(url)
    }
    // Separate templates of one name stand for separate test processes: they share nothing but the cluster.
    const asked = await Promise.all(
      Array.from({ length: 8 }, () =>
        templateDatabase({ name: 'once', migrate: countingMigrate }).createTestDatabase(),
      ),
    )
    assert.equal(migrations, 1)
    assert.equal(new Set(asked.map(({ url }) => url)).size, 8)
    await Promise.all(asked.map((database) => database.drop()))
  })

  it('a migration that fails leaves no template, and the next one starts from an empty database', async () => {
    const torn = templateDatabase({
      name: 'torn',
      migrate: async (url) => {
        await migrate(url)
        throw new Error('killed half way')
      },
    })
    await assert.rejects(torn.createTestDatabase(), /killed half way/)
    const whole = templateDatabase({ name: 'torn', migrate })
    await using database = await whole.createTestDatabase()
    assert.deepEqual(await rows(database.url, 'select count(*)::int from note'), [{ count: 0 }])
  })

  it('another version is another template', async () => {
    const first = templateDatabase({ name: 'versions', version: '1', migrate: async () => {} })
    const second = templateDatabase({
      name: 'versions',
      version: '2',
      migrate,
    })
    await using old = await first.createTestDatabase()
    await using current = await second.createTestDatabase()
    assert.deepEqual(await rows(old.url, `select to_regclass('note') as found`), [{ found: null }])
    assert.deepEqual(await rows(current.url, `select to_regclass('note') as found`), [{ found: 'note' }])
  })

  it('drop removes the database although somebody is still connected, and may be called twice', async () => {
    const database = await templateDatabase({ name: 'drop', migrate: async () => {} }).createTestDatabase()
    const name = new URL(database.url).pathname.slice(1)
    await withConnection(database.url, async (client) => {
      client.on('error', () => {}) // the server ends this connection, which is the point
      await database.drop()
      await database.drop()
    })
    assert.deepEqual(await rows(cluster.url, `select 1 from pg_database where datname = '${name}'`), [])
  })
})

describe('templateDatabase without a shared cluster', () => {
  const script = `
    const { templateDatabase } = await import(${JSON.stringify(import.meta.resolve('./test-postgres.ts'))})
    const { withConnection } = await import('@pacspace/service/embedded-postgres/database')
    const database = await templateDatabase({ name: 'alone', migrate: async () => {} }).createTestDatabase()
    const folder = await withConnection(database.url, (client) => client.query('show data_directory'))
    console.log(folder.rows[0].data_directory)
  `

  it('the cluster a test file starts for itself is gone when the file has ended', async () => {
    const { output, code } = await run(`${script}; await database.drop()`)
    assert.equal(code, 0)
    assert.match(output, /\/data\n$/)
    assert.equal(existsSync(output.trim()), false)
  })

  it('PostgreSQL of a test file that was killed with -9 ends, and its folder goes', async () => {
    const { output } = await run(`${script}; process.kill(process.pid, 'SIGKILL')`)
    assert.match(output, /\/data\n$/)
    await gone(output.trim())
  })
})

async function run(script: string): Promise<{ output: string; code: number | null }> {
  const { [testPostgresUrlVariable]: _, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ])
  return { output: output.join(''), code }
}

async function gone(path: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (existsSync(path)) {
    assert.ok(Date.now() < deadline, `${path} is still there`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
