import assert from 'node:assert/strict'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { startTestCluster } from '@pacspace/testing/test-postgres'
import { planeNames } from './settings.ts'
import { startStack } from './stack.ts'
import { call, openAccount } from './testing/account.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

it('runs on PostgreSQL servers of the operator, and starts none of its own', async () => {
  await using folder = await temporaryFolder()
  const cluster = await startTestCluster()
  try {
    const urls = await Promise.all(
      planeNames.map(async (plane) => {
        await ensureDatabase(cluster.url, plane)
        return [
          `PACSPACE_${plane.toUpperCase()}_DATABASE_URL`,
          cluster.url.replace(/\/postgres$/, `/${plane}`),
        ]
      }),
    )
    const environment = { ...Object.fromEntries(urls), PACSPACE_UNSAFE_DATABASE: 'true' } // a cluster for tests
    const stack = await startStack({ dataDir: join(folder.path, 'data'), environment })
    try {
      const { sandboxKey } = await openAccount(stack, 'external@example.com')
      const body = { customerId: 'customer_1', delta: 1, reason: 'test' }
      const { data } = await call(`${stack.sandboxUrl}/api/v1/balance/delta`, { key: sandboxKey, body })
      assert.equal(data.status, 'QUEUED')
      await assert.rejects(access(join(folder.path, 'data/postgres')))
    } finally {
      assert.equal(await stack.stop(), 0)
    }
  } finally {
    await cluster.stop()
  }
})
