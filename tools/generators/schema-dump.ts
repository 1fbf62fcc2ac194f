import { join } from 'node:path'
import { dumpSchema } from '@pacspace/service/dump-schema'
import { ensureDatabase, withConnection } from '@pacspace/service/embedded-postgres/database'
import { silentLog } from '@pacspace/service/log'
import { migrate } from '@pacspace/service/migrate'
import { escapeIdentifier } from 'pg'
import type { Generator } from '../generator.ts'

/** `apps/<app>/schema.sql`: what all migrations together give, to be read and compared. */
export const generators: readonly Generator[] = ['control-plane', 'data-plane'].map((app) => ({
  name: `Database schema of apps/${app}`,
  output: `apps/${app}/schema.sql`,
  produce: async ({ postgresUrl }) => {
    const text = await dumpMigrated(await postgresUrl(), app)
    return `-- Generated from apps/${app}/migrations by npm run gen. Do not edit.\n\n${text}`
  },
}))

const ROOT = join(import.meta.dirname, '../..')

/** Migrates an empty database of the cluster, dumps it, and drops it. */
async function dumpMigrated(cluster: string, app: string): Promise<string> {
  const name = `schema_dump_${app.replace('-', '_')}_${process.pid}`
  await ensureDatabase(cluster, name)
  try {
    const url = new URL(cluster)
    url.pathname = `/${name}`
    await migrate({ url: url.href, folder: join(ROOT, 'apps', app, 'migrations'), log: silentLog })
    return await dumpSchema(url.href)
  } finally {
    await withConnection(cluster, (client) =>
      client.query(`drop database ${escapeIdentifier(name)} with (force)`),
    )
  }
}
