import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from './databases.ts'
import { type Ports, portsFrom } from './ports.ts'
import type { PlanInput, ProcessPlan } from './process-plan.ts'
import { repositoryRoot } from './repository-root.ts'
import { loadSecrets } from './secrets.ts'
import { type PlaneName, planeNames, type StackSettings } from './settings.ts'
import { recallAddresses } from './stack-addresses.ts'

/** Ports of a stack that is not running: they must be something, and nobody answers there. */
const someBasePort = 3600

/**
 * Runs a program once with the environment that `plan` gives, beside a running stack or without one: the database of
 * `plane` is there while it runs. Gives its exit code (128 + signal number if a signal ended it).
 */
export async function runOneOff(
  settings: StackSettings,
  plane: PlaneName,
  plan: OneOffPlan,
): Promise<number> {
  return (await runOneOffForItsAnswer(settings, plane, plan, 'inherit')).exitCode
}

/** Which program, with which words and environment. */
type OneOffPlan = (input: PlanInput) => Pick<ProcessPlan, 'program' | 'args' | 'environment'>

/** How a program ended, and what it wrote to its standard output; nothing where that was not kept. */
export interface OneOffAnswer {
  readonly exitCode: number
  readonly output: string
}

/** The same, and keeps what the program answers. What it says on its standard error is seen at once. */
export async function runOneOffForItsAnswer(
  settings: StackSettings,
  plane: PlaneName,
  plan: OneOffPlan,
  output: 'pipe' | 'inherit' = 'pipe',
): Promise<OneOffAnswer> {
  const [secrets, ports] = await Promise.all([loadSecrets(settings.dataDir), portsOf(settings)])
  const database = await openDatabase(settings, plane)
  try {
    // Only the one plane's URL is known, and a program gets only its own plane's.
    const urls = Object.fromEntries(planeNames.map((name) => [name, name === plane ? database.url : '']))
    const databaseUrls = urls as Record<PlaneName, string> // one entry per name
    return await runToItsEnd(plan({ settings, ports, secrets, databaseUrls }), output)
  } finally {
    await database.stop()
  }
}

async function portsOf(settings: StackSettings): Promise<Ports> {
  const running = await recallAddresses(settings.dataDir)
  return running?.ports ?? portsFrom(settings.basePort ?? someBasePort)
}

function runToItsEnd(
  { program, args, environment }: ReturnType<OneOffPlan>,
  output: 'pipe' | 'inherit',
): Promise<OneOffAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(repositoryRoot, program), ...args], {
      cwd: repositoryRoot,
      env: { ...environment },
      stdio: ['inherit', output, 'inherit'],
    })
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      resolve({ exitCode, output: text })
    })
  })
}
