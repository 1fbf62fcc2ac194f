import { createHash } from 'node:crypto'
import { access, chmod, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ClusterError, isSystemError } from './cluster-error.ts'
import { blockedFolder, chooseRunAs, type RunAs } from './run-as.ts'

/** Where a cluster's files lie, and who runs its server. */
export interface ClusterHome {
  /** holds `data/`, `password` and `server.log`; the requested folder, or its stand-in under /var/lib/pacspace */
  home: string
  /** PGDATA */
  dataDir: string
  runAs: RunAs | undefined
}

/** Durable data of root's private folders goes here: a place every user may enter, and nobody empties. */
export const systemDir = '/var/lib/pacspace'

/** Anybody may pass through, nobody but us may list or write. */
const passThroughMode = 0o711

/**
 * Settles where the cluster asked for in `dir` lies. That is `dir`, unless we are root and the user the server has to
 * run as may not enter it (a clone in /root, say): then `<standIns>/<hash of the path>`.
 * Where data exists it stays: once moved it is always found again, and data in `dir` that cannot be entered is an
 * error, never silently replaced by an empty cluster elsewhere.
 */
export async function findClusterHome(dir: string, standIns = systemDir): Promise<ClusterHome> {
  await createPassThrough(dir)
  const requested = await realpath(dir)
  const standIn = join(standIns, createHash('sha256').update(requested).digest('hex').slice(0, 16))

  if (await exists(join(standIn, 'data'))) return await homeIn(standIn)
  const home = await homeIn(requested)
  const blocked = await blockedFolder(requested, home.runAs)
  if (blocked === undefined) return home
  if (await exists(home.dataDir)) {
    throw new ClusterError(
      'DATA_UNREACHABLE',
      `PostgreSQL does not run as root, and the user it runs as (uid ${home.runAs?.uid}) may not enter ${blocked} ` +
        `on the way to its data. Allow it: chmod o+x ${blocked}`,
    )
  }
  await createPassThrough(standIn)
  return await homeIn(standIn)
}

async function homeIn(home: string): Promise<ClusterHome> {
  const dataDir = join(home, 'data')
  return { home, dataDir, runAs: await chooseRunAs(await ownerOf(dataDir)) }
}

async function ownerOf(path: string): Promise<RunAs | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Creates the folder and its missing parents, each open to pass through whatever our umask is. */
async function createPassThrough(dir: string): Promise<void> {
  const first = await mkdir(dir, { recursive: true })
  if (first === undefined) return
  for (let created = dir; created.length >= first.length; created = dirname(created)) {
    await chmod(created, passThroughMode)
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
