import assert from 'node:assert/strict'
import type { FileHandle } from 'node:fs/promises'
import * as nodeFiles from 'node:fs/promises'
import { after, before, it } from 'node:test'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { newId, type TenantId } from '@pacspace/api/id'
import { getPlaneTenant, provisionTenant } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import type { Connection, Pool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import type { AnchorFiles } from '../anchors/anchor-files.ts'
import type { WorkerContext } from '../anchors/context.ts'
import { provisionWaiting } from '../anchors/provision-log.ts'
import { startTestDataPlane, type TestDataPlane } from '../testing/test-data-plane.ts'

/** More than a provisioning has; reached only if it never ends. */
const STEPS_MAX = 200

/** Which step fails, counted over statements and calls of the file system: before it did anything, or when it has done all. */
interface Fault {
  readonly at: number
  readonly isDone: boolean
}

let plane: TestDataPlane
let fault: Fault | undefined
let steps = 0
let lastTenant: TenantId | undefined
before(async () => {
  plane = await startTestDataPlane('sandbox', { anchorFiles: faultyFiles() })
})
after(() => plane[Symbol.asyncDispose]())

async function step<T>(work: () => Promise<T>): Promise<T> {
  if (fault === undefined) return await work()
  steps++
  if (steps !== fault.at) return await work()
  if (fault.isDone) await closed(await work())
  throw new Error('injected')
}

/** Nobody else closes a file whose opening was said to have failed. */
async function closed(result: unknown): Promise<void> {
  if (typeof result === 'object' && result !== null && 'datasync' in result)
    await (result as FileHandle).close() // only a file has it
}

function faultyFiles(): AnchorFiles {
  // Each call goes on as it came; what is overloaded stays so.
  const faulty = Object.entries(nodeFiles).map(([name, call]) => [
    name,
    typeof call === 'function'
      ? (...args: never[]) => step(() => Reflect.apply(call, nodeFiles, args))
      : call,
  ])
  return Object.fromEntries(faulty)
}

function faultyWorker(): WorkerContext {
  const { db } = plane.worker
  const faultyConnection = (connection: Connection) => ({
    query: (...args: Parameters<Connection['query']>) => step(() => connection.query(...args)),
    commit: () => step(() => connection.commit()),
    release: (drop?: boolean) => connection.release(drop),
    together: <T>(issue: () => T) => issue(),
  })
  const faulty = {
    query: (...args: Parameters<Pool['query']>) => step(() => db.query(...args)),
    connect: async () => faultyConnection(await db.connect()),
  }
  return { ...plane.worker, db: faulty as unknown as Pool } // the worker uses no more of it
}

const bearer = () => ({ token: plane.internalSecret })

async function ask(tenantId: TenantId) {
  const { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans.pilot
  const entitlement = { tier, lifetimeCap, monthlyAllotment, ratePerSecond, burst, writesAllowed: true }
  const body = { contractId: newId('ctr', randomBytes), entitlement }
  return await plane.internal.succeed(provisionTenant, { ...bearer(), params: { tenantId }, body })
}

const stateOf = (tenantId: TenantId) =>
  plane.internal.succeed(getPlaneTenant, { ...bearer(), params: { tenantId } })

async function partsOf(tenantId: TenantId): Promise<number[]> {
  const { rows } = await plane.owner.query<{ n: number }>(
    `select count(*) as n from tenant t join log l on l.tenant_id = t.id where t.public_id = $1
     union all select count(*) from tenant t join log_key k on k.tenant_id = t.id where t.public_id = $1
     union all select count(*) from tenant t join log_note n on n.tenant_id = t.id where t.public_id = $1
     union all select count(*) from tenant t join log_head h on h.tenant_id = t.id where t.public_id = $1`,
    [tenantId],
  )
  return rows.map(({ n }) => n)
}

/** One provisioning with one fault; false once the fault lies behind its end. */
async function provisionWith(injected: Fault): Promise<boolean> {
  const tenantId = newId('tnt', randomBytes)
  await ask(tenantId)
  steps = 0
  fault = injected
  const where = `fault ${JSON.stringify(injected)}`
  const isLookFailed = await provisionWaiting(faultyWorker()).then(
    () => false,
    () => true,
  )
  fault = undefined
  const isInjected = steps >= injected.at
  const failed = await stateOf(tenantId)
  // Only the look for work itself may fail without a word: the next round looks again.
  if (isLookFailed) assert.deepEqual([failed.status, steps], ['provisioning', 1], where)
  else if (failed.status === 'error')
    assert.equal(failed.reason, 'The log of this environment could not be set up.', where)
  // A fault after the last write, or in what may fail, such as cleaning up.
  else assert.equal(failed.status, 'active', where)

  await ask(tenantId)
  await provisionWaiting(plane.worker)
  const { status, reason, origin } = await stateOf(tenantId)
  assert.deepEqual([status, reason], ['active', null], where)
  if (failed.origin !== null) assert.equal(origin, failed.origin, where)
  assert.deepEqual(await partsOf(tenantId), [1, 1, 1, 1], where)
  lastTenant = tenantId
  return isInjected
}

it('provisioning that fails at any step says so, runs again to active, and doubles nothing', async () => {
  for (const isDone of [false, true]) {
    let at = 1
    while (await provisionWith({ at, isDone })) {
      at++
      assert.ok(at < STEPS_MAX, 'it ends')
    }
    assert.ok(at > 10, `only ${at} steps were seen`)
  }
  assert.ok(lastTenant !== undefined)
  const { fullKey: key } = await plane.newKey(lastTenant)
  const body = { customerId: 'c', delta: 1, reason: 'it works' }
  await plane.client.succeed(emitDelta, { key, body })
  await plane.requireSound()
})
