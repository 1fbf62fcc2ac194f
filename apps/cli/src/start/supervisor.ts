import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import { type DataDirLock, lockDataDir } from './data-dir-lock.ts'
import { type Databases, startDatabases } from './databases.ts'
import { freePorts, type Ports, portsFrom, requireFree } from './ports.ts'
import {
  anchorDirOf,
  gatewayUrl,
  localUrl,
  mailboxDirOf,
  type ProcessName,
  planProcesses,
  publicUrlOf,
} from './process-plan.ts'
import { repositoryRoot } from './repository-root.ts'
import { loadSecrets } from './secrets.ts'
import { type Crash, ServiceProcess } from './service-process.ts'
import type { StackSettings } from './settings.ts'
import { forgetAddresses, rememberAddresses, type StackAddresses } from './stack-addresses.ts'
import { StartError } from './start-error.ts'
import type { Terminal } from './terminal.ts'

/** How long the first readiness may take: initialising three clusters on a slow disk, and every migration. */
const readyTimeoutMs = 120_000
const readyPollMs = 50
const readyRequestTimeoutMs = 2_000

/** Services drain for at most 10 s (design.md §6); what then still runs is killed. */
const drainTimeoutMs = 11_000

/** A process that ended this often before the stack was ever ready will not make it. */
const crashesBeforeReadyMax = 3

/** A running stack. */
export interface Supervisor {
  readonly addresses: StackAddresses
  /** True when this data directory was never ready before. */
  readonly isFirstStart: boolean
  readonly processes: readonly ServiceProcess[]
  /** Ends everything in order: gateway, services, databases. Safe to call again. */
  stop(): Promise<void>
}

export interface SupervisorOptions {
  readonly settings: StackSettings
  readonly terminal: Terminal
  /** Gives up the start, or what has been started of it, when it fires. */
  readonly signal: AbortSignal
  onStart?(name: string, pid: number): void
}

/**
 * Starts everything on the data directory and gives it once every process is ready. What a failed start has begun is
 * ended again. Raises `StartError` for what the operator can act on, `ClusterError` for PostgreSQL.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { dataDir } = options.settings
  // Passable, not listable: PostgreSQL may have to run as another user than we do.
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  const stack = new Stack(options, await lockDataDir(dataDir))
  try {
    await stack.start()
    return stack
  } catch (error) {
    await stack.stop()
    throw error
  }
}

class Stack implements Supervisor {
  readonly processes: ServiceProcess[] = []
  isFirstStart = false
  readonly #options: SupervisorOptions
  readonly #lock: DataDirLock
  #ports: Ports | undefined
  #databases: Databases | undefined
  #stopping: Promise<void> | undefined
  /** Rejects when a process proves unable to start. */
  readonly #hopeless = Promise.withResolvers<never>()
  #isReady = false

  constructor(options: SupervisorOptions, lock: DataDirLock) {
    this.#options = options
    this.#lock = lock
    this.#hopeless.promise.catch(() => {}) // raced below; a late one is no news
  }

  get addresses(): StackAddresses {
    if (this.#ports === undefined) throw new Error('addresses are known once the stack has started')
    const { settings } = this.#options
    return {
      baseUrl: publicUrlOf({ settings, ports: this.#ports }),
      sandboxUrl: localUrl(this.#ports.sandbox),
      productionUrl: localUrl(this.#ports.production),
      ports: this.#ports,
    }
  }

  async start(): Promise<void> {
    const { settings, terminal, signal } = this.#options
    const ports = settings.basePort === undefined ? await freePorts() : portsFrom(settings.basePort)
    await requireFree(ports, this.#lock.isInherited)
    this.#ports = ports
    const secrets = await loadSecrets(settings.dataDir)
    const [databases, logDir] = await Promise.all([startDatabases(settings, terminal), makeFolders(settings)])
    this.#databases = databases
    signal.throwIfAborted()
    for (const plan of planProcesses({ settings, ports, secrets, databaseUrls: databases.urls })) {
      this.processes.push(
        new ServiceProcess({
          plan,
          logDir,
          root: repositoryRoot,
          terminal,
          ...(this.#options.onStart !== undefined && { onStart: this.#options.onStart }),
          onCrash: (crash) => this.#onCrash(crash),
        }),
      )
    }
    await Promise.all(this.processes.map((process) => process.start()))
    await Promise.race([this.#untilReady(ports), this.#hopeless.promise])
    this.#isReady = true
    this.isFirstStart = await markStarted(settings.dataDir)
    await rememberAddresses(settings.dataDir, this.addresses)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const { settings, terminal } = this.#options
    // The gateway first: what it has accepted still finds its services.
    for (const group of [this.#named('gateway'), this.#others('gateway')]) {
      const clean = await Promise.all(group.map((process) => process.stop(drainTimeoutMs)))
      group.forEach((process, i) => {
        if (!clean[i]) terminal.warn(`${process.name} did not end by itself and was killed.`)
      })
    }
    await this.#databases?.stop()
    await forgetAddresses(settings.dataDir)
    await this.#lock.release()
  }

  #named(name: ProcessName): ServiceProcess[] {
    return this.processes.filter((process) => process.name === name)
  }

  #others(name: ProcessName): ServiceProcess[] {
    return this.processes.filter((process) => process.name !== name)
  }

  #onCrash({ name, count, isConfigured, explanation }: Crash): void {
    if (this.#isReady || (isConfigured && count < crashesBeforeReadyMax)) return
    this.#hopeless.reject(new StartError(`${name} does not start. It said last:\n${explanation}`))
  }

  async #untilReady(ports: Ports): Promise<void> {
    const { settings, signal } = this.#options
    const url = `${gatewayUrl({ settings, ports })}/readyz`
    const deadline = performance.now() + readyTimeoutMs
    for (;;) {
      signal.throwIfAborted()
      const state = await readiness(url)
      if (state === 'ready') return
      if (performance.now() > deadline) {
        throw new StartError(`The stack was not ready after ${readyTimeoutMs / 1_000} s: ${state}`)
      }
      await new Promise((resolve) => setTimeout(resolve, readyPollMs))
    }
  }
}

/** `ready`, or what the gateway says is not. */
async function readiness(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(readyRequestTimeoutMs) })
    const body = await answer.text()
    return answer.ok ? 'ready' : body
  } catch {
    return 'the gateway does not answer'
  }
}

/** True the first time. */
async function markStarted(dataDir: string): Promise<boolean> {
  try {
    await writeFile(join(dataDir, 'started'), '', { flag: 'wx' })
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  }
}

async function makeFolders(settings: StackSettings): Promise<string> {
  const logDir = join(settings.dataDir, 'logs')
  const mailboxDir = mailboxDirOf(settings)
  const folders = [logDir, anchorDirOf(settings, 'sandbox'), anchorDirOf(settings, 'production')]
  if (mailboxDir !== undefined) folders.push(mailboxDir)
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
  return logDir
}
