import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
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

/**
 * Takes the number of a stranger out of `postmaster.pid`. Gives true if there was one.
 * PostgreSQL passes over the file when no process has the number in it, but refuses to start when one of the same
 * user has, whatever that is; after a reboot the same programs start in the same order, and it is not rare.
 * The number is replaced by ours, which it passes over too, being its parent's (CreateLockFile in miscinit.c), and the
 * file is not removed: the rest of it lets PostgreSQL find the old shared memory, to refuse if that is still in use
 * and to remove it if not.
 */
export async function disownPidFile(dataDir: string): Promise<boolean> {
  const file = await readPidFile(dataDir)
  if (file === undefined) return false
  const command = await commandLine(file.pid)
  if (command === undefined || isPostmasterCommand(command, dataDir)) return false
  const path = join(dataDir, 'postmaster.pid')
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [process.pid, ...rest].join('\n'))
  return true
}

/** Whether the live process `pid` is a PostgreSQL server on this data. A zombie is not: it has no command line. */
export async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  return isPostmasterCommand(await commandLine(pid), dataDir)
}

/** The command line of a live process, its arguments joined by spaces; undefined if there is no such process. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const entry = process.platform === 'linux' ? await procEntry(String(pid)) : (await allProcesses()).get(pid)
  return entry?.command
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
  const isGone = async () => (await orphansOf(clusterName)).length === 0
  if (await waitUntil(isGone, orphanGraceMs)) return
  for (const pid of await orphansOf(clusterName)) signalProcess(pid, 'SIGKILL')
  if (!(await waitUntil(isGone, orphanGraceMs))) {
    throw new ClusterError('STOP_FAILED', `Backends of ${clusterName} survive kill -9.`)
  }
}

/** Every process that is the server on this data by its command line; needs no `postmaster.pid`. */
export async function postmastersOn(dataDir: string): Promise<number[]> {
  const all = await allProcesses()
  return [...all].filter(([, { command }]) => isPostmasterCommand(command, dataDir)).map(([pid]) => pid)
}

/**
 * The processes of the cluster whose postmaster is dead. They show the cluster's name in their title
 * (`postgres: <cluster>: checkpointer`); those of a live server are its children and stay out.
 */
async function orphansOf(clusterName: string): Promise<number[]> {
  const all = await allProcesses()
  return [...all]
    .filter(([, { command }]) => command.startsWith(`postgres: ${clusterName}: `))
    .filter(([, { parent }]) => all.get(parent)?.command.includes(`cluster_name=${clusterName} `) !== true)
    .map(([pid]) => pid)
}

function isPostmasterCommand(command: string | undefined, dataDir: string): boolean {
  return command?.includes(`/postgres -D ${dataDir} -c `) ?? false
}

interface ProcessEntry {
  parent: number
  /** arguments joined by spaces; a zombie has none */
  command: string
}

/** /proc where there is one: slim containers have no ps. Its stat and cmdline are readable for every user. */
async function allProcesses(): Promise<Map<number, ProcessEntry>> {
  const found = new Map<number, ProcessEntry>()
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axwwo', 'pid=,ppid=,command='], {
      maxBuffer: 16 << 20,
    })
    for (const [, pid, parent, command = ''] of stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)) {
      found.set(Number(pid), { parent: Number(parent), command })
    }
    return found
  }
  for (const name of await readdir('/proc')) {
    const entry = /^\d+$/.test(name) ? await procEntry(name) : undefined
    if (entry !== undefined) found.set(Number(name), entry)
  }
  return found
}

async function procEntry(pid: string): Promise<ProcessEntry | undefined> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trimEnd()
    if (command === '') return undefined
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // proc_pid_stat(5): pid (name) state ppid …; the name may hold spaces and parentheses.
    return { parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command }
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
