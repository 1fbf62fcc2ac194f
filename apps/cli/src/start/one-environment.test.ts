import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Environment } from '@pacspace/api/environment'
import { canLogIn, withConnection } from '@pacspace/service/embedded-postgres/database'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { ProcessName } from './process-plan.ts'
import { type RunningStack, startStack } from './stack.ts'
import { call, openAccount, type TestAccount } from './testing/account.ts'
import { processesNaming } from './testing/processes.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const deadlineMs = 30_000
/** What dies is killed again this often, so that no restart of the supervisor's brings it back meanwhile. */
const KILL_EVERY_MS = 100
const EMITS = 30

/** Isolation on a real stack: one environment, or the control plane, is taken away entirely. */
describe('one part of the stack dies', { timeout: 300_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dataDir: string
  let stack: RunningStack
  let account: TestAccount
  const keys: Record<Environment, string> = { sandbox: '', production: '' }

  before(async () => {
    folder = await temporaryFolder()
    dataDir = join(folder.path, 'data')
    stack = await startStack({ dataDir })
    account = await openAccount(stack, 'isolation@example.com')
    keys.sandbox = account.sandboxKey
    keys.production = await liveKey()
  })
  after(async () => {
    await stack?.stop()
    await folder[Symbol.asyncDispose]()
  })

  const dashboard = (path: string, body?: unknown) =>
    call(`${stack.baseUrl}/dashboard${path}`, { authorization: `Bearer ${account.token}`, body })

  /** From the Free plan to a live key, as an owner does it. */
  async function liveKey(): Promise<string> {
    await dashboard('/billing/subscription', { tier: 'growth' })
    await dashboard('/contracts/provision', { environment: 'mainnet' })
    const isActive = async () =>
      (await dashboard('/contracts')).data.every(({ status }: { status: string }) => status === 'active')
    assert.ok(await waitUntil(isActive, deadlineMs))
    return (await dashboard('/api-keys', { name: 'live', environment: 'live' })).data.fullKey
  }

  const emit = (environment: Environment, n: number) =>
    call(`${stack.baseUrl}/api/v1/balance/delta`, {
      key: keys[environment],
      body: { customerId: 'c', delta: 1, reason: `while something is dead ${n}` },
    })

  /** Kills processes and the database of a part over and over while `during` runs. */
  async function whileDead(
    names: readonly ProcessName[],
    database: string,
    during: () => Promise<void>,
  ): Promise<void> {
    const over = new AbortController()
    const killing = (async () => {
      while (!over.signal.aborted) {
        const postgres = await processesNaming(`${join(dataDir, 'postgres', database)}/data`)
        for (const pid of [...names.map((name) => stack.processId(name)), ...postgres]) {
          try {
            process.kill(pid, 'SIGKILL')
          } catch {
            // It is dead already.
          }
        }
        await sleep(KILL_EVERY_MS)
      }
    })()
    try {
      await during()
    } finally {
      over.abort()
      await killing
    }
  }

  async function requireServing(environment: Environment): Promise<void> {
    for (let n = 0; n < EMITS; n++) await emit(environment, n)
    const { data } = await call(`${stack.baseUrl}/api/v1/balance/customers`, { key: keys[environment] })
    assert.equal(data.customers.length, 1)
  }

  async function requireBack(environment: Environment): Promise<void> {
    const isBack = () =>
      emit(environment, 0).then(
        () => true,
        () => false,
      )
    assert.ok(await waitUntil(isBack, deadlineMs))
  }

  it('K7 with all of Production dead, the Sandbox answers every request, and its keys are listed', async () => {
    await whileDead(['production-api', 'production-worker'], 'production', async () => {
      const isDead = () =>
        emit('production', 0).then(
          () => false,
          () => true,
        )
      assert.ok(await waitUntil(isDead, deadlineMs))
      await requireServing('sandbox')
      const { data } = await dashboard('/api-keys')
      assert.deepEqual(data.unavailable, ['live'])
      assert.equal(data.items.length, 1)
    })
    await requireBack('production')
  })

  it('with the control plane dead, both environments go on serving', async () => {
    await whileDead(['control-plane'], 'control', async () => {
      await requireServing('sandbox')
      await requireServing('production')
    })
    const isBack = () =>
      dashboard('/auth/me').then(
        () => true,
        () => false,
      )
    assert.ok(await waitUntil(isBack, deadlineMs))
  })

  it('K7 each environment has a server of its own, which refuses the other’s password and holds nothing of the other', {
    skip: process.platform !== 'linux' && 'what a process was given is read from /proc',
  }, async () => {
    const urlOf = async (name: ProcessName) =>
      (await environmentOf(stack.processId(name))).get('PACSPACE_DATABASE_URL') ?? assert.fail(name)
    const urls = {
      control: await urlOf('control-plane'),
      sandbox: await urlOf('sandbox-api'),
      production: await urlOf('production-api'),
    }
    const names = ['control', 'sandbox', 'production'] as const
    for (const mine of names) {
      for (const theirs of names.filter((name) => name !== mine)) {
        const crossed = new URL(urls[mine])
        crossed.host = new URL(urls[theirs]).host
        await assert.rejects(canLogIn(crossed.href), { code: 'LOGIN_REFUSED' }, `${mine} at ${theirs}`)
      }
    }
    const keysIn = (name: 'sandbox' | 'production') =>
      withConnection(urls[name], async (client) => {
        const { rows } = await client.query<{ prefix: string }>(
          'select distinct left(public_key, 8) as prefix from api_key',
        )
        return rows.map(({ prefix }) => prefix)
      })
    assert.deepEqual([await keysIn('sandbox'), await keysIn('production')], [['pk_test_'], ['pk_live_']])
    const { rows } = await withConnection(urls.control, (client) =>
      client.query(`select from pg_tables where tablename in ('api_key', 'delta', 'log_key')`),
    )
    assert.equal(rows.length, 0, 'the control plane has no keys and no deltas')
  })

  it('K7 no process of an environment was given anything of the other', {
    skip: process.platform !== 'linux' && 'what a process was given is read from /proc',
  }, async () => {
    const roles = ['api', 'worker'] as const
    const given = async (environment: Environment) =>
      await Promise.all(roles.map((role) => environmentOf(stack.processId(`${environment}-${role}`))))
    const [sandbox, production] = [await given('sandbox'), await given('production')]
    const own = [
      'PACSPACE_DATABASE_URL',
      'PACSPACE_ANCHOR_DIR',
      'PACSPACE_INTERNAL_SECRET',
      'PACSPACE_MASTER_KEY',
      'PACSPACE_PRIVATE_PORT',
    ]
    let compared = 0
    for (const [mine, theirs] of [
      [sandbox, production],
      [production, sandbox],
    ] as const) {
      for (const variables of mine) {
        for (const name of own) {
          const value = variables.get(name)
          if (value === undefined) continue
          compared++
          for (const others of theirs) assert.ok(![...others.values()].includes(value), name)
        }
      }
    }
    assert.ok(compared >= 14, String(compared))
    // Log keys open for the worker alone, requests from the control plane for the api process alone.
    assert.ok(!sandbox[0]?.has('PACSPACE_MASTER_KEY') && !sandbox[1]?.has('PACSPACE_INTERNAL_SECRET'))
  })
})

async function environmentOf(pid: number): Promise<Map<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8')
  return new Map(
    text.split('\0').flatMap((pair) => {
      const equals = pair.indexOf('=')
      return equals < 1 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)] as const]
    }),
  )
}
