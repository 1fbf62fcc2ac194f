import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { firstStepsScript } from './first-steps.ts'
import { handedOn } from './settings.ts'
import { type RunningStack, startStack } from './stack.ts'
import { call, openAccount, type TestAccount } from './testing/account.ts'
import { processesNaming } from './testing/processes.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const deadlineMs = 30_000
const REFUSED_PAUSE_MS = 50
const main = fileURLToPath(import.meta.resolve('../main.ts'))

/** One real stack, taken through its life; each test goes on where the one before it ended. */
describe('pacspace start', { timeout: 300_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dataDir: string
  let stack: RunningStack
  let account: TestAccount

  before(async () => {
    folder = await temporaryFolder()
    dataDir = join(folder.path, 'data')
    stack = await startStack({ dataDir })
  })
  after(async () => {
    await stack?.stop()
    await folder[Symbol.asyncDispose]()
  })

  const readyz = async () => (await fetch(`${stack.baseUrl}/readyz`).catch(() => undefined))?.status
  const emit = (referenceId: string) =>
    call(`${stack.baseUrl}/api/v1/balance/delta`, {
      key: account.sandboxKey,
      body: { customerId: 'customer_1', delta: '0.1', reason: 'test', referenceId },
    })
  const refusedStart = async (env: Record<string, string>): Promise<string> => {
    const start = promisify(execFile)(process.execPath, [main, 'start'], {
      env: { ...handedOn(process.env), ...env },
    })
    const error = await start.then(
      () => assert.fail('the start is refused'),
      (reason) => reason,
    )
    assert.equal(error.code, 1)
    return error.stderr
  }

  it('is ready when every process is', async () => {
    assert.equal(await readyz(), 200)
    assert.match(stack.output(), /PacSpace is ready at http:\/\/127\.0\.0\.1:\d+ /)
  })

  it('shows at the first start commands that lead from nothing to a balance, as they are printed', async () => {
    const password = /"password":"([^"]+)"/.exec(stack.output())?.[1] ?? ''
    const script = firstStepsScript(stack.baseUrl, password)
    assert.ok(stack.output().includes(script))
    const { stdout } = await promisify(execFile)('bash', ['-eu', '-c', script], { timeout: deadlineMs })
    const balance = JSON.parse(stdout.slice(stdout.lastIndexOf('{"success"')))
    assert.equal(balance.success, true, stdout)
    assert.equal(balance.data.customerId, 'customer_001')
    assert.equal(balance.data.computedBalance, -250)
  })

  it('refuses a second supervisor on its data directory', async () => {
    const message = await refusedStart({ PACSPACE_DATA_DIR: dataDir, PORT: '0' })
    assert.match(message, new RegExp(`already runs on ${dataDir} \\(process ${stack.pid}\\)`))
    assert.equal(await readyz(), 200)
  })

  it('names the ports that another stack has, and the setting that moves them', async () => {
    const other = join(folder.path, 'other')
    const message = await refusedStart({ PACSPACE_DATA_DIR: other, PORT: String(stack.ports.gateway) })
    assert.match(message, new RegExp(`${stack.ports.gateway}  gateway, PORT`))
    assert.match(message, new RegExp(`${stack.ports.sandbox}  sandbox, PORT \\+ 1`))
    assert.deepEqual(await processesNaming(other), [])
  })

  for (const name of ['sandbox-api', 'sandbox-worker', 'control-plane', 'gateway'] as const) {
    it(`starts ${name} again when it is killed`, async () => {
      const killed = stack.processId(name)
      process.kill(killed, 'SIGKILL')
      const isBack = async () => stack.processId(name) !== killed && (await readyz()) === 200
      assert.ok(await waitUntil(isBack, deadlineMs))
    })
  }

  it('starts a database again when it is killed, and its services find it', async () => {
    account = await openAccount(stack, 'database@example.com')
    const { data: first } = await emit('before the crash')
    const [postmaster] = await postmasterOf('sandbox')
    assert.ok(postmaster)
    process.kill(postmaster, 'SIGKILL')
    assert.ok(
      await waitUntil(
        async () => (await postmasterOf('sandbox')).some((pid) => pid !== postmaster),
        deadlineMs,
      ),
    )
    assert.ok(await waitUntil(async () => (await readyz()) === 200, deadlineMs))
    const { data } = await call(`${stack.baseUrl}/api/v1/balance/delta/${first.recordId}`, {
      key: account.sandboxKey,
    })
    assert.equal(data.referenceId, 'before the crash')
  })

  it('shows a logged-in user the ledger as a key of the tenant gets it', async () => {
    const { sandboxKey: key, token } = account
    const authorization = `Bearer ${token}`
    const balance = '/api/v1/balance/derive/customer_1'
    const look = () => call(`${stack.baseUrl}/dashboard/customers/customer_1/balance`, { authorization })
    // By the user's route: the key's has a rate that polling exceeds.
    const isVerified = async () => (await look()).data.pendingCount === 0
    assert.ok(await waitUntil(isVerified, deadlineMs))
    const view = await look()
    assert.deepEqual(view, await call(stack.baseUrl + balance, { key }))
    const { data } = await call(`${stack.baseUrl}/dashboard/deltas`, { authorization })
    assert.deepEqual(
      data.deltas.map((delta: { recordId: string }) => delta.recordId),
      view.data.deltas.map((delta: { recordId: string }) => delta.recordId),
    )
    const answer = await fetch(`${stack.baseUrl}/dashboard/customers/customer_1/export`, {
      headers: { authorization },
    })
    const lines = (await answer.text()).trimEnd().split('\r\n')
    assert.equal(lines.length, 2)
    assert.match(lines[1] ?? '', /^1,"[^"]+",0\.1,0\.1,"test","before the crash",/)
  })

  const postmasterOf = async (plane: string) =>
    await processesNaming(`${join(dataDir, 'postgres', plane)}/data`)

  /** Emits from several writers at once until `isEnough`; gives the ids of what was acknowledged. */
  const emitUntil = (isEnough: () => boolean) => {
    const acknowledged: string[] = []
    const write = async (writer: number) => {
      for (let i = 0; !isEnough(); i++) {
        const answer = await emit(`${randomUUID()} ${writer} ${i}`).catch(() => undefined)
        if (answer !== undefined) acknowledged.push(answer.data.recordId)
        // Nobody is there: asking at once again would take the processor from those that are to come back.
        else await delay(REFUSED_PAUSE_MS)
      }
    }
    return { acknowledged, done: Promise.all([0, 1, 2, 3].map(write)) }
  }

  it('killed with -9 under load: its processes leave, and after the next start everything acknowledged is there', async () => {
    let isKilled = false
    const { acknowledged, done } = emitUntil(() => isKilled)
    assert.ok(await waitUntil(() => acknowledged.length > 20, deadlineMs))
    await stack.kill9()
    // Databases stay for the next start; everything else has to go by itself.
    const services = async () => {
      const databases = (await Promise.all(['control', 'sandbox', 'production'].map(postmasterOf))).flat()
      return (await processesNaming(dataDir)).filter((pid) => !databases.includes(pid))
    }
    assert.ok(await waitUntil(async () => (await services()).length === 0, deadlineMs))
    isKilled = true
    await done

    stack = await startStack({ dataDir })
    assert.ok(!stack.output().includes('dashboard/auth/register'), 'the first steps are shown once')
    for (const recordId of acknowledged) {
      const { data } = await call(`${stack.baseUrl}/api/v1/balance/delta/${recordId}`, {
        key: account.sandboxKey,
      })
      assert.equal(data.recordId, recordId)
    }
  })

  it('R4 ends with 0 on SIGTERM under load, and leaves no process and no lock', async () => {
    let isStopped = false
    const { acknowledged, done } = emitUntil(() => isStopped)
    assert.ok(await waitUntil(() => acknowledged.length > 5, deadlineMs))
    assert.equal(await stack.stop(), 0)
    isStopped = true
    await done
    assert.deepEqual(await processesNaming(dataDir), [])
    const left = (await readdir(dataDir)).filter((name) => name !== 'cache').sort()
    assert.deepEqual(left, ['anchors', 'logs', 'mailbox', 'postgres', 'secrets', 'started'])
  })

  it('fsck runs without a stack, finds everything sound, and leaves no process', async () => {
    const env = { ...handedOn(process.env), PACSPACE_DATA_DIR: dataDir }
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'fsck'], { env })
    const [sandbox, production] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual([sandbox.findings, production.findings], [[], []])
    assert.ok(sandbox.deltas > 25)
    assert.equal(production.deltas, 0)
    assert.deepEqual(await processesNaming(dataDir), [])
  })

  it('runs as an ordinary user too', {
    skip: process.getuid?.() !== 0 && 'it has done so all along',
  }, async () => {
    const nobody = 65_534
    const own = join(folder.path, 'ordinary')
    await promisify(execFile)('mkdir', [own])
    await chown(own, nobody, nobody)
    const env = { PACSPACE_DATA_DIR: own, PORT: '0' }
    const started = execFile(process.execPath, [main, 'start'], { env, uid: nobody, gid: nobody })
    let output = ''
    started.stdout?.on('data', (text) => {
      output += text
    })
    const ended = new Promise((resolve) => started.once('exit', (code) => resolve(code)))
    const isReady = () => output.includes('PacSpace is ready')
    assert.ok(await waitUntil(() => isReady() || started.exitCode !== null, deadlineMs))
    assert.ok(isReady(), output)
    started.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.deepEqual(await processesNaming(own), [])
    // Told of no other place, Node has kept there what it compiled.
    assert.notDeepEqual(await readdir(join(own, 'cache')), [])
  })
})
