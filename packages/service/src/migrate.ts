import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Logger } from './log.ts'
import { connectionConfig } from './postgres.ts'

export interface MigrateOptions {
  /** Of the database's owner, who may create what the files create. */
  readonly url: string
  /** Folder of the files `NNNN_<capability>_<what>.sql`, numbered from 0001 without gaps. */
  readonly folder: string
  readonly log: Logger
}

interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
  /** Hex SHA-256 of the file: an applied file may never change. */
  readonly checksum: string
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/

/** Any constant will do; it must only be the same in every process (the text is "pacspace"). */
const ADVISORY_LOCK = '8098990893837934437'

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`

/**
 * Brings the database to the newest schema: applies the files it has not seen, each in a transaction of its own, under an
 * advisory lock, so that any number of processes may start at once. Gives the names of those applied now.
 * Refuses files that were changed after they were applied. A database that is ahead of the code is left as it is:
 * the older process keeps running beside the newer one (expand, then contract).
 */
export async function migrate({ url, folder, log }: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(folder)
  const client = new pg.Client(
    connectionConfig({ url, applicationName: 'pacspace migrate', statementTimeoutMs: 0, pipeline: false }),
  )
  // A connection that breaks rejects the query that runs; the event as well would end the process.
  client.on('error', (error) => log.warn({ err: error }, 'migration connection lost'))
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1::bigint)', [ADVISORY_LOCK])
    return await applyMissing(client, migrations, log)
  } finally {
    await client.end()
  }
}

async function applyMissing(
  client: pg.Client,
  migrations: readonly Migration[],
  log: Logger,
): Promise<string[]> {
  await client.query(CREATE_TABLE)
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    'SELECT version, name, checksum FROM schema_migration ORDER BY version',
  )
  const applied = new Map(rows.map((row) => [row.version, row]))
  refuseChanged(migrations, applied)
  const ahead = rows.filter((row) => row.version > migrations.length)
  if (ahead.length > 0)
    log.warn({ ahead: ahead.map((row) => row.name) }, 'the database is ahead of this process')
  const names: string[] = []
  for (const migration of migrations) {
    if (applied.has(migration.version)) continue
    await apply(client, migration)
    log.info({ migration: migration.name }, 'migration applied')
    names.push(migration.name)
  }
  return names
}

async function apply(client: pg.Client, { version, name, text, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(text)
    await client.query('INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)', [
      version,
      name,
      checksum,
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw new Error(`migration ${name} failed`, { cause: error })
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const migrations: Migration[] = []
  for (const name of names) {
    const version = Number(FILE_NAME.exec(name)?.[1])
    if (version !== migrations.length + 1) {
      throw new Error(`migration ${name}: expected number ${String(migrations.length + 1).padStart(4, '0')}`)
    }
    const text = await readFile(join(folder, name), 'utf8')
    migrations.push({ version, name, text, checksum: createHash('sha256').update(text).digest('hex') })
  }
  return migrations
}

function refuseChanged(
  migrations: readonly Migration[],
  applied: ReadonlyMap<number, { readonly name: string; readonly checksum: string }>,
): void {
  for (const migration of migrations) {
    const row = applied.get(migration.version)
    if (row === undefined || row.checksum === migration.checksum) continue
    throw new Error(
      `migration ${migration.name} was changed after it was applied as ${row.name}; add a new file instead`,
    )
  }
}
