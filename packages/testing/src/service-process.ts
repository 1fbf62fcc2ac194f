import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { unsafeDatabase } from '@pacspace/service/durable-database'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'

export interface ServiceProcessOptions {
  /** `main.ts`, relative to the root of the repository. */
  readonly main: string
  readonly args?: readonly string[]
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>
  /** Ready when this answers 200. */
  readonly readyUrl: string
  /** Default 30,000. */
  readonly readyTimeoutMs?: number
}

export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number
  /** Lines of its log so far. */
  readonly log: readonly string[]
  /** Whether it has ended. */
  readonly isGone: boolean
  /** SIGKILL, like a crash; resolves when it is gone. */
  kill9(): Promise<void>
  /** SIGTERM; resolves with the exit code (null when a signal ended it). Safe to call again. */
  stop(): Promise<number | null>
  /** Resolves with the exit code whoever ended it. */
  exited(): Promise<number | null>
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const READY_TIMEOUT_MS = 30_000
/** More than a service may take to drain. */
const STOP_TIMEOUT_MS = 15_000

/**
 * Starts a service as the process that it is in production, and waits until it is ready. Fails with its log when it ends
 * before. It is killed when this process exits.
 */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [options.main, ...(options.args ?? [])], {
    cwd: ROOT,
    env: { ...process.env, [unsafeDatabase.variable]: 'true', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  child.once('exit', () => process.off('exit', killAtExit))
  const log = collectLines(child)
  const service = processOf(child, log)
  const isReady = await waitUntil(
    async () => child.exitCode !== null || (await answers200(options.readyUrl)),
    options.readyTimeoutMs ?? READY_TIMEOUT_MS,
  )
  if (isReady && child.exitCode === null) return service
  await service.kill9()
  throw new Error(`${options.main} did not become ready:\n${log.slice(-50).join('\n')}`)
}

function processOf(child: ChildProcess, log: readonly string[]): ServiceProcess {
  const { pid } = child
  if (pid === undefined) throw new Error('the process could not be started')
  const gone = once(child, 'exit')
  const exited = async () => {
    await gone
    return child.exitCode
  }
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    const code = await exited()
    clearTimeout(timer)
    return code
  }
  return {
    pid,
    log,
    get isGone() {
      return child.exitCode !== null || child.signalCode !== null
    },
    exited,
    stop,
    async kill9() {
      child.kill('SIGKILL')
      await exited()
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
    })
  }
  return lines
}

async function answers200(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200
  } catch {
    return false // not listening yet
  }
}
