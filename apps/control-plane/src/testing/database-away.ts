import { withConnection } from '@pacspace/service/embedded-postgres/database'

/**
 * Runs `during` while the database of `url` refuses connections and has ended those it had; then it is back. Only this
 * database: others of the cluster do not notice.
 */
export async function databaseAway(url: string, during: () => Promise<void>): Promise<void> {
  const cluster = new URL(url)
  const name = cluster.pathname.slice(1)
  cluster.pathname = '/postgres'
  const allow = (isAllowed: boolean) =>
    withConnection(cluster.href, (client) =>
      client.query(`alter database "${name}" allow_connections ${isAllowed}`),
    )
  await allow(false)
  try {
    await withConnection(cluster.href, (client) =>
      client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]),
    )
    await during()
  } finally {
    await allow(true)
  }
}
