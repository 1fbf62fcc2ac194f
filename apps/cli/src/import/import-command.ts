import { BATCH_DELTAS_MAX } from '@pacspace/api/definition/ledger'
import { PacSpaceError } from '@pacspace-io/sdk/core/error'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { type Command, InvalidArgumentError } from 'commander'
import { type CheckedFile, checkFile, type RefusedRow } from './check-file.ts'
import { ImportError } from './import-error.ts'
import { importFile } from './import-file.ts'
import { count, showProgress } from './progress.ts'
import { SCALE_MAX } from './row-mapping.ts'

/** Attempts after the first for each batch: a long import outlasts a restart of the service. */
const MAX_RETRIES = 8
const PARALLEL_MAX = 32

/** How `pacspace import` ends. */
const exitCodes = { complete: 0, brokeOff: 1, rowsRefused: 2 } as const

interface Options {
  readonly customer: string
  readonly delta: string
  readonly reason?: string
  readonly reasonText: string
  readonly reference?: string
  readonly scale: number
  readonly delimiter: string
  readonly parallel: number
  readonly key?: string
  readonly url?: string
  readonly dryRun?: true
}

/** `pacspace import FILE.csv`: writes every row of a CSV file as a delta, once, however often it is run. */
export function defineImportCommand(program: Command): void {
  program
    .command('import')
    .description('write every row of a CSV file as a delta, once, however often it is run')
    .argument('<file>', 'CSV in UTF-8 with a header row')
    .requiredOption('--customer <column>', 'column that names the customer')
    .requiredOption('--delta <column>', 'column of the amounts, signed decimals')
    .option('--reason <column>', 'column of the reasons')
    .option('--reason-text <text>', 'reason of every row, without --reason', 'import')
    .option('--reference <column>', 'column of your own ids of the rows')
    .option(
      '--scale <digits>',
      `amounts count units of 10^-digits: with 2, 1234 is 12.34`,
      whole(0, SCALE_MAX),
      0,
    )
    .option('--delimiter <character>', 'between cells', oneCharacter, ',')
    .option(
      '--parallel <batches>',
      'batches at a time; 1 keeps the order of the file',
      whole(1, PARALLEL_MAX),
      4,
    )
    .option('--key <key>', 'API key (default: PACSPACE_API_KEY, which other users of the machine cannot see)')
    .option('--url <url>', 'base URL (default: by the key, as the SDK chooses)')
    .option('--dry-run', 'check the file, send nothing')
    .addHelpText('after', helpText)
    .action(async (path: string, options: Options) => {
      process.exitCode = await run(path, options)
    })
}

const helpText = `
Customer ids: a name that is a valid id (letters, digits, _ - . :) stays as it is; any other, and one that begins
with x:, becomes x: and its bytes, with :HH for each that is no letter, digit, _ . or -. No two names become one id.

Run again after a crash or an error, the import goes on where it was: nothing is written twice. The same import means
the same bytes with the same columns. A corrected file is another file: put corrected rows into a file of their own.

Exit code: 0 every row is written; 1 it could not begin or broke off, run it again; 2 every row is written but those listed.`

async function run(path: string, options: Options): Promise<number> {
  try {
    return await check(path, options)
  } catch (error) {
    if (!(error instanceof ImportError || error instanceof PacSpaceError)) throw error
    const isOurs = error instanceof ImportError || error.code === 'INVALID_OPTION'
    tell(
      isOurs
        ? error.message
        : `The import broke off: ${error.message} (${error.code}). Run it again to go on.`,
    )
    return exitCodes.brokeOff
  }
}

async function check(path: string, options: Options): Promise<number> {
  const { customer, delta, reason, reasonText, reference, scale, delimiter } = options
  const reading = { path, mapping: { customer, delta, reason, reasonText, reference, scale }, delimiter }
  const checked = await checkFile(reading)
  list(checked.refused)
  if (options.dryRun) return summarize(checked, undefined, [])
  const client = new PacSpace({
    apiKey: options.key ?? process.env.PACSPACE_API_KEY ?? '',
    baseUrl: options.url,
    maxRetries: MAX_RETRIES,
  })
  const progress = showProgress(process.stderr, checked.rows, 'rows')
  try {
    const { written, refused } = await importFile({
      ...reading,
      checked,
      client,
      parallel: options.parallel,
      batchRows: BATCH_DELTAS_MAX,
      onProgress: (rowsDone) => progress.update(rowsDone),
    })
    progress.end()
    list(refused)
    return summarize(checked, written, refused)
  } finally {
    progress.end()
  }
}

function summarize(
  checked: CheckedFile,
  written: number | undefined,
  refusedByApi: readonly RefusedRow[],
): number {
  const { rows, deltas, zeros, customers } = checked
  const refused = checked.refused.length + refusedByApi.length
  const done = written === undefined ? `${count(deltas)} to write` : `${count(written)} written`
  console.log(
    `${count(rows)} rows: ${done} for ${count(customers)} customers, ${count(zeros)} zero, ${count(refused)} refused`,
  )
  return refused === 0 ? exitCodes.complete : exitCodes.rowsRefused
}

function list(refused: readonly RefusedRow[]): void {
  for (const { line, why } of refused) tell(`line ${line}: ${why}`)
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}

function whole(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    if (value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`It must be a whole number of ${minimum}–${maximum}.`)
  }
}

function oneCharacter(text: string): string {
  const character = text === '\\t' ? '\t' : text
  if ([...character].length === 1 && character !== '"' && !/[\r\n]/.test(character)) return character
  throw new InvalidArgumentError('It must be one character (\\t for a tab), no quote and no line break.')
}
