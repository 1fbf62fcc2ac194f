import { randomInt, randomUUID } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import { StartError } from './start-error.ts'

/** The exclusive use of a data directory. */
export interface DataDirLock {
  /** True when the last holder died without giving the lock back (kill -9, power cut). */
  readonly isInherited: boolean
  /** Gives the directory back. Safe to call again. */
  release(): Promise<void>
}

const prefix = 'supervisor.lock.'

/** Two that start at the same moment may both give way: each tries again, after a wait of its own. */
const attemptsMax = 5
const retryDelayMsMax = 100

/**
 * Takes the data directory for this process. Two supervisors on one directory would start two of everything on the
 * same files, so the second is refused with a `StartError` that names the first.
 *
 * Each writes a claim, a file of a name that is only its own, and then looks at the others': whoever sees the claim of
 * a live process gives way. Of two claims written at once at least one sees the other, so there are never two holders.
 * A single lock file that the finder of a dead one replaces cannot promise that: between looking and replacing it may
 * have become another's (tried: two of six got it).
 *
 * A claim names its process by id and start time, so a dead one needs no cleaning up and a stranger with the same
 * number does not count. It does not reach across machines or containers that see other process ids.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  let isInherited = false
  let rival: number | undefined
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const claim = `${prefix}${process.pid}.${await startTimeOf(process.pid)}.${randomUUID()}`
    const release = () => rm(join(dataDir, claim), { force: true })
    await writeFile(join(dataDir, claim), '', { flag: 'wx', mode: 0o600 })
    const { live, dead } = await otherClaims(dataDir, claim)
    rival = live[0]
    if (rival === undefined) {
      await Promise.all(dead.map((name) => rm(join(dataDir, name), { force: true })))
      return { isInherited: isInherited || dead.length > 0, release }
    }
    isInherited ||= dead.length > 0
    await release()
    await delay(randomInt(retryDelayMsMax))
  }
  throw new StartError(
    `pacspace already runs on ${dataDir} (process ${rival}). ` +
      'Stop it first, or set PACSPACE_DATA_DIR (and PORT) to start a second one beside it.',
  )
}

/** The id of the live process that holds the data directory, or undefined. */
export async function lockHolder(dataDir: string): Promise<number | undefined> {
  return (await otherClaims(dataDir, '')).live[0]
}

/** Claims beside our own: process ids of the living, file names of the dead. */
async function otherClaims(dataDir: string, own: string): Promise<{ live: number[]; dead: string[] }> {
  const live: number[] = []
  const dead: string[] = []
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(prefix) || name === own) continue
    const [pid = '', startTime = ''] = name.slice(prefix.length).split('.')
    if (await isAlive(Number(pid), startTime)) live.push(Number(pid))
    else dead.push(name)
  }
  return { live, dead }
}

async function isAlive(pid: number, startTime: string): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false
    if (!isSystemError(error, 'EPERM')) throw error
  }
  return (await startTimeOf(pid)) === startTime
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
