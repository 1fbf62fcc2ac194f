import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { register } from '@pacspace/api/definition/accounts'
import type { TenantId } from '@pacspace/api/id'
import { transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { reconcile } from '../reconcile.ts'
import { registration, TestControlPlane } from '../testing/test-control-plane.ts'
import { provision } from './provision.ts'
import { requestProvisioning } from './request-provisioning.ts'

let plane: TestControlPlane
let tenantId: TenantId
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())
beforeEach(async () => {
  plane.planes.sandbox.outcome = 'active'
  await plane.owner.query('delete from graphile_worker._private_jobs')
  const email = `fault${Math.floor(performance.now() * 1000)}@example.com`
  ;({ tenantId } = await plane.client.succeed(register, { body: registration({ email }) }))
})

async function statusOf(id: TenantId): Promise<string | undefined> {
  const { rows } = await plane.owner.query<{ status: string }>(
    `select status from contract where tenant_id = $1 and environment = 'sandbox'`,
    [id],
  )
  return rows[0]?.status
}

/** Every write and call that `provision` makes, each the point after which the process dies. */
const steps = [
  'provisionTenant',
  'getPlaneTenant',
  'update contract',
  'insert into audit_entry',
  'commit',
  'setEntitlement',
  'insert into entitlement_push',
]

describe('the process dies', () => {
  for (const step of steps) {
    for (const isDone of [false, true]) {
      test(`${isDone ? 'after' : 'before'} "${step}": the next start goes on, and ends active and told`, async () => {
        const target = { tenantId, environment: 'sandbox' } as const
        await assert.rejects(provision(target, dyingAt(step, isDone)), /the process died/)
        // Its jobs are gone with it: only the rows say what is undone.
        await plane.owner.query('delete from graphile_worker._private_jobs')
        await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
        await plane.runJobs()
        assert.equal(await statusOf(tenantId), 'active')
        assert.equal(plane.planes.sandbox.tenants.get(tenantId)?.status, 'active')
        assert.equal(await plane.count('entitlement_push', 'tenant_id = $1 and version = 1', [tenantId]), 1)
      })
    }
  }

  test('with the job in its hands: the queue keeps it locked, and another does the work', async () => {
    await plane.owner.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'a process that died'`,
    )
    await plane.runJobs()
    assert.equal(await statusOf(tenantId), 'provisioning')
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.equal(await statusOf(tenantId), 'active')
  })
})

for (const broken of ['provisionTenant', 'getPlaneTenant']) {
  test(`a plane that breaks at ${broken} makes it an error with a reason, and it runs again to active`, async () => {
    plane.planes.sandbox.broken = broken
    await plane.runJobs()
    plane.planes.sandbox.broken = undefined
    const { rows } = await plane.owner.query(
      `select status, reason from contract where tenant_id = $1 and environment = 'sandbox'`,
      [tenantId],
    )
    assert.deepEqual(rows, [{ status: 'error', reason: 'The environment refused to be set up.' }])
    const target = { tenantId, environment: 'sandbox' } as const
    assert.ok(await transaction(plane.context.db, (tx) => requestProvisioning(tx, target, plane.context)))
    await plane.runJobs()
    assert.equal(await statusOf(tenantId), 'active')
    assert.equal(await plane.count('contract', `tenant_id = $1 and environment = 'sandbox'`, [tenantId]), 1)
  })
}

test('a plane that is away leaves it provisioning, and it becomes active when the plane is back', async () => {
  await plane.planes.sandbox.stop()
  await plane.runJobs()
  assert.equal(await statusOf(tenantId), 'provisioning')
  await plane.planes.sandbox.start()
  await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
  await plane.runJobs()
  assert.equal(await statusOf(tenantId), 'active')
})

test('one that was asked for a moment ago is left to the job that has it', async () => {
  await plane.owner.query('delete from graphile_worker._private_jobs')
  await reconcile(plane.context, { provisioningsOlderThanMs: 30_000 })
  assert.equal(await plane.count('graphile_worker._private_jobs', `key like 'provision:%'`), 0)
  plane.clock.advance(30_000)
  await reconcile(plane.context, { provisioningsOlderThanMs: 30_000 })
  assert.ok((await plane.count('graphile_worker._private_jobs', `key like 'provision:%'`)) > 0)
})

/** The context of a process that dies at a call or statement whose name or text contains `step`. */
function dyingAt(step: string, isDone: boolean): ControlPlaneContext {
  const { planes, db } = plane.context
  async function run<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (!name.includes(step)) return await work()
    if (isDone) await work()
    throw new Error('the process died')
  }
  const sandbox: ControlPlaneContext['planes']['sandbox'] = {
    call: (definition, input) => run(definition.id, () => planes.sandbox.call(definition, input)),
  }
  const dyingDb = {
    query: (...call: Parameters<typeof db.query>) => run(String(call[0]), () => db.query(...call)),
    connect: async () => {
      const connection = await db.connect()
      return {
        query: (...call: Parameters<typeof db.query>) =>
          run(String(call[0]), () => connection.query(...call)),
        commit: () => run('commit', () => connection.commit()),
        release: (drop?: boolean) => connection.release(drop),
      }
    },
  }
  // `provision` uses no more of the pool than these.
  return { ...plane.context, planes: { ...planes, sandbox }, db: dyingDb as unknown as typeof db }
}
