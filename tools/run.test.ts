/** The launcher as a whole, in a copy of its own with a stand-in for npm: what it installs when, and what it passes on. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, describe, it } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'pacspace-run-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/**
 * Plays npm in both roles: as the host's it "installs" a pinned Node (a link to this one) and itself as the pinned
 * npm, as the pinned one it makes node_modules. Each call is journalled with the Node it ran under.
 */
const FAKE_NPM = `
const { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync } = require('node:fs')
const { basename, join } = require('node:path')
const folder = process.cwd()
const modules = join(folder, 'node_modules')
const runtime = process.argv0.startsWith(join(folder, 'tools')) ? 'pinned' : 'host'
appendFileSync(process.env.FAKE_JOURNAL, basename(folder) + ' ' + runtime + ' ' + process.argv.slice(2).join(' ') + '\\n')
rmSync(modules, { recursive: true, force: true })
mkdirSync(join(modules, 'npm', 'bin'), { recursive: true })
if (existsSync(process.env.FAKE_FAILURE)) { console.error('npm error network'); process.exit(1) }
if (basename(folder) === 'node') {
  mkdirSync(join(modules, '.bin'))
  symlinkSync(process.env.FAKE_NODE, join(modules, '.bin', 'node'))
  cpSync(__filename, join(modules, 'npm', 'bin', 'npm-cli.js'))
}`

const COMMAND = `
const [command, ...args] = process.argv.slice(2)
if (command === 'start') {
  process.on('SIGTERM', () => process.exit(3))
  setInterval(() => {}, 1000)
}
console.log(JSON.stringify({ command, args, path: process.env.PATH, cwd: process.cwd() }))
if (command === 'fsck') process.exit(7)
if (command === 'demo') process.kill(process.pid, 'SIGKILL')
`

describe('launcher', () => {
  it('installs the runtime, then the dependencies under it, and nothing on the second run', async () => {
    const repository = newRepository()
    const first = await finished(launch(repository, 'bench', '--json', 'out.json'))
    assert.equal(first.code, 0, first.stderr)
    assert.deepEqual(journal(repository), [
      'node host ci --ignore-scripts --include=optional',
      'repository pinned ci --strict-allow-scripts --ignore-scripts=false --include=dev --include=optional',
    ])
    const told = JSON.parse(first.stdout)
    assert.deepEqual(told.args, ['--json', 'out.json'])
    assert.equal(told.cwd, repository)
    assert.ok(told.path.startsWith(join(repository, 'tools/node/node_modules/.bin') + delimiter))

    const second = await finished(launch(repository, 'bench'))
    assert.equal(second.code, 0)
    assert.equal(second.stderr, '')
    assert.equal(journal(repository).length, 2)
  })

  it('installs again what a changed lockfile or a changed list of install scripts makes stale', async () => {
    const repository = newRepository()
    await finished(launch(repository, 'setup'))
    writeFileSync(join(repository, 'package.json'), '{"allowScripts":{"esbuild":true}}')
    await finished(launch(repository, 'setup'))
    assert.equal(journal(repository).length, 3)
    writeFileSync(join(repository, 'tools/node/package-lock.json'), '{"lockfileVersion":4}')
    await finished(launch(repository, 'setup'))
    assert.deepEqual(journal(repository).slice(3).map(folderOf), ['node'])
  })

  it('two launchers at once install once', async () => {
    const repository = newRepository()
    const both = await Promise.all([
      finished(launch(repository, 'bench')),
      finished(launch(repository, 'bench')),
    ])
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    )
    assert.deepEqual(journal(repository).map(folderOf), ['node', 'repository'])
  })

  it('a failed installation says so, runs nothing, and is done again next time', async () => {
    const repository = newRepository()
    writeFileSync(join(repository, 'failure'), '')
    const failed = await finished(launch(repository, 'bench'))
    assert.equal(failed.code, 1)
    assert.equal(failed.stdout, '')
    assert.match(failed.stderr, /npm ci failed in .*node \(exit code 1\)/)
    rmSync(join(repository, 'failure'))
    assert.equal((await finished(launch(repository, 'bench'))).code, 0)
    assert.deepEqual(journal(repository).map(folderOf), ['node', 'node', 'repository'])
  })

  it('passes on the exit code, and 128 + n when a signal ended the command', async () => {
    const repository = newRepository()
    assert.equal((await finished(launch(repository, 'fsck'))).code, 7)
    assert.equal((await finished(launch(repository, 'demo'))).code, 137)
  })

  it('forwards SIGTERM and ends only after the command has', async () => {
    const repository = newRepository()
    const running = launch(repository, 'start')
    assert.ok(running.stdout)
    const ended = finished(running)
    await once(running.stdout, 'data')
    running.kill('SIGTERM')
    assert.equal((await ended).code, 3)
  })

  it('an unknown command lists those there are', async () => {
    const refused = await finished(launch(newRepository(), 'strat'))
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /start\|dev\|demo/)
  })
})

/** A folder with the launcher, two lockfiles, the stand-in npm on PATH, and a command that tells what it was given. */
function newRepository(): string {
  const repository = join(mkdtempSync(join(folder, 'copy-')), 'repository')
  for (const path of ['tools/node', 'apps/cli/src', 'bin'])
    mkdirSync(join(repository, path), { recursive: true })
  for (const file of [
    'run.mjs',
    'build-dashboard.mjs',
    'install.mjs',
    'install-lock.mjs',
    'foreground.mjs',
  ]) {
    cpSync(join(import.meta.dirname, file), join(repository, 'tools', file))
  }
  for (const path of ['package-lock.json', 'tools/node/package-lock.json']) {
    writeFileSync(join(repository, path), '{"lockfileVersion":3}')
  }
  writeFileSync(join(repository, 'package.json'), '{}')
  writeFileSync(join(repository, 'tools/node/package.json'), '{"version":"26.0.0"}')
  writeFileSync(join(repository, 'apps/cli/src/main.ts'), COMMAND)
  writeFileSync(join(repository, 'bin/npm'), `#!${process.execPath}\n${FAKE_NPM}`)
  chmodSync(join(repository, 'bin/npm'), 0o755)
  return repository
}

function launch(repository: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(repository, 'tools/run.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(repository, 'bin'), process.env.PATH].join(delimiter),
      HOME: repository,
      FAKE_JOURNAL: join(repository, 'journal'),
      FAKE_FAILURE: join(repository, 'failure'),
      FAKE_NODE: process.execPath,
    },
  })
}

async function finished(
  child: ChildProcess,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const [code] = await once(child, 'close')
  return { code, ...texts }
}

function journal(repository: string): string[] {
  const path = join(repository, 'journal')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

function folderOf(entry: string): string {
  return entry.split(' ')[0] ?? ''
}
