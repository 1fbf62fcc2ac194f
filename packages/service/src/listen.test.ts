import assert from 'node:assert/strict'
import { it } from 'node:test'
import { templateDatabase } from '@pacspace/testing/test-postgres'
import { requireDurableDatabase } from './durable-database.ts'
import { withConnection } from './embedded-postgres/database.ts'
import { waitUntil } from './embedded-postgres/wait-until.ts'
import { listen } from './listen.ts'
import { createPool } from './postgres.ts'

const empty = templateDatabase({ name: 'empty', migrate: async () => {} })

it('a lost LISTEN connection is reported, replaced, and hears again', async () => {
  await using database = await empty.createTestDatabase()
  const heard: string[] = []
  let lost = 0
  const listener = listen({
    url: database.url,
    applicationName: 'test',
    channel: 'Some-Channel',
    onNotify: (payload) => heard.push(payload),
    onLost: () => lost++,
  })
  const sent = (payload: string) =>
    waitUntil(async () => {
      await withConnection(database.url, (client) =>
        client.query('SELECT pg_notify($1, $2)', ['Some-Channel', payload]),
      )
      return heard.includes(payload)
    }, 10_000)
  assert.ok(await sent('one'))
  assert.equal(lost, 0)
  await withConnection(database.url, (client) =>
    client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    ),
  )
  assert.ok(await waitUntil(() => lost === 1, 10_000))
  assert.ok(await sent('two'))
  await listener.close()
  assert.equal(lost, 1)
})

it('a database with fsync off is refused, and the settings are named', async () => {
  await using database = await empty.createTestDatabase()
  const pool = createPool({ url: database.url, applicationName: 'test' })
  const { rows } = await pool.query<{ fsync: string }>('SHOW fsync')
  assert.equal(rows[0]?.fsync, 'off', 'the test cluster runs without fsync')
  await assert.rejects(requireDurableDatabase(pool), /fsync.* off and may lose acknowledged deltas/)
  await pool.end()
})
