/**
 * Everything that can be known without running the product: types, lint and format, the rules of the house, and
 * that generated files are fresh. The steps run side by side; one line each, and the output of those that failed.
 */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'

const ROOT = dirname(import.meta.dirname)

interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

// One checker: each of several works out the schemas' types anew (6.1 against 1.7 million instantiations), which
// costs more than it gains unless there are many cores.
const TYPES = ['node_modules/.bin/tsc', '--noEmit', '--checkers', '1', '-p'] as const

const STEPS: readonly Step[] = [
  { name: 'types', command: [...TYPES, 'tsconfig.json'] },
  { name: 'types of the dashboard', command: [...TYPES, 'apps/dashboard'] },
  { name: 'lint and format', command: ['node_modules/.bin/biome', 'check', '--error-on-warnings', '.'] },
  { name: 'tidy', command: [process.execPath, '--test', 'test/tidy.test.ts'] },
  { name: 'generated files', command: [process.execPath, 'tools/gen.ts', '--check'] },
]

const failures = await Promise.all(STEPS.map(runAndReport))
if (failures.includes(true)) process.exitCode = 1

/** Runs a step, prints its line, and gives whether it failed. */
async function runAndReport(step: Step): Promise<boolean> {
  const startedAt = performance.now()
  const { exitCode, output } = await run(step.command)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const failed = exitCode !== 0
  console.log(`${failed ? '✖' : '✔'} ${step.name} (${seconds} s)`)
  if (failed) console.log(output.trimEnd())
  return failed
}

function run([program, ...args]: Step['command']): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, output }))
  })
}
