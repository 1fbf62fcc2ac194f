import { parseArgs } from 'node:util'
import { systemClock } from '@pacspace/service/clock'
import { ConfigError, defineConfig, postgresUrl, text } from '@pacspace/service/config'
import { createPool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { FileAnchor } from './anchors/front-door.ts'
import { parseVoidOrder, VoidRefused } from './voids/void-order.ts'
import { type VoidReport, voidRecord } from './voids/void-record.ts'

/**
 * `node void.ts --record REC --reason TEXT [--dry-run]`: makes a damaged delta void, beside a running plane or without one.
 * PACSPACE_DATABASE_URL (the owner's) and PACSPACE_ANCHOR_DIR say where. One JSON line on standard output; exit 0 when it is
 * done, 1 with a typed refusal on standard error, 64 for words that nobody understands, and 70 where nobody knows whether it
 * was done: the same command again tells.
 */
/** sysexits.h: the command was used wrongly. */
const EXIT_USAGE = 64
/** sysexits.h: something broke. */
const EXIT_SOFTWARE = 70

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  try {
    process.stdout.write(`${JSON.stringify(await run(args))}\n`)
    return 0
  } catch (error) {
    if (error instanceof VoidRefused) {
      process.stderr.write(`${error.code}: ${error.message}\n`)
      return error.code === 'ORDER_INVALID' ? EXIT_USAGE : 1
    }
    const isTold = error instanceof ConfigError || isUsageError(error)
    process.stderr.write(`${isTold ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
    if (!isTold) return EXIT_SOFTWARE
    return error instanceof ConfigError ? 1 : EXIT_USAGE
  }
}

async function run(args: string[]): Promise<VoidReport> {
  const option = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      environment: option, // the launcher's: it chose the database by it
      record: option,
      reason: option,
      tenant: option,
      customer: option,
      delta: option,
      'dry-run': { type: 'boolean' },
    },
  })
  const order = parseVoidOrder(values)
  const configuration = defineConfig({
    databaseUrl: postgresUrl('PACSPACE_DATABASE_URL'),
    anchorDir: text('PACSPACE_ANCHOR_DIR'),
  }).parse(process.env)
  const db = createPool({ url: configuration.databaseUrl, applicationName: 'pacspace admin void', max: 1 })
  const context = { db, anchor: new FileAnchor(configuration.anchorDir), clock: systemClock, randomBytes }
  try {
    return await voidRecord(order, context, { isDryRun: values['dry-run'] ?? false })
  } finally {
    await db.end()
  }
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
