/**
 * Keeps the two installations of this repository as their lockfiles say: the pinned Node and npm in tools/node,
 * and the dependencies at the root. Both end with a stamp, written last, so that an installation torn by a crash
 * or Ctrl-C is seen and done again, and both happen under one lock, so that two launchers never install at once.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { acquireLock } from './install-lock.mjs'

const NODE_MAJOR_MIN = 20
const STAMP = '.pacspace-stamp'
const SUPPORTED = ['linux x64', 'linux arm64', 'darwin arm64']

/** An installation that could not be made; the message is for the person at the terminal. */
export class InstallError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode of the launcher
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Says why PacSpace cannot run here, or gives undefined.
 *
 * @param {string} nodeVersion as `process.versions.node`
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 * @returns {string | undefined}
 */
export function unsupportedReason(nodeVersion, platform, arch) {
  if (Number.parseInt(nodeVersion, 10) < NODE_MAJOR_MIN) {
    return (
      `PacSpace needs Node ${NODE_MAJOR_MIN} or newer to start, this is ${nodeVersion}. ` +
      'Any newer one will do: the exact version it runs on is installed by itself.'
    )
  }
  if (SUPPORTED.includes(`${platform} ${arch}`)) return undefined
  const hint = platform === 'win32' ? ' On Windows, use WSL 2.' : ''
  return `PacSpace runs on Linux (x64, arm64) and macOS (arm64), not on ${platform} ${arch}.${hint}`
}

/**
 * Hash of everything an installation depends on: another value means it must be made again.
 *
 * @param {readonly string[]} inputs texts, in a fixed order
 * @returns {string} 64 hex digits
 */
export function stampOf(inputs) {
  // Lengths go in too: without them ["ab", "c"] and ["a", "bc"] would be the same installation.
  const framed = inputs.map((input) => `${Buffer.byteLength(input)}:${input}`).join('')
  return createHash('sha256').update(framed).digest('hex')
}

/**
 * One installation: where it lives, the stamp it should have, and whether it has it.
 *
 * @param {string} folder that holds package-lock.json and node_modules
 * @param {readonly string[]} inputs beside the lockfile
 * @returns {{ folder: string, expected: string, fresh: () => boolean }}
 */
export function installation(folder, inputs) {
  const expected = stampOf([readFileSync(join(folder, 'package-lock.json'), 'utf8'), ...inputs])
  const fresh = () => readIfPresent(join(folder, 'node_modules', STAMP)) === expected
  return { folder, expected, fresh }
}

/**
 * Runs an installer and stamps the folder when it succeeded. The old stamp goes first: from there on, dying
 * at any point leaves an installation that is not fresh.
 *
 * @param {{ folder: string, expected: string }} target
 * @param {() => Promise<void>} install
 */
export async function installAndStamp(target, install) {
  rmSync(join(target.folder, 'node_modules', STAMP), { force: true })
  await install()
  mkdirSync(join(target.folder, 'node_modules'), { recursive: true })
  writeFileSync(join(target.folder, 'node_modules', STAMP), target.expected)
}

/**
 * Makes sure that the pinned Node and all dependencies are installed, and gives the path of that Node.
 * Costs a few file reads when they are. Raises {@link InstallError}.
 *
 * @param {string} root of the repository
 * @returns {Promise<string>}
 */
export async function ensureInstalled(root) {
  const node = join(binFolder(root), 'node')
  const { runtime, dependencies } = installations(root)
  if (runtime.fresh() && dependencies.fresh()) return node

  const lock = await acquireLock(join(root, 'tools', '.install-lock'), (pid) => {
    say(`Waiting for another installation in this folder (process ${pid}).`)
  })
  try {
    // Another launcher may have installed while this one waited for the lock: look again.
    if (!runtime.fresh()) {
      refuseMusl()
      say('Installing the pinned Node and npm …')
      await installAndStamp(runtime, () => installRuntime(runtime.folder, lock))
    }
    if (!dependencies.fresh()) {
      say('Installing dependencies …')
      await installAndStamp(dependencies, () => installDependencies(root, node, lock))
    }
  } finally {
    lock.release()
  }
  return node
}

