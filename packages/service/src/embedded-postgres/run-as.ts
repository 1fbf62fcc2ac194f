import type { Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ClusterError } from './cluster-error.ts'

/** The unprivileged user the server runs as when we are root. */
export interface RunAs {
  uid: number
  gid: number
}

/** In order of preference. macOS names its service users with an underscore. */
const preferredUsers = ['postgres', '_postgres', 'nobody']

/**
 * The user the server has to run as, or undefined when we are not root and it runs as ourselves.
 * PostgreSQL refuses uid 0. Data that already belongs to an unprivileged user decides; else the first of `postgres`,
 * `nobody` that exists.
 *
 * A child started with this uid and gid keeps none of root's supplementary groups: libuv calls setgroups(0, NULL)
 * before it changes either, so the file modes in `blockedFolder` are all that counts.
 */
export async function chooseRunAs(dataOwner: RunAs | undefined): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined
  if (dataOwner !== undefined && dataOwner.uid !== 0) return { uid: dataOwner.uid, gid: dataOwner.gid }
  return unprivilegedUser(await readFile('/etc/passwd', 'utf8'))
}

/**
 * How PostgreSQL's programs are run: as `runAs`, in a folder every user may enter, and with an environment of
 * nothing, since PGPORT, PGDATA, PGOPTIONS or LC_ALL of the caller would change what they do.
 */
export function serverProcess(runAs: RunAs | undefined, timeout = 0) {
  return { ...runAs, cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeout }
}

/** The preferred unprivileged user of a passwd file (passwd(5): `name:password:uid:gid:…`). */
export function unprivilegedUser(passwd: string): RunAs {
  const users = new Map(passwd.split('\n').map((line) => [line.split(':')[0], line.split(':')]))
  for (const name of preferredUsers) {
    const [, , uid, gid] = users.get(name) ?? []
    // macOS lists nobody as -2, which is no uid a system call takes.
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new ClusterError(
    'RUN_AS_USER_MISSING',
    `PostgreSQL does not run as root, and this machine has none of the users ${preferredUsers.join(', ')}. ` +
      'Start as an ordinary user, create the user postgres, or give the URL of a PostgreSQL server.',
  )
}

/**
 * The outermost folder on the way to and including `folder` that `runAs` may not enter, or undefined if the way is
 * free. `folder` must be a real path: symbolic links are not followed.
 */
export async function blockedFolder(folder: string, runAs: RunAs | undefined): Promise<string | undefined> {
  if (runAs === undefined) return undefined
  for (const step of [...ancestors(folder), folder]) {
    if (!mayExecute(await stat(step), runAs)) return step
  }
  return undefined
}

/** Whether `runAs` may execute a file, or enter a folder: POSIX checks only the first class that applies. */
export function mayExecute({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, runAs: RunAs): boolean {
  if (uid === runAs.uid) return (mode & 0o100) !== 0
  if (gid === runAs.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}

function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...ancestors(parent), parent]
}
