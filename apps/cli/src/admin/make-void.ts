import { parseArgs } from 'node:util'
import { type Environment, environments } from '@pacspace/api/environment'
import type { OneOffAnswer } from '../start/one-off.ts'

/** Programs that are run to their end, one after the other. */
export interface VoidPrograms {
  /** With the database of a plane, as the owner of its tables. */
  inPlane(environment: Environment, args: readonly string[]): Promise<OneOffAnswer>
  /** With the control plane's. */
  inControl(args: readonly string[]): Promise<OneOffAnswer>
}

/** What the plane's program answers. */
interface Report {
  readonly tenantId: string
  readonly customerId: string
  readonly reason: string
  readonly damage: readonly string[]
  readonly deltas: readonly { readonly recordId: string; readonly logIndex: number; readonly delta: string }[]
  readonly checkpoints: readonly string[]
}

/** sysexits.h: the command was used wrongly. */
const EXIT_USAGE = 64

/**
 * `pacspace admin void`: tries it in the plane, notes in the control plane what is about to be done, does it, and writes the
 * entry of the tenant's activity log. If it dies in between, the control plane itself tells of it, as unconfirmed; the same
 * command again either does it or says that it is done. Gives the exit code: 0 done, 1 refused, 64 used wrongly.
 */
export async function makeVoid(
  args: readonly string[],
  { inPlane, inControl }: VoidPrograms,
  say: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { environment: { type: 'string' } },
    strict: false,
  })
  const environment = environments.find((one) => one === values.environment)
  if (environment === undefined) {
    process.stderr.write(`--environment must be one of ${environments.join(', ')}\n`)
    return EXIT_USAGE
  }
  const isDryRun = args.includes('--dry-run')
  const tried = await inPlane(environment, isDryRun ? args : [...args, '--dry-run'])
  if (tried.exitCode !== 0) return tried.exitCode
  const report = JSON.parse(tried.output) as Report // our own program's answer
  for (const line of linesOf(report, isDryRun)) say(line)
  if (isDryRun) return 0
  const begun = await inControl(['void-begin', ...intentOf(environment, report)])
  if (begun.exitCode !== 0) return begun.exitCode
  const no = begun.output.trim()
  const done = await inPlane(environment, args)
  // A refusal is told by 1 or 64; whatever else it was may have come after the change.
  const isRefused = done.exitCode === 1 || done.exitCode === EXIT_USAGE
  if (done.exitCode === 0 || isRefused) {
    const ended = await inControl(['void-end', no, isRefused ? 'refused' : 'done'])
    if (ended.exitCode !== 0) return ended.exitCode
  }
  if (done.exitCode === 0) say('Void. Verification goes on by itself.')
  return done.exitCode
}

function intentOf(environment: Environment, report: Report): readonly string[] {
  const [first] = report.deltas
  return [
    ...['--environment', environment, '--tenant', report.tenantId, '--record', first?.recordId ?? ''],
    ...['--reason', report.reason, '--deltas', String(report.deltas.length)],
  ]
}

function linesOf({ tenantId, customerId, damage, deltas, checkpoints }: Report, isDryRun: boolean): string[] {
  return [
    `${tenantId}, customer ${customerId}: ${damage.join('; ')}`,
    ...deltas.map(({ recordId, logIndex, delta }) => `  a_${logIndex}  ${recordId}  ${delta}`),
    ...checkpoints.map((id) => `  ${id}, which counted them`),
    ...(isDryRun ? ['Nothing was changed: this was a dry run.'] : []),
  ]
}
