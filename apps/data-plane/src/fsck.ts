import { defineConfig, postgresUrl, text } from '@pacspace/service/config'
import { createPool } from '@pacspace/service/postgres'
import { FileAnchor } from './anchors/front-door.ts'
import { fsck } from './fsck/fsck.ts'

/**
 * `node fsck.ts`: re-derives a whole plane and compares, while it runs or not. PACSPACE_DATABASE_URL and
 * PACSPACE_ANCHOR_DIR say where. One JSON line on standard output; exit 0 when sound, 1 with findings.
 */
const configuration = defineConfig({
  databaseUrl: postgresUrl('PACSPACE_DATABASE_URL'),
  anchorDir: text('PACSPACE_ANCHOR_DIR'),
}).parse(process.env)
const db = createPool({
  url: configuration.databaseUrl,
  applicationName: 'fsck',
  max: 2,
  statementTimeoutMs: 0,
})
const report = await fsck({ db, fileAnchor: new FileAnchor(configuration.anchorDir) })
await db.end()
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exitCode = report.findings.length === 0 ? 0 : 1
