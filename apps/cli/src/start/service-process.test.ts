import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { ProcessPlan } from './process-plan.ts'
import { type Crash, ServiceProcess } from './service-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const fakeService = 'testdata/fake-service.mjs'
const deadlineMs = 15_000

function plan(args: string[], more: Partial<ProcessPlan> = {}): ProcessPlan {
  return { name: 'gateway', program: fakeService, args, environment: {}, readyUrl: '', priority: 0, ...more }
}

function superviseFake(folder: string, fake: ProcessPlan) {
  const lines: string[] = []
  const pids: number[] = []
  const crashes: Crash[] = []
  const service = new ServiceProcess({
    plan: fake,
    logDir: folder,
    root: import.meta.dirname,
    terminal: { say: (text) => lines.push(text), warn: (text) => lines.push(text) },
    onStart: (_name, pid) => pids.push(pid),
    onCrash: (crash) => crashes.push(crash),
  })
  return { service, lines, pids, crashes, log: () => readFile(join(folder, 'gateway.log'), 'utf8') }
}

async function noted(path: string): Promise<{ pid: number; env: Record<string, string>; priority: number }> {
  let text = ''
  await waitUntil(async () => {
    text = await readFile(path, 'utf8').catch(() => '')
    return text !== ''
  }, deadlineMs)
  return JSON.parse(text)
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

it('a process gets the environment of its plan and nothing of ours, and its priority', async () => {
  await using folder = await temporaryFolder()
  const note = join(folder.path, 'note')
  const { service } = superviseFake(
    folder.path,
    plan(['run', note], { environment: { ONLY: 'this' }, priority: 10 }),
  )
  await service.start()
  const { env, priority } = await noted(note)
  await service.stop(deadlineMs)
  // Node and the system add these for the channel; PATH, HOME and all secrets of ours are absent.
  const { NODE_CHANNEL_FD: _fd, NODE_CHANNEL_SERIALIZATION_MODE: _mode, ...given } = env
  assert.deepEqual(given, { ONLY: 'this' })
  assert.equal(priority, 10)
})

it('its log goes to its file, warnings to the terminal, and a stop is no crash', async () => {
  await using folder = await temporaryFolder()
  const { service, lines, crashes, log } = superviseFake(folder.path, plan(['run']))
  await service.start()
  assert.ok(await waitUntil(() => lines.length > 0, deadlineMs))
  const { pid } = service
  assert.equal(await service.stop(deadlineMs), true)
  assert.deepEqual(lines, ['gateway: warning: loud line'])
  assert.match(await log(), /quiet line.*\n.*loud line/)
  assert.equal(isAlive(pid), false)
  assert.deepEqual(crashes, [])
})

it('killed, it is started again', async () => {
  await using folder = await temporaryFolder()
  const { service, pids, lines } = superviseFake(folder.path, plan(['run']))
  await service.start()
  process.kill(service.pid ?? 0, 'SIGKILL')
  assert.ok(await waitUntil(() => pids.length === 2 && isAlive(pids[1]), deadlineMs))
  await service.stop(deadlineMs)
  assert.ok(lines.some((line) => line.startsWith('gateway ended (SIGKILL) and starts again in 100 ms')))
  assert.deepEqual(pids.map(isAlive), [false, false])
})

it('one that ends again and again is started with growing waits, and what it said is told', async () => {
  await using folder = await temporaryFolder()
  const { service, crashes, lines } = superviseFake(folder.path, plan(['crash']))
  await service.start()
  assert.ok(await waitUntil(() => crashes.length === 2, deadlineMs))
  await service.stop(deadlineMs)
  assert.deepEqual(
    crashes.map(({ count, isConfigured }) => [count, isConfigured]),
    [
      [1, true],
      [2, true],
    ],
  )
  assert.match(crashes[0]?.explanation ?? '', /gateway: Error: it broke/)
  const waits = lines.flatMap((line) => /starts again in (\d+) ms/.exec(line)?.[1] ?? [])
  assert.deepEqual(waits.slice(0, 2), ['100', '500'])
})

it('a wrong configuration is told as such', async () => {
  await using folder = await temporaryFolder()
  const { service, crashes } = superviseFake(folder.path, plan(['misconfigured']))
  await service.start()
  assert.ok(await waitUntil(() => crashes.length === 1, deadlineMs))
  await service.stop(deadlineMs)
  assert.equal(crashes[0]?.isConfigured, false)
  assert.match(crashes[0]?.explanation ?? '', /wrong configuration, X is not set/)
})

it('one that does not listen to SIGTERM is killed after its grace, and that is said', async () => {
  await using folder = await temporaryFolder()
  const { service, lines } = superviseFake(folder.path, plan(['deaf']))
  await service.start()
  assert.ok(await waitUntil(() => lines.length > 0, deadlineMs))
  const { pid } = service
  assert.equal(await service.stop(50), false)
  assert.equal(isAlive(pid), false)
})

it('a restart by hand is no crash and leaves one process', async () => {
  await using folder = await temporaryFolder()
  const { service, pids, crashes, lines } = superviseFake(folder.path, plan(['run']))
  await service.start()
  assert.ok(await waitUntil(() => lines.length > 0, deadlineMs))
  await service.restart(deadlineMs)
  assert.deepEqual(pids.map(isAlive), [false, true])
  await service.stop(deadlineMs)
  assert.deepEqual(crashes, [])
})

for (const behaviour of ['run', 'deaf']) {
  it(`a process (${behaviour}) ends when its supervisor is killed`, async () => {
    await using folder = await temporaryFolder()
    const note = join(folder.path, 'note')
    const script = `
      const { ServiceProcess } = await import(${JSON.stringify(import.meta.resolve('./service-process.ts'))})
      const terminal = { say() {}, warn() {} }
      const plan = ${JSON.stringify(plan([behaviour, note]))}
      await new ServiceProcess({ plan, logDir: ${JSON.stringify(folder.path)}, root: ${JSON.stringify(import.meta.dirname)}, terminal }).start()
    `
    const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    const { pid } = await noted(note)
    assert.equal(isAlive(pid), true)
    supervisor.kill('SIGKILL')
    await once(supervisor, 'exit')
    assert.ok(await waitUntil(() => !isAlive(pid), deadlineMs))
  })
}
