import { randomUUID } from 'node:crypto'
import { access, chmod, mkdir, open, readlink, realpath, stat, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ClusterError, isSystemError } from './cluster-error.ts'
import { blockedFolder, chooseRunAs, type RunAs } from './run-as.ts'

/** Where a cluster's files lie, and who runs its server. */
export interface ClusterHome {
  /** the folder asked for, as a real path */
  requested: string
  /** holds `data/`, `password` and `server.log`: the folder asked for, or its stand-in */
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
 * run as may not enter it (a clone in /root, say): then a stand-in, a new folder in `standIns` that the link
 * `<dir>/moved` leads to. By a link and not by a name made from the path, so that the data follows `dir` when that is
 * renamed, and a new `dir` in the place of a deleted one does not inherit its data.
 * Data in `dir` that cannot be entered is an error, never silently replaced by an empty cluster elsewhere.
 */
export async function findClusterHome(dir: string, standIns = systemDir): Promise<ClusterHome> {
  await createPassThrough(resolve(dir))
  const requested = await realpath(dir)
  const moved = await readStandIn(requested)
  if (moved !== undefined) return await homeIn(moved, requested)

  const place = await homeIn(requested, requested)
  const blocked = await blockedFolder(requested, place.runAs)
  if (blocked === undefined) return place
  if (await exists(place.dataDir)) {
    throw new ClusterError(
      'DATA_UNREACHABLE',
      `PostgreSQL does not run as root, and the user it runs as (uid ${place.runAs?.uid}) may not enter ${blocked} ` +
        `on the way to its data. Allow it: chmod o+x ${blocked}`,
    )
  }
  return await homeIn(await createStandIn(requested, standIns), requested)
}

/** The link comes last and is on disk when this returns: data written to the stand-in is found again. */
async function createStandIn(requested: string, standIns: string): Promise<string> {
  const standIn = join(standIns, randomUUID())
  await createPassThrough(standIn)
  try {
    await symlink(standIn, join(requested, 'moved'))
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
    return (await readStandIn(requested)) ?? standIn // another launcher was faster
  }
  const folder = await open(requested, 'r')
  await folder.sync().finally(() => folder.close())
  return standIn
}

async function readStandIn(requested: string): Promise<string | undefined> {
  try {
    return await readlink(join(requested, 'moved'))
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

async function homeIn(home: string, requested: string): Promise<ClusterHome> {
  const dataDir = join(home, 'data')
  return { requested, home, dataDir, runAs: await chooseRunAs(await ownerOf(dataDir)) }
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
