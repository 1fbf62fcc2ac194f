import { Client, DatabaseError, escapeIdentifier } from 'pg'
import { ClusterError } from './cluster-error.ts'

/** SQLSTATE 28P01 and 28000, https://www.postgresql.org/docs/18/errcodes-appendix.html */
const invalidPassword = '28P01'
const invalidAuthorization = '28000'
const duplicateDatabase = '42P04'
/** Two CREATE DATABASE of one name at the same moment meet in the index of pg_database. */
const uniqueViolation = '23505'

const connectTimeoutMs = 10_000

/** Makes sure that our password opens the server. Raises `LOGIN_REFUSED` when it does not. */
export async function canLogIn(url: string): Promise<void> {
  try {
    await withConnection(url, async () => {})
  } catch (error) {
    if (!isSqlState(error, invalidPassword, invalidAuthorization)) throw error
    throw new ClusterError(
      'LOGIN_REFUSED',
      'PostgreSQL refuses the user name and password of this cluster.',
      {
        cause: error,
      },
    )
  }
}

/** Creates the database `name` on the server of `url` if it is missing. Gives true when it was. */
export async function ensureDatabase(url: string, name: string): Promise<boolean> {
  return await withConnection(url, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount !== 0) return false
    try {
      await client.query(`create database ${escapeIdentifier(name)}`)
      return true
    } catch (error) {
      if (isSqlState(error, duplicateDatabase, uniqueViolation)) return false
      throw error
    }
  })
}

/** Runs `use` on a connection of its own, and closes it. */
export async function withConnection<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function isSqlState(error: unknown, ...codes: string[]): boolean {
  return error instanceof DatabaseError && error.code !== undefined && codes.includes(error.code)
}
