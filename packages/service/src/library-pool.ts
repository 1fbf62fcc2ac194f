import pg from 'pg'
import { connectionConfig, type PoolOptions } from './postgres.ts'

/**
 * A plain pool for a library that speaks to PostgreSQL itself, such as a job queue: values arrive as `pg` gives them, and
 * a statement may run for any time. Its connections may break at any moment without ending the process; the library
 * learns of it by its own statements. End it yourself, after the library has stopped.
 */
export function createLibraryPool(options: PoolOptions): pg.Pool {
  const { types: _types, ...config } = connectionConfig({
    statementTimeoutMs: 0,
    pipeline: false,
    ...options,
  })
  const pool = new pg.Pool({ ...config, max: options.max ?? 10, idleTimeoutMillis: 30_000 })
  const notice = (error: Error) => options.onConnectionLost?.(error)
  pool.on('error', notice)
  pool.on('connect', (client) => void client.on('error', notice))
  return pool
}
