import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lchown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Binaries, postgresMajor } from './binaries.ts'
import { ClusterError, isSystemError } from './cluster-error.ts'
import type { ClusterHome } from './cluster-home.ts'
import { type RunAs, serverProcess } from './run-as.ts'
import type { Durability } from './settings.ts'

export interface InitializeOptions extends ClusterHome {
  binaries: Binaries
  superuser: string
  /** 'full' also flushes the new cluster to disk before it is taken into use */
  durability: Durability
}

/** An initdb takes one second; this bounds a hanging disk. */
const initdbTimeoutMs = 120_000

/**
 * Makes sure that the cluster exists, and gives the password of its superuser.
 * Atomic: initdb fills a temporary folder beside the data folder, which is then renamed; a torn one is removed and
 * done again. Of several processes that initialise at once, one wins and all use its cluster and password.
 * The password lies in `<home>/password` (0600, ours). It is written first, so that no cluster is ever without.
 */
export async function initializeCluster(options: InitializeOptions): Promise<string> {
  const { dataDir, home, runAs } = options
  await removeTornInitdb(dataDir)
  const version = await readVersion(dataDir)
  if (version === undefined) {
    const password = await keepPassword(home)
    await runInitdb(options, password)
    return password
  }
  if (version !== postgresMajor) {
    throw new ClusterError(
      'DATA_VERSION_OTHER',
      `${dataDir} was made by PostgreSQL ${version}, this is ${postgresMajor}. Upgrade it with pg_upgrade, or dump and restore it.`,
    )
  }
  await takeOwnership(dataDir, runAs)
  return await readPassword(home)
}

/** The major version in the data folder; undefined where there is no cluster yet. */
async function readVersion(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim()
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  const found = await readdir(dataDir).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  if (found.length === 0) return undefined
  throw new ClusterError(
    'DATA_NOT_A_CLUSTER',
    `${dataDir} is not empty and not a PostgreSQL cluster. Move it away; it is never overwritten.`,
  )
}

async function runInitdb(options: InitializeOptions, password: string): Promise<void> {
  const { dataDir, runAs, durability } = options
  const unfinished = `${dataDir}.initdb-${process.pid}-${randomBytes(4).toString('hex')}`
  const passwordFile = `${unfinished}.password`
  try {
    await mkdir(unfinished, { mode: 0o700 })
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (runAs !== undefined) {
      await chown(unfinished, runAs.uid, runAs.gid)
      await chown(passwordFile, runAs.uid, runAs.gid)
    }
    await execInitdb(options, unfinished, passwordFile)
    await rename(unfinished, dataDir)
    if (durability === 'full') await flushFolder(dirname(dataDir))
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process has initialised it meanwhile, with the same password file.
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function execInitdb(options: InitializeOptions, dir: string, passwordFile: string): Promise<void> {
  const args = [
    `--pgdata=${dir}`,
    `--username=${options.superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8: code point order, and the same on every platform and after every libc upgrade.
    // libc's C.UTF-8 sorts likewise, but macOS and old distributions have none.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
    ...(options.durability === 'test' ? ['--no-sync'] : []),
  ]
  try {
    await promisify(execFile)(options.binaries.initdb, args, serverProcess(options.runAs, initdbTimeoutMs))
  } catch (cause) {
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new ClusterError('INITDB_FAILED', `initdb failed: ${output || String(cause)}`, { cause })
  }
}

/** Removes what an initdb left behind whose process (its id is in the name) is gone. */
async function removeTornInitdb(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.initdb-`
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number(name.slice(prefix.length).split('-')[0])
    if (pid !== process.pid && !isAlive(pid)) {
      await rm(join(dirname(dataDir), name), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !isSystemError(error, 'ESRCH')
  }
}

/** A cluster restored from a backup by root belongs to root; one of another ordinary user is not ours to open. */
async function takeOwnership(dataDir: string, runAs: RunAs | undefined): Promise<void> {
  const owner = (await stat(dataDir)).uid
  const user = runAs?.uid ?? process.getuid?.()
  if (owner === user) return
  if (runAs === undefined) {
    throw new ClusterError(
      'DATA_OWNED_BY_OTHER',
      `${dataDir} belongs to uid ${owner}, and this process is uid ${user}. Start as that user or as root.`,
    )
  }
  for (const name of await readdir(dataDir, { recursive: true })) {
    await lchown(join(dataDir, name), runAs.uid, runAs.gid)
  }
  await chmod(dataDir, 0o700)
  await chown(dataDir, runAs.uid, runAs.gid) // last: an interrupted change of owner is done again
}

/** The password file's content, created if missing. Written whole and linked: readers never see half a password. */
async function keepPassword(home: string): Promise<string> {
  const path = join(home, 'password')
  const unfinished = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    await file.writeFile(randomBytes(24).toString('base64url'))
    await file.sync()
    await file.close()
    await link(unfinished, path)
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
  } finally {
    await rm(unfinished, { force: true })
  }
  return await readPassword(home)
}

async function readPassword(home: string): Promise<string> {
  const path = join(home, 'password')
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new ClusterError(
      'PASSWORD_LOST',
      `Cannot read the password of the cluster, ${path}. Restore that file.`,
      {
        cause,
      },
    )
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