/**
 * The environment in which commands run: the pinned Node and npm first on PATH, compiled code cached on disk
 * (the processes of `npm start` parse the same sources).
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function commandEnvironment(root, env) {
  const cache = join(root, 'node_modules', '.cache', 'compile')
  return { NODE_COMPILE_CACHE: cache, ...withPinnedPath(root, env) }
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function withPinnedPath(root, env) {
  return { ...env, PATH: `${binFolder(root)}${delimiter}${env.PATH ?? ''}` }
}

/** @param {string} root */
function installations(root) {
  const runtimeFolder = join(root, 'tools', 'node')
  const runtimeManifest = readFileSync(join(runtimeFolder, 'package.json'), 'utf8')
  const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const machine = `${process.platform} ${process.arch}`
  return {
    runtime: installation(runtimeFolder, [runtimeManifest, machine]),
    dependencies: installation(root, [
      JSON.stringify(rootManifest.allowScripts ?? {}),
      JSON.parse(runtimeManifest).version,
      machine,
    ]),
  }
}

/**
 * @param {string} folder tools/node
 * @param {import('./install-lock.mjs').Lock} lock
 */
async function installRuntime(folder, lock) {
  const hostNpm = process.env.npm_execpath
  // npm_execpath is also set by yarn and pnpm, to themselves.
  const isNpm = hostNpm !== undefined && basename(hostNpm) === 'npm-cli.js' && existsSync(hostNpm)
  const [program, first] = isNpm ? [process.execPath, [hostNpm]] : ['npm', []]
  await runNpm(program, [...first, 'ci', '--ignore-scripts', '--include=optional'], folder, process.env, lock)
  if (!existsSync(join(folder, 'node_modules', '.bin', 'node'))) {
    throw new InstallError(`npm installed no Node for ${process.platform} ${process.arch} into tools/node.`)
  }
}

/**
 * @param {string} root
 * @param {string} node the pinned one: npm under an older Node skips packages that do not support it
 * @param {import('./install-lock.mjs').Lock} lock
 */
async function installDependencies(root, node, lock) {
  const npm = join(root, 'tools', 'node', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  // Said outright, because NODE_ENV=production or a person's own npm settings would leave half of it out.
  const flags = ['--strict-allow-scripts', '--ignore-scripts=false', '--include=dev', '--include=optional']
  await runNpm(node, [npm, 'ci', ...flags], root, withPinnedPath(root, process.env), lock)
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./install-lock.mjs').Lock} lock
 * @returns {Promise<void>}
 */
function runNpm(program, args, cwd, env, lock) {
  return new Promise((resolve, reject) => {
    // Everything npm says goes to stderr: stdout belongs to the command that follows.
    const child = spawn(program, args, { cwd, env: npmEnvironment(env), stdio: ['ignore', 2, 2] })
    if (child.pid !== undefined) lock.shareWith(child.pid)
    const stop = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    process.on('SIGINT', stop).on('SIGTERM', stop)
    child.on('error', (cause) => {
      reject(new InstallError(`npm could not be started: ${cause.message}. Is npm on the PATH?`))
    })
    child.on('exit', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      if (code === 0) resolve()
      else if (signal) reject(new InstallError('Installation interrupted.', 128 + constants.signals[signal]))
      else reject(new InstallError(`npm ci failed in ${cwd} (exit code ${code}); its message is above.`))
    })
  })
}

/**
 * `npm test -w x` and the like hand their own options down as variables; they must not steer our `npm ci`.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function npmEnvironment(env) {
  const handedDown =
    /^npm_config_(local_prefix|prefix|global|workspaces?|include_workspace_root|omit|dry_run)$/i
  const kept = Object.entries(env).filter(([name]) => !handedDown.test(name))
  const clean = Object.fromEntries(kept)
  // An empty HOME makes Node's os.homedir() fail; without the variable it asks the system instead.
  if (clean.HOME === '') delete clean.HOME
  return clean
}

/** The pinned Node is linked against glibc; on musl it would fail with a riddle ("not found"). */
function refuseMusl() {
  if (process.platform !== 'linux') return
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  if (report.header.glibcVersionRuntime) return
  throw new InstallError('PacSpace needs a Linux with glibc (Debian, Ubuntu, Fedora …); this one uses musl.')
}

function readIfPresent(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function binFolder(/** @type {string} */ root) {
  return join(root, 'tools', 'node', 'node_modules', '.bin')
}

function say(/** @type {string} */ message) {
  process.stderr.write(`${message}\n`)
}
