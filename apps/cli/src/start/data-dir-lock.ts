import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import { StartError } from './start-error.ts'

/** The exclusive use of a data directory. */
export interface DataDirLock {
  /** True when the last holder died without giving the lock back (kill -9, power cut). */
  readonly isInherited: boolean
  /** Gives the directory back. Safe to call again. */
  release(): Promise<void>
}

const attemptsMax = 5

/**
 * Takes the data directory for this process. Two supervisors on one directory would start two of everything on the
 * same files, so the second is refused with a `StartError` that names the first.
 *
 * The lock is a file that holds the process's id and start time; it is held while that very process lives, so a dead
 * holder needs no cleaning up, and a stranger with the same number does not count. It does not reach across machines
 * or containers that see other process ids.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const path = join(dataDir, 'supervisor.lock')
  const own = `${process.pid} ${await startTimeOf(process.pid)}\n`
  const draft = `${path}.${process.pid}`
  let isInherited = false
  try {
    await writeFile(draft, own, { mode: 0o600 })
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (await linkIfMissing(draft, path)) return { isInherited, release: () => releaseLock(path, own) }
      const holder = await readIfThere(path)
      if (holder === undefined) continue
      if (await isAlive(holder)) throw inUse(dataDir, holder)
      await removeStale(path, holder)
      isInherited = true
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new StartError(`Another pacspace is starting on ${dataDir} at this very moment.`)
}

/** The id of the live process that holds the data directory, or undefined. */
export async function lockHolder(dataDir: string): Promise<number | undefined> {
  const holder = await readIfThere(join(dataDir, 'supervisor.lock'))
  return holder !== undefined && (await isAlive(holder)) ? pidOf(holder) : undefined
}

function inUse(dataDir: string, holder: string): StartError {
  return new StartError(
    `pacspace already runs on ${dataDir} (process ${pidOf(holder)}). ` +
      'Stop it first, or set PACSPACE_DATA_DIR (and PORT) to start a second one beside it.',
  )
}

/** link(2) is atomic and fails where a lock exists, whatever wrote it; content and name appear together. */
async function linkIfMissing(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  }
}

/**
 * Takes a dead holder's file away. Between our reading and our removing another starter may have replaced it by its
 * own: what we took is looked at again, and given back if it is not the one we judged.
 */
async function removeStale(path: string, judged: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return
    throw error
  }
  if ((await readFile(aside, 'utf8')) !== judged) await linkIfMissing(aside, path)
  await rm(aside, { force: true })
}

async function releaseLock(path: string, own: string): Promise<void> {
  if ((await readIfThere(path)) === own) await rm(path, { force: true })
}

async function isAlive(holder: string): Promise<boolean> {
  const [pidText = '', startTime = ''] = holder.trim().split(' ')
  const pid = Number(pidText)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false
    if (!isSystemError(error, 'EPERM')) throw error
  }
  return (await startTimeOf(pid)) === startTime
}

function pidOf(holder: string): number {
  return Number.parseInt(holder, 10)
}

/**
 * When a process started, in clock ticks since boot (proc(5), field 22); `-` where there is no /proc or no process.
 * The name in field 2 may hold spaces and parentheses, so fields are counted after the last one. A zombie counts as
 * gone: it holds nothing.
 */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? '-')
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}
