import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { startBenchPlane } from './bench-plane.ts'
import { checkpointScenario } from './checkpoint-scenario.ts'
import { costScenarios } from './cost-scenarios.ts'
import { equalTimeScenario } from './equal-time-scenario.ts'
import { loginScenario } from './login-scenario.ts'
import { readScenarios } from './read-scenarios.ts'
import { formatRow, formatRows, type Row } from './report.ts'
import { fullEffort, quickEffort, type Scenario } from './scenario.ts'
import { verifyScenarios } from './verify-scenarios.ts'
import { webhookScenarios } from './webhook-scenarios.ts'
import { writeScenarios } from './write-scenarios.ts'

const scenarios: readonly Scenario[] = [
  ...costScenarios.first,
  ...writeScenarios,
  ...verifyScenarios,
  ...readScenarios,
  checkpointScenario,
  ...webhookScenarios,
  loginScenario,
  equalTimeScenario,
  ...costScenarios.last,
]
const names = scenarios.map((scenario) => scenario.name)

interface Options {
  readonly quick: boolean
  readonly burst?: number
  readonly only?: readonly string[]
  readonly json?: string
  readonly profile?: string
}

/** `pacspace bench`: measures a data plane of its own, each write figure beside the bare ceiling of the same run. */
export function defineBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('measure a data plane on this machine, beside the bare ceiling of the same run (20 minutes)')
    .option('--quick', 'short runs that are not held against the bars (3 minutes)', false)
    .option('--burst <seconds>', 'length of each burst of a quick run, 1 to 10 (3)', parseBurst)
    .option('--only <names>', `comma-separated: ${names.join(', ')}`, parseNames)
    .option('--json <file>', 'write every figure to a file')
    .option('--profile <folder>', 'write CPU profiles of the plane’s processes')
    .action(async (options: Options) => {
      await bench(options)
      process.exit()
    })
}

function parseNames(text: string): readonly string[] {
  const wanted = text.split(',')
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no ${unknown}; there are ${names.join(', ')}`)
  return wanted
}

function parseBurst(text: string): number {
  if (!/^([1-9]|10)$/.test(text)) throw new InvalidArgumentError('It must be a whole number of 1–10.')
  return Number(text)
}

async function bench({ quick, burst, only = names, json, profile }: Options): Promise<void> {
  const effort = quick ? { ...quickEffort, burstSeconds: burst ?? quickEffort.burstSeconds } : fullEffort
  const profileDir = profile === undefined ? undefined : resolve(profile)
  if (profileDir !== undefined) await mkdir(profileDir, { recursive: true })
  const interrupted = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interrupted.reject(new Error(`ended by ${signal}`)))
  }
  const machine = machineText()
  console.log(`${machine}\n`)
  const rows: Row[] = []
  {
    await using plane = await startBenchPlane({ profileDir })
    for (const scenario of scenarios.filter(({ name }) => only.includes(name))) {
      const measured = await Promise.race([scenario.run(plane, effort), interrupted.promise])
      rows.push(...measured)
      for (const row of measured) console.log(formatRow(row))
    }
  }
  console.log(`\n${formatRows(rows)}`)
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, quick, rows }, undefined, 2)}\n`)
}

function machineText(): string {
  const processors = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return `${processors.length} × ${model}, ${gibibytes} GiB, Node ${process.versions.node}`
}
