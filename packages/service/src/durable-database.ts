import { flag } from './config.ts'
import type { Db } from './postgres.ts'

/** The one way around `requireDurableDatabase`, for tests: their clusters run without fsync. */
export const unsafeDatabase = flag('PACSPACE_UNSAFE_DATABASE')

const SETTINGS = ['fsync', 'full_page_writes', 'synchronous_commit']

/**
 * Refuses a database that may lose what it acknowledged (design invariant 13): fsync, full_page_writes or
 * synchronous_commit off. `local` and `remote_write` are on: the commit is on this server's disk.
 */
export async function requireDurableDatabase(db: Db): Promise<void> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
    [SETTINGS],
  )
  const off = rows.filter(({ setting }) => setting === 'off').map(({ name }) => name)
  if (rows.length !== SETTINGS.length) throw new Error('the database does not tell its durability settings')
  if (off.length === 0) return
  throw new Error(
    `the database runs with ${off.join(', ')} off and may lose acknowledged deltas; switch it on`,
  )
}
