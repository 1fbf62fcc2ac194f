/**
 * Keeps the built dashboard as its sources say, so that `npm start` serves it with no extra step: static files in
 * apps/dashboard/dist, with a stamp written last. Under the lock of the installations, so that two launchers never build
 * at once.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { InstallError, stampOf } from './install.mjs'
import { acquireLock } from './install-lock.mjs'

const DASHBOARD = join('apps', 'dashboard')
/** What a build reads beside the dashboard itself. */
const SOURCES = [join('packages', 'api', 'src'), join('packages', 'proofs', 'src'), join('docs', 'openapi')]
const STAMP = '.stamp'
/** Their text is served compressed, and costs seconds to compress well: once here, not whenever the gateway starts. */
const COMPRESSED = ['.js', '.css', '.svg', '.json', '.txt']

/**
 * Builds the dashboard where its sources changed since the last build. Costs some file reads where they have not.
 * Raises {@link InstallError}.
 *
 * @param {string} root of the repository
 * @param {string} node the pinned one
 */
export async function ensureDashboard(root, node) {
  // A checkout without the dashboard's sources (a service's image) has nothing to build.
  if (!existsSync(join(root, DASHBOARD, 'index.html'))) return
  const stampFile = join(root, DASHBOARD, 'dist', STAMP)
  const expected = stampOfSources(root)
  if (readIfPresent(stampFile) === expected) return
  const lock = await acquireLock(join(root, 'tools', '.install-lock'), (pid) => {
    process.stderr.write(`Waiting for another installation in this folder (process ${pid}).\n`)
  })
  try {
    if (readIfPresent(stampFile) === expected) return
    process.stderr.write('Building the dashboard …\n')
    rmSync(stampFile, { force: true })
    await build(root, node, lock)
    for (const file of filesUnder(join(root, DASHBOARD, 'dist'))) {
      if (COMPRESSED.includes(extname(file))) compress(file)
    }
    writeFileSync(stampFile, expected)
  } finally {
    lock.release()
  }
}

/** @param {string} root */
function stampOfSources(root) {
  const files = [DASHBOARD, ...SOURCES].flatMap((folder) => filesUnder(join(root, folder))).sort()
  const texts = files.flatMap((file) => [relative(root, file), readFileSync(file, 'utf8')])
  const build = [join(root, 'package-lock.json'), fileURLToPath(import.meta.url)]
  return stampOf([...build.map((file) => readFileSync(file, 'utf8')), ...texts])
}

/**
 * Writes the compressed forms of a file beside it.
 *
 * @param {string} file
 */
function compress(file) {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(bytes))
  writeFileSync(`${file}.gz`, gzipSync(bytes))
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'dist' || entry.name === 'node_modules') return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

/**
 * @param {string} root
 * @param {string} node
 * @param {import('./install-lock.mjs').Lock} lock
 * @returns {Promise<void>}
 */
function build(root, node, lock) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(node, [vite, 'build', '--logLevel', 'warn'], {
      cwd: join(root, DASHBOARD),
      stdio: ['ignore', 2, 2],
    })
    if (child.pid !== undefined) lock.shareWith(child.pid)
    child.on('error', (cause) =>
      reject(new InstallError(`The dashboard could not be built: ${cause.message}`)),
    )
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new InstallError('The dashboard could not be built; the message is above.'))
    })
  })
}

/** @param {string} path */
function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
