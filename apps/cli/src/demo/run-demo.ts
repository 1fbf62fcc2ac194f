import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { BATCH_DELTAS_MAX } from '@pacspace/api/definition/ledger'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { checkFile } from '../import/check-file.ts'
import { importFile } from '../import/import-file.ts'
import { count } from '../import/progress.ts'
import { type RunningStack, startStack } from '../start/stack.ts'
import { checkBalances } from './check-balances.ts'
import { expectedBalances, flightCounts } from './flight-counts.ts'
import { openAccount } from './open-account.ts'
import { proofRound } from './proof-round.ts'

export interface DemoOptions {
  /** Of the stack; must not exist. */
  readonly dataDir: string
  /** For proof and key. */
  readonly folder: string
  /** Ends the stack, and with it the demo. */
  readonly signal: AbortSignal
}

const PARALLEL = 4

const main = fileURLToPath(import.meta.resolve('../main.ts'))

/** Runs the demo and tells about each step. Throws at the first thing that is not as it should be. */
export async function runDemo({ dataDir, folder, signal }: DemoOptions): Promise<void> {
  const started = stopwatch()
  say('PacSpace demo: the whole product on this machine, with real data. It cleans up after itself.\n')
  const stack = await startStack({ dataDir })
  const stop = () => stack.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    done(`The stack runs at ${stack.baseUrl}`, started())
    await tour(stack, folder, dataDir)
  } finally {
    signal.removeEventListener('abort', stop)
    await stack.stop()
  }
  const code = await stack.stop()
  if (code !== 0) throw new Error(`The stack ended with code ${code}:\n${stack.output()}`)
  done('Everything is stopped and removed')
  say(`\nAll of it held, in ${seconds(started())}.`)
}

async function tour(stack: RunningStack, folder: string, dataDir: string): Promise<void> {
  const opened = stopwatch()
  const account = await openAccount(stack)
  done(
    `${account.email} has registered, verified the address by the mailed link, logged in and made a test key`,
    opened(),
  )
  await putOnGrowth(account.tenantId, dataDir)
  done('The tenant is on the Growth plan (pacspace admin plan)')

  const client = new PacSpace({
    apiKey: account.sandboxKey,
    sandboxUrl: stack.sandboxUrl,
    exactAmounts: true,
  })
  const expected = await expectedBalances()
  const { rows, customers, recordIds } = await importFlights(client)
  if (rows !== expected.rows) throw new Error(`${rows} rows were imported, the file has ${expected.rows}`)

  const waiting = stopwatch()
  for (const recordId of recordIds) await client.balance.waitForVerified(recordId)
  done(`All ${count(rows)} deltas are VERIFIED: recomputed, signed, anchored, read back`, waiting())

  await checkBalances(client, expected)
  done(`The balances of all ${count(customers)} customers equal the sums of the file, added up independently`)
  await showProof(client, stack, folder, expected.balances)
}

async function importFlights(client: PacSpace<true>) {
  const { path, customer, delta, reference } = flightCounts
  const mapping = { customer, delta, reason: undefined, reasonText: 'flights in 2008', reference, scale: 0 }
  const reading = { path, mapping, delimiter: ',' }
  const checked = await checkFile(reading)
  const importing = stopwatch()
  const { written, refused, lastRecordIds } = await importFile({
    ...reading,
    checked,
    client,
    parallel: PARALLEL,
    batchRows: BATCH_DELTAS_MAX,
  })
  const tookMs = importing()
  if (written !== checked.rows || refused.length > 0)
    throw new Error(`${written} of ${checked.rows} rows were written`)
  const rate = count(Math.round((written * 1_000) / tookMs))
  done(
    `${count(written)} rows of real data (U.S. flights of 2008) are imported, ${rate} deltas/s, each on disk`,
    tookMs,
  )
  return { rows: checked.rows, customers: checked.customers, recordIds: lastRecordIds }
}

async function showProof(
  client: PacSpace<true>,
  { baseUrl }: RunningStack,
  folder: string,
  balances: ReadonlyMap<string, bigint>,
): Promise<void> {
  const [customerId = ''] = [...balances].reduce((most, entry) => (entry[1] > most[1] ? entry : most))
  const round = await proofRound(client, { customerId, baseUrl, folder })
  done(
    `The proof of the newest delta of ${customerId}, ${count(round.sizeBytes)} bytes, holds in a process without network:\n`,
  )
  say(`${indented(round.verdict)}\n`)
  done(
    `The same proof with any one of its ${count(round.sizeBytes)} bytes changed is refused, for instance:\n`,
  )
  say(`${indented(round.refusal.split('\n').slice(-1).join('\n'))}\n`)
}

/** As an operator would: `pacspace admin plan TENANT --tier growth`. */
async function putOnGrowth(tenantId: string, dataDir: string): Promise<void> {
  const child = spawn(process.execPath, [main, 'admin', 'plan', tenantId, '--tier', 'growth'], {
    env: { PACSPACE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ])
  if (code !== 0) throw new Error(`pacspace admin plan ended with ${code}:\n${out.join('')}${err.join('')}`)
}

function stopwatch(): () => number {
  const startedAt = performance.now()
  return () => performance.now() - startedAt
}

function done(text: string, tookMs?: number): void {
  const mark = styleText('green', '✓', { stream: process.stdout })
  say(`${mark} ${text}${tookMs === undefined ? '' : `, after ${seconds(tookMs)}`}`)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
