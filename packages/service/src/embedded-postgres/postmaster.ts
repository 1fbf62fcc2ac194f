import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ClusterError, isSystemError } from './cluster-error.ts'
import { waitUntil } from './wait-until.ts'

/** What a server writes to `postmaster.pid` in its data folder. */
export interface PidFile {
  pid: number
  port: number
  /** `starting`, `ready`, `standby` or `stopping`; empty while the file is still being written */
  status: string
}

/** How long each signal may take before the next, harsher one. A fast shutdown writes a checkpoint. */
const stopSteps = [
  { signal: 'SIGINT', timeoutMs: 30_000 }, // fast: roll back, checkpoint, end
  { signal: 'SIGQUIT', timeoutMs: 10_000 }, // immediate: end, recover at the next start
  { signal: 'SIGKILL', timeoutMs: 10_000 },
] as const

/** Backends of a killed postmaster end by themselves once they notice; a busy one may take long to look up. */
const orphanGraceMs = 2_000

/** Reads `postmaster.pid` (lines: pid, folder, start time, port, socket, address, memory, status; miscadmin.h). */
export async function readPidFile(dataDir: string): Promise<PidFile | undefined> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * The process id of the server that runs on this data, or undefined. `postmaster.pid` alone proves nothing: after a
 * crash its number may belong to a stranger by now, so the command line of the process has to name the data folder.
 */
export async function findPostmaster(dataDir: string): Promise<number | undefined> {
  const pid = (await readPidFile(dataDir))?.pid
  return pid !== undefined && (await isPostmaster(pid, dataDir)) ? pid : undefined
}

/** Whether the live process `pid` is a PostgreSQL server on this data. A zombie is not: it has no command line. */
export async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  return isPostmasterCommand(await commandLine(pid), dataDir)
}

/** The command line of a live process, its arguments joined by spaces; undefined if there is no such process. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  if (process.platform === 'linux') return await procCommandLine(String(pid))
  const all = await allCommandLines()
  return all.get(pid)
}

/**
 * Ends the server and waits until nothing of it is left: fast shutdown, then immediate, then kill -9.
 * Safe to call when it has already ended, or ends meanwhile.
 */
export async function stopPostmaster(pid: number, dataDir: string, clusterName: string): Promise<void> {
  const isGone = async () => !(await isPostmaster(pid, dataDir))
  for (const { signal, timeoutMs } of stopSteps) {
    if (await isGone()) break
    signalProcess(pid, signal)
    await waitUntil(isGone, timeoutMs)
  }
  if (!(await isGone())) throw new ClusterError('STOP_FAILED', `PostgreSQL (process ${pid}) does not end.`)
  await endOrphans(clusterName)
}

/** Kills the postmaster like a crash would, and waits until its data can be opened again. */
export async function killPostmaster(pid: number, dataDir: string, clusterName: string): Promise<void> {
  if (await isPostmaster(pid, dataDir)) signalProcess(pid, 'SIGKILL')
  const isGone = await waitUntil(async () => !(await isPostmaster(pid, dataDir)), 10_000)
  if (!isGone) throw new ClusterError('STOP_FAILED', `PostgreSQL (process ${pid}) survives kill -9.`)
  await endOrphans(clusterName)
}

/**
 * Waits until no backend of a dead postmaster is left, and kills those that stay. While one lives it holds the shared
 * memory of the cluster, and PostgreSQL rightly refuses to start beside it.
 */
export async function endOrphans(clusterName: string): Promise<void> {
  const isGone = async () => (await backendsOf(clusterName)).length === 0
  if (await waitUntil(isGone, orphanGraceMs)) return
  for (const pid of await backendsOf(clusterName)) signalProcess(pid, 'SIGKILL')
  if (!(await waitUntil(isGone, orphanGraceMs))) {
    throw new ClusterError('STOP_FAILED', `Backends of ${clusterName} survive kill -9.`)
  }
}

/** Every process that is the server on this data by its command line; needs no `postmaster.pid`. */
export async function postmastersOn(dataDir: string): Promise<number[]> {
  return await processesWhere((command) => isPostmasterCommand(command, dataDir))
}

/** Backends show the cluster's name in their title: `postgres: <cluster>: checkpointer`. */
async function backendsOf(clusterName: string): Promise<number[]> {
  return await processesWhere((command) => command.startsWith(`postgres: ${clusterName}: `))
}

function isPostmasterCommand(command: string | undefined, dataDir: string): boolean {
  return command?.includes(`/postgres -D ${dataDir} -c `) ?? false
}

async function processesWhere(matches: (command: string) => boolean): Promise<number[]> {
  const all = await allCommandLines()
  return [...all].filter(([, command]) => matches(command)).map(([pid]) => pid)
}

/** /proc where there is one: slim containers have no ps. Its cmdline is readable for every user, unlike cwd or exe. */
async function allCommandLines(): Promise<Map<number, string>> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axwwo', 'pid=,command='], { maxBuffer: 16 << 20 })
    return new Map(
      [...stdout.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, command]) => [Number(pid), command ?? '']),
    )
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = new Map<number, string>()
  for (const pid of pids) {
    const line = await procCommandLine(pid)
    if (line !== undefined) lines.set(Number(pid), line)
  }
  return lines
}

async function procCommandLine(pid: string): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return text === '' ? undefined : text.replaceAll('\0', ' ').trimEnd()
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return
    throw new ClusterError('STOP_FAILED', `PostgreSQL (process ${pid}) belongs to another user.`, {
      cause: error,
    })
  }
}
