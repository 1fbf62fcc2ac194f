import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Mail } from './mailbox.ts'
import type { ProcessName } from './process-plan.ts'
import { repositoryRoot } from './repository-root.ts'
import { handedOn } from './settings.ts'
import type { StackAddresses } from './stack-addresses.ts'
import { StartError } from './start-error.ts'

/** What the supervisor tells the program that started it with a channel. */
export type SupervisorMessage =
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'ready'; readonly addresses: StackAddresses }

export interface StackOptions {
  /** Everything that is kept; created if missing. */
  readonly dataDir: string
  /** The gateway's port; the others follow from it. Default: free ports. */
  readonly basePort?: number
  /** Default true: the supervisor's output is kept for `output()` and not shown. */
  readonly quiet?: boolean
  /** Settings beside these, as of `pacspace start --help`. Of our own environment nothing is handed on but Node's compile cache. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A real stack: `pacspace start` as a process of its own. */
export interface RunningStack extends StackAddresses {
  /** Process id of the supervisor. */
  readonly pid: number
  /** Process id of a service at this moment; another after a crash or restart. */
  processId(name: ProcessName): number
  /** Mails to an address in the local mailbox, newest last. */
  mailbox(to: string): Promise<Mail[]>
  /** What the supervisor has written to its terminal. */
  output(): string
  /** SIGTERM; gives the exit code (0 = clean) once nothing is left. Safe to call again. */
  stop(): Promise<number>
  /** kill -9 of the supervisor. Its services leave by themselves; the databases stay for the next start. */
  kill9(): Promise<void>
}

const main = fileURLToPath(import.meta.resolve('../main.ts'))

/**
 * Starts the whole product on free ports, as `pacspace start` would, and gives it once it is ready. It ends with the
 * process that called this, however that ends. Raises `StartError` with what the supervisor said.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const supervisor = new SupervisorProcess(options)
  return await supervisor.ready()
}

class SupervisorProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<number>
  readonly #pids = new Map<string, number>()
  #output = ''

  constructor({ dataDir, basePort = 0, quiet = true, environment = {} }: StackOptions) {
    this.#child = spawn(process.execPath, [main, 'start'], {
      cwd: repositoryRoot,
      env: { ...handedOn(process.env), ...environment, PACSPACE_DATA_DIR: dataDir, PORT: String(basePort) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C reaches us alone; the channel tells the supervisor.
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        if (!quiet) process.stderr.write(text)
      })
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code) => resolve(code ?? -1))
    })
  }

  async ready(): Promise<RunningStack> {
    const { promise, resolve, reject } = Promise.withResolvers<StackAddresses>()
    this.#child.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'started') this.#pids.set(message.name, message.pid)
      else resolve(message.addresses)
    })
    this.#child.once('error', reject)
    void this.#exited.then((code) =>
      reject(new StartError(`pacspace start ended with code ${code}:\n${this.#output.trim()}`)),
    )
    return this.#running(await promise)
  }

  #running(addresses: StackAddresses): RunningStack {
    const { pid } = this.#child
    if (pid === undefined) throw new Error('a process that answered has an id')
    return {
      ...addresses,
      pid,
      processId: (name) => this.#pids.get(name) ?? fail(`no process ${name} was started`),
      output: () => this.#output,
      mailbox: async (to) => {
        const answer = await fetch(`${addresses.baseUrl}/dev/mailbox?to=${encodeURIComponent(to)}`)
        if (!answer.ok) fail(`the mailbox answered ${answer.status}`)
        return (await answer.json()) as Mail[] // our own gateway's
      },
      stop: () => {
        this.#child.kill('SIGTERM')
        return this.#exited
      },
      kill9: async () => {
        this.#child.kill('SIGKILL')
        await this.#exited
      },
    }
  }
}

function fail(message: string): never {
  throw new Error(message)
}
