import { dirname, join } from 'node:path'
import { dumpSchema } from '@pacspace/service/dump-schema'
import { silentLog } from '@pacspace/service/log'
import { migrate } from '@pacspace/service/migrate'
import { templateDatabase } from '@pacspace/testing/test-postgres'
import type { Generator } from '../generator.ts'

const ROOT = dirname(dirname(import.meta.dirname))

/** The schema that each app's migrations give, to be read in one piece and compared in review. */
export const generators: readonly Generator[] = ['control-plane', 'data-plane'].map((app) => ({
  name: `database schema of the ${app}`,
  output: `apps/${app}/schema.sql`,
  produce: () => schemaAfterMigrations(app),
}))

async function schemaAfterMigrations(app: string): Promise<string> {
  const folder = join(ROOT, 'apps', app, 'migrations')
  const template = templateDatabase({
    name: `schema_${app.replace('-', '_')}`.slice(0, 20),
    migrate: (url) => migrate({ url, folder, log: silentLog }),
  })
  await using database = await template.createTestDatabase()
  const text = await dumpSchema(database.url)
  return `-- Generated from apps/${app}/migrations by npm run gen. Do not edit.\n\n${text}`
}
