import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cluster, startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { type PlaneName, planeNames, type StackSettings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** The databases of a stack, each plane's in a PostgreSQL server of its own. */
export interface Databases {
  /** Connection URLs, passwords included. */
  readonly urls: Readonly<Record<PlaneName, string>>
  /** Ends the embedded servers. Safe to call again. */
  stop(): Promise<void>
}

/** Owner of everything in an embedded cluster, and the name of its database. */
const owner = 'pacspace'

/** Waits before a server that ended by itself is started again, in milliseconds; the last one for every further time. */
const restartDelaysMs = [0, 1_000, 5_000] as const

/**
 * Gives a running database for each plane: the operator's where its URL is set, else an embedded cluster in the data
 * directory, with every commit synced to disk. Clusters that a killed supervisor left running are adopted; one that
 * ends by itself is started again on its port, so that URLs stay true.
 */
export async function startDatabases(settings: StackSettings, terminal: Terminal): Promise<Databases> {
  const started = await Promise.allSettled(
    planeNames.map((plane) => startDatabase(settings, plane, terminal)),
  )
  const databases = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => {
    await Promise.all(databases.map((database) => database.stop()))
  }
  for (const result of started) {
    if (result.status === 'fulfilled') continue
    await stop()
    throw result.reason
  }
  const [control, sandbox, production] = databases
  if (control === undefined || sandbox === undefined || production === undefined)
    throw new Error('a database each')
  return { urls: { control: control.url, sandbox: sandbox.url, production: production.url }, stop }
}

/** One plane's database. */
export interface Database {
  readonly url: string
  /** Ends the embedded server; does nothing to the operator's. Safe to call again. */
  stop(): Promise<void>
}

async function startDatabase(
  settings: StackSettings,
  plane: PlaneName,
  terminal: Terminal,
): Promise<Database> {
  const url = settings.databaseUrls[plane]
  if (url !== undefined) return { url, stop: async () => {} }
  const cluster = await startPlaneCluster(settings, plane)
  return keepRunning(cluster, settings, plane, terminal)
}

/**
 * A plane's database for a command that runs beside the stack or without it: a running server is used and left
 * running, one that was started for the command ends with `stop`.
 */
export async function openDatabase(settings: StackSettings, plane: PlaneName): Promise<Database> {
  const url = settings.databaseUrls[plane]
  if (url !== undefined) return { url, stop: async () => {} }
  const cluster = await startPlaneCluster(settings, plane)
  return { url: cluster.url(owner), stop: async () => (cluster.adopted ? undefined : await cluster.stop()) }
}

async function startPlaneCluster(settings: StackSettings, plane: PlaneName, port?: number): Promise<Cluster> {
  const parent = join(settings.dataDir, 'postgres')
  // Passable, not listable: PostgreSQL may have to run as another user than we do.
  await mkdir(parent, { recursive: true, mode: 0o711 })
  const cluster = await startCluster({
    dir: join(parent, plane),
    superuser: owner,
    durability: 'full',
    ...(port !== undefined && { port }),
  })
  await ensureDatabase(cluster.url('postgres'), owner)
  return cluster
}

function keepRunning(
  first: Cluster,
  settings: StackSettings,
  plane: PlaneName,
  terminal: Terminal,
): Database {
  let cluster = first
  let isStopping = false
  const watch = async () => {
    for (let ends = 0; ; ends++) {
      await cluster.exited()
      if (isStopping) return
      const delayMs = restartDelaysMs[Math.min(ends, restartDelaysMs.length - 1)] ?? 0
      terminal.warn(`PostgreSQL of ${plane} ended and starts again in ${delayMs} ms.`)
      await new Promise((resolve) => setTimeout(resolve, delayMs).unref())
      if (isStopping) return
      try {
        cluster = await startPlaneCluster(settings, plane, first.port)
      } catch (error) {
        terminal.warn(
          `PostgreSQL of ${plane} does not start: ${error instanceof Error ? error.message : error}`,
        )
      }
    }
  }
  const watching = watch()
  return {
    url: first.url(owner),
    async stop() {
      isStopping = true
      await cluster.stop()
      await watching
    },
  }
}
