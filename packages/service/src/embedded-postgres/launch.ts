import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ClusterError } from './cluster-error.ts'
import { isPortFree } from './free-port.ts'
import { endOrphans, readPidFile, stopPostmaster } from './postmaster.ts'
import { type RunAs, serverProcess } from './run-as.ts'
import { waitUntil } from './wait-until.ts'

export interface LaunchOptions {
  postgres: string
  args: string[]
  dataDir: string
  clusterName: string
  port: number
  runAs: RunAs | undefined
  /** takes what the server writes before its own log is open */
  logFile: string
  startTimeoutMs: number
}

/** Enough for the reason of a failed start, which PostgreSQL gives in its last lines. */
const logTailLines = 20

/**
 * Starts the server and waits until it accepts connections. Gives its process id.
 * It is a session of its own, so that Ctrl-C in a terminal reaches us and not it: we decide when the database ends.
 * Its output goes to a file and not to a pipe, since it may outlive us.
 */
export async function launchPostmaster(options: LaunchOptions): Promise<number> {
  const { dataDir, startTimeoutMs } = options
  const startedAt = Date.now()
  const log = await open(options.logFile, 'w', 0o600)
  const server = spawn(options.postgres, options.args, {
    ...serverProcess(options.runAs),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  let end: string | undefined
  server.once('exit', (code, signal) => {
    end = signal ?? `code ${code}`
  })
  try {
    await once(server, 'spawn')
  } catch (cause) {
    throw new ClusterError('START_FAILED', `Cannot run ${options.postgres}.`, { cause })
  } finally {
    await log.close()
  }
  server.unref()

  const { pid } = server
  if (pid === undefined) throw new Error('a spawned process has an id')
  const isReady = async () => {
    const file = await readPidFile(dataDir)
    return file?.pid === pid && file.status === 'ready'
  }
  const isSettled = await waitUntil(async () => end !== undefined || (await isReady()), startTimeoutMs)
  if (end === undefined && isSettled) return pid

  const failure = await startError(options, end, startedAt)
  await stopPostmaster(pid, dataDir, options.clusterName)
  throw failure
}

async function startError(
  options: LaunchOptions,
  end: string | undefined,
  since: number,
): Promise<ClusterError> {
  if (end !== undefined) await endOrphans(options.clusterName) // one of them writes the log
  const tail = await logTail(options, since)
  if (end === undefined) {
    return new ClusterError(
      'START_TIMED_OUT',
      `PostgreSQL was not ready after ${options.startTimeoutMs} ms and was stopped. Its log ends:\n${tail}`,
    )
  }
  // Asked of the system and not read from the log: a message text is nobody's contract.
  if (!(await isPortFree(options.port))) return portTaken(options.port)
  return new ClusterError(
    'START_FAILED',
    `PostgreSQL ended (${end}) before it was ready. Its log ends:\n${tail}`,
  )
}

/** The refusal of a port that somebody else listens on. */
export function portTaken(port: number): ClusterError {
  return new ClusterError('PORT_TAKEN', `Port ${port} of 127.0.0.1 is taken by another process.`)
}

/** The last lines the server wrote since `since` (milliseconds): to its first output, then to its own log. */
async function logTail({ logFile, dataDir }: LaunchOptions, since: number): Promise<string> {
  const folder = join(dataDir, 'log')
  const names = await readdir(folder).catch(() => [])
  const texts = [await readFile(logFile, 'utf8')] // emptied at each start
  for (const path of names.map((name) => join(folder, name))) {
    if ((await stat(path)).mtimeMs >= since) texts.push(await readFile(path, 'utf8'))
  }
  return texts.join('\n').trimEnd().split('\n').slice(-logTailLines).join('\n')
}
