import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { ClusterError, type ClusterErrorCode } from './cluster-error.ts'
import { ensureDatabase, withConnection } from './database.ts'
import { freePort } from './free-port.ts'
import { isPostmaster } from './postmaster.ts'
import { createScratchFolder } from './scratch-folder.ts'
import { waitUntil } from './wait-until.ts'

const isRoot = process.getuid?.() === 0

let dir: string
let started: Cluster[]
/** A stopped cluster: copying it takes a fifth of the time of an initdb. */
let initialized: string

before(async () => {
  initialized = await createScratchFolder('pacspace-cluster-')
  await (await startCluster({ dir: initialized, superuser: 'pacspace', durability: 'test' })).stop()
})
after(() => rm(initialized, { recursive: true, force: true }))

beforeEach(async () => {
  dir = await createScratchFolder('pacspace-cluster-')
  started = []
})

afterEach(async () => {
  for (const cluster of started) await cluster.stop()
  await rm(dir, { recursive: true, force: true })
})

/** A cluster in the test's folder, stopped after it. Not durable unless the test is about durability. */
async function start(options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const cluster = await startCluster({ dir, superuser: 'pacspace', durability: 'test', ...options })
  started.push(cluster)
  return cluster
}

/** As root the copy belongs to root, as a restored backup does: the launcher gives it to the server's user. */
async function copyInitialized(): Promise<void> {
  await cp(initialized, dir, { recursive: true })
}

async function query(cluster: Cluster, sql: string): Promise<unknown[]> {
  const { rows } = await withConnection(cluster.url('postgres'), (client) => client.query(sql))
  return rows
}

async function setting(cluster: Cluster, name: string): Promise<string> {
  const rows = await withConnection(cluster.url('postgres'), (client) =>
    client.query('select current_setting($1) as value', [name]),
  )
  return rows.rows[0].value
}

function refusal(code: ClusterErrorCode, message = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof ClusterError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}

