import { hash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Binaries, locateBinaries } from './binaries.ts'
import { ClusterError } from './cluster-error.ts'
import { type ClusterHome, findClusterHome } from './cluster-home.ts'
import { canLogIn } from './database.ts'
import { freePort, isPortFree } from './free-port.ts'
import { initializeCluster } from './initialize.ts'
import { launchPostmaster, portTaken } from './launch.ts'
import {
  commandLine,
  disownPidFile,
  endOrphans,
  findPostmaster,
  isPostmaster,
  killPostmaster,
  readPidFile,
  stopPostmaster,
} from './postmaster.ts'
import { clusterSettings, type Durability, type Settings, serverArguments } from './settings.ts'
import { waitUntil } from './wait-until.ts'
import { watchCluster } from './watchdog.ts'

/** Where the launcher tells what it does. A pino logger is one. */
export interface ClusterLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface ClusterOptions {
  /** The cluster's folder; created, initialised on first use, the same cluster ever after. */
  dir: string
  /** TCP port on 127.0.0.1. Default: that of the running server, else a free one. */
  port?: number
  /** Name of the database superuser, settled when the cluster is created. */
  superuser: string
  /** More settings, or others than ours (`settings.ts`). */
  settings?: Settings
  /** 'test' switches fsync off. */
  durability: Durability
  /** The server and the folder disappear when this process ends, however it ends. Default false. */
  temporary?: boolean
  /** Default 120,000: recovery after a crash comes before the first connection. */
  startTimeoutMs?: number
  log?: ClusterLog
}

/** A running PostgreSQL server. */
export interface Cluster {
  /** Connection URL of a database, as the superuser, password included. */
  url(database: string): string
  readonly port: number
  /** Process id of the postmaster. */
  readonly pid: number
  /** Where the files really are: `dir`, or its stand-in (see `findClusterHome`). */
  readonly home: string
  /** True when the server was already running and was taken over. */
  readonly adopted: boolean
  /** Resolves when the server is gone, whoever ended it. */
  exited(): Promise<void>
  /** Ends the server: open transactions are rolled back. Waits until it is gone. Safe to call again. */
  stop(): Promise<void>
  /** For tests: ends the server like a crash, and waits until its data can be opened again. */
  kill9(): Promise<void>
}

/** Two launchers on one folder, or a chosen port that is taken before it is used: try again, but not for ever. */
const attemptsMax = 5

const exitPollIntervalMs = 200

/**
 * Gives a running server on the cluster in `dir`: initialises it if it is new, adopts the server that a killed
 * process left behind, or starts one. When it returns, the server accepts connections.
 *
 * A server left behind is adopted if its command line is exactly the one we would start: its caches are warm, and
 * processes that survived with it keep their connections. If anything differs (another version, another setting) it
 * is stopped and started anew, since most settings take effect only at a start.
 *
 * Without `temporary` the server outlives a process that ends without `stop()`.
 * Raises `ClusterError`.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const place = await findClusterHome(options.dir)
  const name = `pacspace-${hash('sha256', place.dataDir).slice(0, 12)}`
  if (options.temporary) {
    watchCluster({ dataDir: place.dataDir, clusterName: name, folders: [place.home, place.requested] })
  }
  if (place.home !== place.requested) {
    const message = `PostgreSQL may not enter ${place.requested}; its data lies in ${place.home}`
    options.log?.warn({ dir: place.requested, home: place.home, uid: place.runAs?.uid }, message)
  }
  const binaries = await locateBinaries(place.runAs)
  const password = await initializeCluster({ ...options, ...place, binaries })
  const server = await runServer({ ...options, ...place, binaries, name })
  const cluster = clusterOf(server, { ...options, ...place, name, password })
  await loginOrStop(cluster)
  const { home, dataDir, runAs } = place
  options.log?.info(
    { home, dataDir, port: server.port, pid: server.pid, uid: runAs?.uid, adopted: server.adopted },
    server.adopted ? 'PostgreSQL was running and is adopted' : 'PostgreSQL started',
  )
  return cluster
}

/** A server we started and cannot use would be in the way of whoever starts it next, with the right password. */
async function loginOrStop(cluster: Cluster): Promise<void> {
  try {
    await canLogIn(cluster.url('postgres'))
  } catch (error) {
    if (!cluster.adopted) await cluster.stop()
    throw error
  }
}

