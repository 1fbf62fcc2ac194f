import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { installAndStamp, installation, stampOf, unsupportedReason } from './install.mjs'
import { acquireLock } from './install-lock.mjs'

const folder = mkdtempSync(join(tmpdir(), 'pacspace-install-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('stamp of an installation', () => {
  it('changes with each input, and when text moves from one input to the next', () => {
    const stamps = [['ab', 'c'], ['a', 'bc'], ['ab', 'd'], ['ab'], ['ab', 'c', '']].map(stampOf)
    assert.equal(new Set(stamps).size, stamps.length)
    assert.equal(stampOf(['ab', 'c']), stamps[0])
  })

  it('is missing before the first installation and stale once the lockfile or another input changed', async () => {
    const project = newProject()
    assert.equal(installation(project, ['26']).fresh(), false)
    await installAndStamp(installation(project, ['26']), async () => {})
    assert.equal(installation(project, ['26']).fresh(), true)
    assert.equal(installation(project, ['27']).fresh(), false)
    writeFileSync(join(project, 'package-lock.json'), '{"lockfileVersion":4}')
    assert.equal(installation(project, ['26']).fresh(), false)
  })

  it('an installation that fails is not fresh, even where an older one was', async () => {
    const project = newProject()
    const target = installation(project, [])
    await installAndStamp(target, async () => {})
    await assert.rejects(installAndStamp(target, () => Promise.reject(new Error('network is down'))))
    assert.equal(target.fresh(), false)
  })

  it('an installation killed with -9 is not fresh', async () => {
    const project = newProject()
    await installAndStamp(installation(project, []), async () => {})
    const torn = runScript(`
      import { installAndStamp, installation } from ${url('install.mjs')}
      await installAndStamp(installation(${JSON.stringify(project)}, []), () => new Promise(() => {
        setInterval(() => {}, 1000)
        console.log('installing')
      }))`)
    await firstOutput(torn)
    torn.kill('SIGKILL')
    await once(torn, 'exit')
    assert.equal(installation(project, []).fresh(), false)
  })
})

describe('lock of an installation', () => {
  it('is held by one process at a time, also when the last owner left it behind dead', async () => {
    const lock = join(folder, 'contended.lock')
    const journal = join(folder, 'journal')
    const dead = runScript('')
    await once(dead, 'exit')
    mkdirSync(lock)
    writeFileSync(join(lock, String(dead.pid)), '')
    const contenders = Array.from({ length: 6 }, () =>
      runScript(`
        import { appendFileSync } from 'node:fs'
        import { acquireLock } from ${url('install-lock.mjs')}
        for (let round = 0; round < 3; round++) {
          const lock = await acquireLock(${JSON.stringify(lock)}, () => {})
          appendFileSync(${JSON.stringify(journal)}, 'in ' + process.pid + '\\n')
          await new Promise(setImmediate)
          appendFileSync(${JSON.stringify(journal)}, 'out ' + process.pid + '\\n')
          lock.release()
        }`),
    )
    const codes = await Promise.all(contenders.map(async (child) => (await once(child, 'exit'))[0]))
    assert.deepEqual(codes, [0, 0, 0, 0, 0, 0])
    const entries = readFileSync(journal, 'utf8').trim().split('\n')
    assert.equal(entries.length, 36)
    for (let i = 0; i < entries.length; i += 2) {
      assert.equal(entries[i + 1], entries[i]?.replace('in', 'out'), 'two processes were inside at once')
    }
  })

  it('stays while a process it was shared with lives, though its owner is dead', async () => {
    const lock = join(folder, 'shared.lock')
    const npm = runScript('setInterval(() => {}, 1000)\nconsole.log("up")')
    await firstOutput(npm)
    const owner = runScript(`
      import { acquireLock } from ${url('install-lock.mjs')}
      const lock = await acquireLock(${JSON.stringify(lock)}, () => {})
      lock.shareWith(${npm.pid})
      process.kill(process.pid, 'SIGKILL')`)
    await once(owner, 'exit')
    const waitingFor = Promise.withResolvers<number>()
    const acquiring = acquireLock(lock, waitingFor.resolve)
    assert.equal(await waitingFor.promise, npm.pid)
    npm.kill('SIGKILL')
    const taken = await acquiring
    assert.deepEqual(readdirSync(lock), [String(process.pid)])
    taken.release()
  })
})

describe('what the launcher runs on', () => {
  const cases: readonly (readonly [string, string, string, RegExp | undefined])[] = [
    ['20.0.0', 'linux', 'x64', undefined],
    ['26.10.0', 'linux', 'arm64', undefined],
    ['22.1.0', 'darwin', 'arm64', undefined],
    ['18.20.8', 'linux', 'x64', /needs Node 20 or newer to start, this is 18\.20\.8/],
    ['22.1.0', 'win32', 'x64', /use WSL 2/],
    ['22.1.0', 'darwin', 'x64', /runs on Linux \(x64, arm64\) and macOS \(arm64\), not on darwin x64/],
  ]
  for (const [version, platform, arch, expected] of cases) {
    it(`Node ${version} on ${platform} ${arch} is ${expected ? 'refused with what to do' : 'accepted'}`, () => {
      const reason = unsupportedReason(version, platform, arch)
      if (expected) assert.match(reason ?? '', expected)
      else assert.equal(reason, undefined)
    })
  }
})

function newProject(): string {
  const project = mkdtempSync(join(folder, 'project-'))
  writeFileSync(join(project, 'package-lock.json'), '{"lockfileVersion":3}')
  return project
}

function url(file: string): string {
  return JSON.stringify(new URL(file, import.meta.url).href)
}

function runScript(source: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function firstOutput(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout)
  await once(child.stdout, 'data')
}
