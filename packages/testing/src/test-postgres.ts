import { hash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { withConnection } from '@pacspace/service/embedded-postgres/database'
import { createScratchFolder } from '@pacspace/service/embedded-postgres/scratch-folder'
import { type Client, escapeIdentifier } from 'pg'

/** Set by the test runner to the URL of the cluster that all test files of the run share. */
export const testPostgresUrlVariable = 'PACSPACE_TEST_POSTGRES_URL'

/** Serialises the making of templates in one cluster: migrations may create roles, which belong to the cluster. */
const templateLock = 0x70_61_63_74

export interface TestCluster {
  /** superuser, database `postgres` */
  url: string
  stop(): Promise<void>
}

export interface TemplateOptions {
  /** names the schema: lower-case letters and digits, such as `ledger` */
  name: string
  /** brings the empty database at `url` to the schema, and closes its connections */
  migrate(url: string): Promise<unknown>
  /** changes whenever `migrate` would give another schema; needed only where a cluster outlives a run */
  version?: string
}

export interface TemplateDatabase {
  /** A new database with the template's schema and rows. Drop it when done. */
  createTestDatabase(): Promise<TestDatabase>
}

export interface TestDatabase extends AsyncDisposable {
  url: string
  /** Drops the database and whatever is connected to it. Safe to call again. */
  drop(): Promise<void>
}

/**
 * Starts a PostgreSQL cluster for tests, in a temporary folder: fsync off, 400 connections. It is gone after
 * `stop()`, and also when this process ends without it.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const dir = await createScratchFolder('pacspace-test-')
  const cluster = await startCluster({
    dir,
    superuser: 'postgres',
    durability: 'test',
    temporary: true,
    settings: { max_connections: '400', max_wal_size: '256MB' },
  })
  return {
    url: cluster.url('postgres'),
    async stop() {
      await cluster.stop()
      await rm(cluster.home, { recursive: true, force: true })
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/**
 * A template that test databases are cloned from instead of migrated each. It is made at the first use,
 * once per cluster, name and version, whichever test file comes first. The cluster is the one that the test runner
 * shares by `PACSPACE_TEST_POSTGRES_URL`; without it (`node --test one-file`) this process starts its own.
 */
export function templateDatabase(options: TemplateOptions): TemplateDatabase {
  const template = templateName(options)
  let made: Promise<void> | undefined
  let count = 0
  return {
    async createTestDatabase() {
      const cluster = await clusterUrl()
      made ??= makeTemplate(cluster, template, options.migrate)
      await made
      count += 1
      const name = `test_${options.name}_${process.pid}_${count}_${randomBytes(4).toString('hex')}`
      await cloneDatabase(cluster, name, template)
      const drop = () => dropDatabase(cluster, name)
      return { url: databaseUrl(cluster, name), drop, [Symbol.asyncDispose]: drop }
    },
  }
}

function templateName({ name, version = '' }: TemplateOptions): string {
  if (!/^[a-z0-9_]{1,20}$/.test(name))
    throw new Error(`a template name is a short lower-case word, not ${name}`)
  return `template_${name}_${hash('sha256', version).slice(0, 12)}`
}

let ownCluster: Promise<TestCluster> | undefined

async function clusterUrl(): Promise<string> {
  const shared = process.env[testPostgresUrlVariable]
  if (shared !== undefined && shared !== '') return shared
  ownCluster ??= startOwnCluster()
  return (await ownCluster).url
}

/** Stopped when nothing is left to do, and not when the last database is dropped: the next test needs it again. */
async function startOwnCluster(): Promise<TestCluster> {
  const cluster = await startTestCluster()
  process.once('beforeExit', () => cluster.stop())
  return cluster
}

/** Under the lock; migrated under another name, so that a database with the template's name is complete. */
async function makeTemplate(
  cluster: string,
  template: string,
  migrate: TemplateOptions['migrate'],
): Promise<void> {
  await withConnection(cluster, async (client) => {
    await client.query('select pg_advisory_lock($1)', [templateLock]) // held until the connection ends
    const found = await client.query('select 1 from pg_database where datname = $1', [template])
    if (found.rowCount !== 0) return

    const unfinished = `${template}_unfinished`
    await client.query(`drop database if exists ${escapeIdentifier(unfinished)} with (force)`)
    await client.query(`create database ${escapeIdentifier(unfinished)}`)
    await migrate(databaseUrl(cluster, unfinished))
    await disconnectAll(client, unfinished)
    await client.query(
      `alter database ${escapeIdentifier(unfinished)} rename to ${escapeIdentifier(template)}`,
    )
  })
}

/** A database can be renamed only while nobody is connected; a backend ends a moment after its client has left. */
async function disconnectAll(client: Client, database: string): Promise<void> {
  await client.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    [database],
  )
}

async function cloneDatabase(cluster: string, name: string, template: string): Promise<void> {
  await withConnection(cluster, (client) =>
    client.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`),
  )
}

async function dropDatabase(cluster: string, name: string): Promise<void> {
  await withConnection(cluster, (client) =>
    client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`),
  )
}

function databaseUrl(cluster: string, database: string): string {
  const url = new URL(cluster)
  url.pathname = `/${database}`
  return url.href
}
