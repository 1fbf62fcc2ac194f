import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { type LogTail, rotateLog, tailLog } from './child-log.ts'
import type { ProcessPlan } from './process-plan.ts'
import { readableLine, type Terminal } from './terminal.ts'

/** Waits before a restart, in milliseconds; the last one for every further time. */
const restartDelaysMs = [100, 500, 1_000, 2_000, 5_000, 10_000] as const
/** A process that lived this long starts again from the first delay. */
const steadyMs = 30_000
/** Last lines of a process that are kept to explain its end. */
const lastLinesMax = 15
/** sysexits.h EX_CONFIG: how a service says that its environment is wrong. */
const exitConfig = 78

const followParent = import.meta.resolve('./follow-parent.ts')

export interface ServiceProcessOptions {
  readonly plan: ProcessPlan
  readonly logDir: string
  /** Folder that the plan's program is relative to. */
  readonly root: string
  readonly terminal: Terminal
  /** Told about every start, with the process id. */
  onStart?(name: string, pid: number): void
  onCrash?(crash: Crash): void
}

/** An end that nobody asked for. */
export interface Crash {
  readonly name: string
  /** How many in a row. */
  readonly count: number
  /** False when the process said that its configuration is wrong: it will say so again. */
  readonly isConfigured: boolean
  /** What the process said last. */
  readonly explanation: string
}

/** One service process that is kept running: started again, with growing waits, whenever it ends by itself. */
export class ServiceProcess {
  readonly plan: ProcessPlan
  readonly #options: ServiceProcessOptions
  readonly #logPath: string
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #tail: LogTail | undefined
  #lastLines: string[] = []
  #crashes = 0
  #startedAt = 0
  #restartTimer: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(options: ServiceProcessOptions) {
    this.plan = options.plan
    this.#options = options
    this.#logPath = join(options.logDir, `${options.plan.name}.log`)
  }

  get name(): string {
    return this.plan.name
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Rotates the log and starts the process. Ready or not is another question. */
  async start(): Promise<void> {
    await rotateLog(this.#logPath)
    this.#tail = await tailLog(this.#logPath, (line) => this.#read(line))
    await this.#spawn()
  }

  /** Starts it anew: asked to end by SIGTERM, killed after `graceMs`. */
  async restart(graceMs: number): Promise<void> {
    if (this.#isStopping) return
    clearTimeout(this.#restartTimer)
    const child = this.#child
    this.#child = undefined // its end is asked for: no crash
    if (child !== undefined) await endChild(child, this.#ended, graceMs)
    if (!this.#isStopping) await this.#spawn()
  }

  /** Ends it for good: SIGTERM, and SIGKILL after `graceMs`. Gives false if it had to be killed. Safe to call again. */
  async stop(graceMs: number): Promise<boolean> {
    this.#isStopping = true
    clearTimeout(this.#restartTimer)
    const isClean = this.#child === undefined || (await endChild(this.#child, this.#ended, graceMs))
    await this.#ended // a restart may be ending it at this moment
    await this.#tail?.close()
    this.#tail = undefined
    return isClean
  }

  async #spawn(): Promise<void> {
    const { plan, root, onStart } = this.#options
    const log = await open(this.#logPath, 'a', 0o600)
    try {
      if (this.#isStopping) return
      const child = spawn(
        process.execPath,
        ['--import', followParent, join(root, plan.program), ...plan.args],
        {
          // The plan's and no other: a secret of one plane must not reach the process of another (design.md §1).
          env: { ...plan.environment },
          cwd: root,
          stdio: ['ignore', log.fd, log.fd, 'ipc'],
          // A group of its own: Ctrl-C in a terminal is for the supervisor, which ends its children in order.
          detached: true,
        },
      )
      this.#child = child
      this.#startedAt = performance.now()
      this.#ended = new Promise((resolve) => {
        child.once('exit', (code, signal) => {
          this.#onExit(child, signal ?? `code ${code}`, code !== exitConfig)
          resolve()
        })
        child.once('error', (error) => {
          this.#onExit(child, error.message, true)
          resolve()
        })
      })
      if (child.pid === undefined) return
      if (plan.priority !== 0) setPriority(child.pid, plan.priority)
      onStart?.(plan.name, child.pid)
    } finally {
      await log.close()
    }
  }

  #onExit(child: ChildProcess, how: string, isConfigured: boolean): void {
    if (child !== this.#child) return
    this.#child = undefined
    if (this.#isStopping) return
    this.#crashes = performance.now() - this.#startedAt > steadyMs ? 1 : this.#crashes + 1
    const delayMs = restartDelaysMs[Math.min(this.#crashes, restartDelaysMs.length) - 1] ?? 0
    this.#options.terminal.warn(
      `${this.name} ended (${how}) and starts again in ${delayMs} ms. Log: ${this.#logPath}`,
    )
    this.#restartTimer = setTimeout(() => void this.#startAgain(isConfigured), delayMs)
  }

  async #startAgain(isConfigured: boolean): Promise<void> {
    // Told only now: by the end of the wait its last words have been read from the log.
    this.#options.onCrash?.({
      name: this.name,
      count: this.#crashes,
      isConfigured,
      explanation: this.#lastLines.join('\n'),
    })
    if (this.#isStopping) return
    await this.#spawn().catch((error: unknown) =>
      this.#options.terminal.warn(`${this.name} cannot start: ${error}`),
    )
  }

  #read(line: string): void {
    const readable = readableLine(this.name, line)
    if (readable === undefined) return
    this.#lastLines.push(readable)
    if (this.#lastLines.length > lastLinesMax) this.#lastLines.shift()
    this.#options.terminal.warn(readable)
  }
}

async function endChild(child: ChildProcess, ended: Promise<void>, graceMs: number): Promise<boolean> {
  let isClean = true
  child.kill('SIGTERM')
  const timer = setTimeout(() => {
    isClean = false
    child.kill('SIGKILL')
  }, graceMs)
  await ended
  clearTimeout(timer)
  return isClean
}