describe('a new cluster', () => {
  it('is durable, checksummed, UTF-8 and reachable only from this machine with its password', async () => {
    const cluster = await start({ durability: 'full' })
    const expected = {
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      server_encoding: 'UTF8',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      password_encryption: 'scram-sha-256',
      jit: 'off',
    }
    for (const [name, value] of Object.entries(expected))
      assert.equal(await setting(cluster, name), value, name)
    const [database] = await query(
      cluster,
      `select datlocprovider, datlocale from pg_database where datname = 'postgres'`,
    )
    assert.deepEqual(database, { datlocprovider: 'b', datlocale: 'C.UTF-8' })

    const withoutPassword = cluster.url('postgres').replace(/:[^:@]+@/, ':wrong@')
    await assert.rejects(
      withConnection(withoutPassword, async () => {}),
      { code: '28P01' },
    )
    assert.equal((await stat(join(dir, 'password'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(dir, 'data'))).mode & 0o777, 0o700)
  })

  it("a caller's settings win, and 'test' is the only durability without fsync", async () => {
    await copyInitialized()
    const cluster = await start({ settings: { max_connections: '17' } })
    assert.equal(await setting(cluster, 'max_connections'), '17')
    assert.equal(await setting(cluster, 'fsync'), 'off')
  })

  it('started three times at once is one cluster with one server', async () => {
    const clusters = await Promise.all([start(), start(), start()])
    assert.equal(new Set(clusters.map(({ pid }) => pid)).size, 1)
    assert.equal(new Set(clusters.map((cluster) => cluster.url('postgres'))).size, 1)
    assert.deepEqual((await readdir(dir)).sort(), ['data', 'password', 'server.log'])
  })

  it('a torn initdb is removed and done again', async () => {
    const torn = join(dir, `data.initdb-${await endedProcess()}-0a0b0c0d`)
    await mkdir(join(torn, 'base'), { recursive: true })
    await writeFile(join(torn, 'PG_VERSION'), '18\n')
    const cluster = await start()
    assert.deepEqual(await query(cluster, 'select 1 as one'), [{ one: 1 }])
    assert.equal(existsSync(torn), false)
  })

  it('as root the server is another user without any group of root', { skip: !isRoot }, async () => {
    await copyInitialized()
    const cluster = await start()
    const status = await readFile(`/proc/${cluster.pid}/status`, 'utf8')
    const ids = (name: string) =>
      status
        .match(new RegExp(`^${name}:(.*)$`, 'm'))?.[1]
        ?.trim()
        .split(/\s+/)
        .map(Number)
    const owner = await stat(join(dir, 'data'))
    assert.notEqual(owner.uid, 0)
    assert.deepEqual(ids('Uid'), Array(4).fill(owner.uid))
    assert.deepEqual(ids('Gid'), Array(4).fill(owner.gid))
    assert.match(status, /^Groups:\s*$/m)
    assert.equal((await stat(join(dir, 'password'))).uid, 0)
  })
})

describe('stop and start again', () => {
  beforeEach(copyInitialized)

  it('keeps what was committed, under the same password', async () => {
    const first = await start()
    await query(first, 'create table kept as select 7 as number')
    await first.stop()
    assert.equal(await isPostmaster(first.pid, join(dir, 'data')), false)
    const second = await start({ port: first.port })
    assert.equal(second.url('postgres'), first.url('postgres'))
    assert.deepEqual(await query(second, 'select number from kept'), [{ number: 7 }])
  })

  it('stop may be called twice and does not wait for an open transaction', async () => {
    const cluster = await start()
    await withConnection(cluster.url('postgres'), async (client) => {
      client.on('error', () => {}) // the shutdown ends this connection
      await client.query('begin')
      await client.query('create table never_committed ()')
      await Promise.all([cluster.stop(), cluster.stop(), cluster.exited()])
    })
    await cluster.stop()
    const again = await start()
    assert.deepEqual(await query(again, `select to_regclass('never_committed') as found`), [{ found: null }])
  })

  it('R1 kill -9 of the server loses nothing committed and keeps nothing uncommitted', async () => {
    const first = await start({ durability: 'full' })
    await query(first, 'create table delta (n int primary key)')
    const acknowledged = await insertUntilKilled(first)
    assert.ok(acknowledged.length > 0)
    const second = await start({ durability: 'full' })
    assert.notEqual(second.pid, first.pid)
    const found = (await query(second, 'select n from delta order by n')).map(
      (row) => (row as { n: number }).n,
    )
    // The last insert may have been committed without an answer; nothing else may differ.
    assert.deepEqual(found.slice(0, acknowledged.length), acknowledged)
    assert.ok(found.length <= acknowledged.length + 1)
  })

  it('a stale postmaster.pid is no obstacle, even if its number is a stranger of the same user', async () => {
    const first = await start()
    await query(first, 'create table kept as select 7 as number')
    const { uid, gid } = await stat(join(dir, 'data'))
    const pidFile = join(dir, 'data', 'postmaster.pid')
    await first.kill9()
    const stranger = spawn('sleep', ['1000'], { cwd: '/', ...(isRoot ? { uid, gid } : {}) })
    try {
      const lines = (await readFile(pidFile, 'utf8')).split('\n')
      await writeFile(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'))
      const second = await start()
      assert.deepEqual(await query(second, 'select number from kept'), [{ number: 7 }])
      assert.equal(stranger.exitCode ?? stranger.signalCode, null, 'the stranger was left alone')
    } finally {
      stranger.kill()
    }
  })
})

describe('a server left behind by a killed process', () => {
  beforeEach(copyInitialized)

  it('is adopted: same process, same port, same data', async () => {
    const orphan = await startInKilledProcess()
    const cluster = await start()
    assert.equal(cluster.adopted, true)
    assert.equal(cluster.pid, orphan.pid)
    assert.equal(cluster.port, orphan.port)
    assert.deepEqual(await query(cluster, 'select 1 as one'), [{ one: 1 }])
    await cluster.stop()
    assert.equal(await isPostmaster(orphan.pid, join(dir, 'data')), false)
  })

  it('is restarted when it runs with other settings', async () => {
    const orphan = await startInKilledProcess()
    const cluster = await start({ settings: { max_connections: '23' } })
    assert.equal(cluster.adopted, false)
    assert.notEqual(cluster.pid, orphan.pid)
    assert.equal(await setting(cluster, 'max_connections'), '23')
  })

  it('ends with that process when it is temporary, and so does its folder', async () => {
    const orphan = await startInKilledProcess({ temporary: true })
    const isGone = async () => !existsSync(dir) && !(await isPostmaster(orphan.pid, join(dir, 'data')))
    assert.ok(await waitUntil(isGone, 30_000))
  })
})

describe('refusals', () => {
  beforeEach(copyInitialized)

  it('PORT_TAKEN names the port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = (other.address() as { port: number }).port
    try {
      await assert.rejects(start({ port }), refusal('PORT_TAKEN', new RegExp(String(port))))
    } finally {
      other.close()
    }
  })

  it('START_FAILED shows the end of the server log, from before and after its own log is open', async () => {
    await assert.rejects(
      start({ settings: { shared_buffers: 'plenty' } }),
      refusal('START_FAILED', /shared_buffers.*plenty/),
    )
    await assert.rejects(
      start({ durability: 'full', settings: { listen_addresses: '192.0.2.1' } }),
      refusal('START_FAILED', /192\.0\.2\.1/),
    )
  })

  it('START_TIMED_OUT leaves no server behind', async () => {
    await assert.rejects(start({ startTimeoutMs: 0, port: await freePort() }), refusal('START_TIMED_OUT'))
    assert.equal((await start()).adopted, false)
  })

  it('DATA_NOT_A_CLUSTER never touches foreign files', async () => {
    await rm(join(dir, 'data', 'PG_VERSION'))
    await writeFile(join(dir, 'data', 'thesis.tex'), 'ten years')
    await assert.rejects(start(), refusal('DATA_NOT_A_CLUSTER'))
    assert.equal(await readFile(join(dir, 'data', 'thesis.tex'), 'utf8'), 'ten years')
  })

  it('DATA_VERSION_OTHER, PASSWORD_LOST and LOGIN_REFUSED, and no server runs after them', async () => {
    const [version, password] = [join(dir, 'data', 'PG_VERSION'), join(dir, 'password')]
    await writeFile(version, '17\n')
    await assert.rejects(start(), refusal('DATA_VERSION_OTHER', /17/))
    await writeFile(version, '18\n')

    await rename(password, `${password}.away`)
    await assert.rejects(start(), refusal('PASSWORD_LOST'))
    await writeFile(password, 'another')
    await assert.rejects(start(), refusal('LOGIN_REFUSED'))
    assert.equal(existsSync(join(dir, 'data', 'postmaster.pid')), false)
    await rename(`${password}.away`, password)
    await start()
  })
})

describe('ensureDatabase', () => {
  beforeEach(copyInitialized)

  it('creates a database once, however many ask at the same time', async () => {
    const cluster = await start()
    const created = await Promise.all(
      Array.from({ length: 6 }, () => ensureDatabase(cluster.url('postgres'), 'Plane "one"')),
    )
    assert.equal(created.filter(Boolean).length, 1)
    const answer = await withConnection(cluster.url('Plane "one"'), (client) =>
      client.query('select current_database() as name'),
    )
    assert.deepEqual(answer.rows, [{ name: 'Plane "one"' }])
  })
})

/** Inserts 0, 1, 2 … one commit each, until the server is killed. Gives the numbers whose commit was acknowledged. */
async function insertUntilKilled(cluster: Cluster): Promise<number[]> {
  const acknowledged: number[] = []
  let killed: Promise<void> | undefined
  await assert.rejects(
    withConnection(cluster.url('postgres'), async (client) => {
      client.on('error', () => {})
      for (let n = 0; ; n += 1) {
        await client.query('insert into delta values ($1)', [n])
        acknowledged.push(n)
        if (n === 200) killed = cluster.kill9()
      }
    }),
  )
  await killed
  return acknowledged
}

/** Starts the cluster in a process of its own, which then kills itself. */
async function startInKilledProcess(
  options: Partial<ClusterOptions> = {},
): Promise<{ pid: number; port: number }> {
  const all: ClusterOptions = { dir, superuser: 'pacspace', durability: 'test', ...options }
  const script = `
    import { startCluster } from ${JSON.stringify(import.meta.resolve('./cluster.ts'))}
    const { pid, port } = await startCluster(${JSON.stringify(all)})
    process.stdout.write(JSON.stringify({ pid, port }), () => process.kill(process.pid, 'SIGKILL'))
  `
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = await Promise.all([parent.stdout.setEncoding('utf8').toArray(), once(parent, 'exit')])
  assert.equal(parent.signalCode, 'SIGKILL')
  return JSON.parse(output.join(''))
}

/** The id of a process that existed and is gone. */
async function endedProcess(): Promise<number> {
  const child = spawn('true')
  await once(child, 'exit')
  assert.ok(child.pid)
  return child.pid
}