interface ServerOptions extends ClusterOptions, ClusterHome {
  binaries: Binaries
  /** cluster_name: marks every process of the cluster */
  name: string
}

interface Server {
  pid: number
  port: number
  adopted: boolean
}

async function runServer(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const running = await adoptOrStop(options)
    if (running !== undefined) return running
    try {
      return await startServer(options)
    } catch (error) {
      const isPassing = error instanceof ClusterError && (await mayPass(error, options))
      if (!isPassing || attempt === attemptsMax) throw error
      options.log?.warn({ err: error, attempt }, 'PostgreSQL did not start, trying again')
    }
  }
}

/** Worth another attempt: a free port was taken in between, or another launcher has started the server. */
async function mayPass(error: ClusterError, { port, dataDir }: ServerOptions): Promise<boolean> {
  if (error.code === 'PORT_TAKEN') return port === undefined
  return error.code === 'START_FAILED' && (await findPostmaster(dataDir)) !== undefined
}

async function adoptOrStop(options: ServerOptions): Promise<Server | undefined> {
  const { dataDir, name, log } = options
  const pid = await findPostmaster(dataDir)
  if (pid === undefined) return undefined

  // It may be starting, or stopping: both come to an end.
  const isSettled = async () =>
    (await readPidFile(dataDir))?.status === 'ready' || !(await isPostmaster(pid, dataDir))
  await waitUntil(isSettled, startTimeout(options))
  const file = await readPidFile(dataDir)
  if (file?.pid === pid && file.status === 'ready') {
    const wanted = [options.binaries.postgres, ...argumentsFor(options, options.port ?? file.port)].join(' ')
    if ((await commandLine(pid)) === wanted) return { pid, port: file.port, adopted: true }
    log?.info({ pid, dataDir }, 'PostgreSQL runs with other settings and is restarted')
  }
  await stopPostmaster(pid, dataDir, name)
  return undefined
}

async function startServer(options: ServerOptions): Promise<Server> {
  const { dataDir, home, runAs } = options
  const port = options.port ?? (await freePort())
  if (!(await isPortFree(port))) throw portTaken(port)
  await endOrphans(options.name)
  if (await disownPidFile(dataDir)) options.log?.warn({ dataDir }, 'postmaster.pid named a stranger')
  const pid = await launchPostmaster({
    postgres: options.binaries.postgres,
    args: argumentsFor(options, port),
    logFile: join(home, 'server.log'),
    startTimeoutMs: startTimeout(options),
    clusterName: options.name,
    dataDir,
    port,
    runAs,
  })
  return { pid, port, adopted: false }
}

function argumentsFor({ dataDir, durability, name, settings }: ServerOptions, port: number): string[] {
  return serverArguments(dataDir, clusterSettings(durability, port, name, settings ?? {}))
}

function startTimeout({ startTimeoutMs = 120_000 }: ClusterOptions): number {
  return startTimeoutMs
}

function clusterOf(
  { pid, port, adopted }: Server,
  {
    superuser,
    password,
    home,
    dataDir,
    name,
  }: ClusterOptions & ClusterHome & { name: string; password: string },
): Cluster {
  return {
    url: (database) => {
      const login = `${encodeURIComponent(superuser)}:${encodeURIComponent(password)}`
      return `postgres://${login}@127.0.0.1:${port}/${encodeURIComponent(database)}`
    },
    port,
    pid,
    home,
    adopted,
    async exited() {
      // Not the child's exit event: an adopted server is not our child.
      while (await isPostmaster(pid, dataDir)) await delay(exitPollIntervalMs)
    },
    stop: () => stopPostmaster(pid, dataDir, name),
    kill9: () => killPostmaster(pid, dataDir, name),
  }
}
