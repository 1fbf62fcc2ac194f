import { setTimeout as sleep } from 'node:timers/promises'
import { withConnection } from '@pacspace/service/embedded-postgres/database'

/** A connection that was being made when the door closed shows up a moment later, and is ended then. */
const SWEEP_MS = 50
/** How long a connection's end is waited for: one that is merely told to end may still answer. */
const TERMINATION_MS_MAX = 5_000

/**
 * Runs `during` while the database of `url` refuses connections and ends those it had; then it is back. Only this
 * database: others of the cluster do not notice.
 */
export async function databaseAway(url: string, during: () => Promise<void>): Promise<void> {
  const cluster = new URL(url)
  const name = cluster.pathname.slice(1)
  cluster.pathname = '/postgres'
  await withConnection(cluster.href, async (client) => {
    const allow = (isAllowed: boolean) =>
      client.query(`alter database "${name}" allow_connections ${isAllowed}`)
    const endConnections = () =>
      client.query('select pg_terminate_backend(pid, $2) from pg_stat_activity where datname = $1', [
        name,
        TERMINATION_MS_MAX,
      ])
    await allow(false)
    await endConnections()
    let isOver = false
    const sweeping = (async () => {
      while (!isOver) {
        await endConnections()
        await sleep(SWEEP_MS)
      }
    })()
    try {
      await during()
    } finally {
      isOver = true
      await sweeping
      await allow(true)
    }
  })
}
