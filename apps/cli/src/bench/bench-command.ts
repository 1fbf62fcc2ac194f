import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { startBenchPlane } from './bench-plane.ts'
import { readScenarios } from './read-scenarios.ts'
import { formatRows, type Row } from './report.ts'
import { fullEffort, quickEffort } from './scenario.ts'
import { writeScenarios } from './write-scenarios.ts'

const scenarios = [...writeScenarios, ...readScenarios]
const names = scenarios.map((scenario) => scenario.name)

interface BenchOptions {
  readonly quick: boolean
  readonly only?: readonly string[]
  readonly json?: string
}

/** `pacspace bench`: measures a data plane of its own, each write figure beside the bare ceiling of the same run. */
export function defineBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('Measure a data plane on this machine, beside the bare ceiling of the same run')
    .option('--quick', 'short runs that are not held against the bars', false)
    .option('--only <names>', `comma-separated: ${names.join(', ')}`, parseNames)
    .option('--json <file>', 'write every figure to a file')
    .action(bench)
}

function parseNames(text: string): readonly string[] {
  const wanted = text.split(',')
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`there is no ${unknown}; there are ${names.join(', ')}`)
  return wanted
}

async function bench({ quick, only, json }: BenchOptions): Promise<void> {
  const effort = quick ? quickEffort : fullEffort
  const chosen = scenarios.filter((scenario) => only === undefined || only.includes(scenario.name))
  const processors = cpus()
  console.log(
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`,
  )
  const plane = await startBenchPlane()
  const rows: Row[] = []
  try {
    for (const scenario of chosen) {
      const measured = await scenario.run(plane, effort)
      rows.push(...measured)
      for (const row of measured) console.log(`${row.name}: ${row.figure}`)
    }
  } finally {
    await plane.stop()
  }
  console.log(`\n${formatRows(rows)}`)
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ quick, rows }, null, 2)}\n`)
}
