import { startTestCluster } from '@pacspace/testing/test-postgres'

/** The PostgreSQL cluster that tools share with the tests: started when it is first asked for, stopped once. */
export class TestPostgres {
  #cluster: ReturnType<typeof startTestCluster> | undefined

  /** URL of the cluster; with PACSPACE_TEST_POSTGRES_URL set, of that one, and nothing is started. */
  async url(): Promise<string> {
    const given = process.env.PACSPACE_TEST_POSTGRES_URL
    if (given) return given
    this.#cluster ??= startTestCluster()
    return (await this.#cluster).url
  }

  /** Stops what was started here; safe to call twice. */
  async stop(): Promise<void> {
    const cluster = this.#cluster
    this.#cluster = undefined
    if (cluster) await (await cluster).stop()
  }
}
