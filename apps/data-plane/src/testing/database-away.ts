import { setTimeout as delay } from 'node:timers/promises'
import { withConnection } from '@pacspace/service/embedded-postgres/database'
import type { TestDatabase } from '@pacspace/testing/test-postgres'

/** A connection that was being made when the door closed shows up a moment later, and is ended then. */
const SWEEP_MS = 50

/** Runs `during` while a database refuses connections and has ended those it had; then it is back. */
export async function databaseAway({ url }: TestDatabase, during: () => Promise<void>): Promise<void> {
  const cluster = new URL(url)
  const name = cluster.pathname.slice(1)
  cluster.pathname = '/postgres'
  await withConnection(cluster.href, async (client) => {
    const allow = (isAllowed: boolean) =>
      client.query(`alter database "${name}" allow_connections ${isAllowed}`)
    await allow(false)
    const endAll = () =>
      client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
    // Ending a connection takes the server a moment, in which it still answers.
    while ((await endAll()).rows.length > 0) await delay(SWEEP_MS)
    const over = new AbortController()
    const sweeping = (async () => {
      while (!over.signal.aborted) {
        await endAll()
        await delay(SWEEP_MS)
      }
    })()
    try {
      await during()
    } finally {
      over.abort()
      await sweeping
      await allow(true)
    }
  })
}
