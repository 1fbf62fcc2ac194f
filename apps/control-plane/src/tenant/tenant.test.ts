import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, updateMe } from '@pacspace/api/definition/accounts'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { getTenant, updateTenant } from '@pacspace/api/definition/tenant'
import { timestampOf } from '@pacspace/api/timestamp'
import { reconcile } from '../reconcile.ts'
import { TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

describe('the tenant', () => {
  test('is shown with its settings and environments', async () => {
    const { token, tenantId } = await plane.account()
    const now = timestampOf(plane.clock.now())
    assert.deepEqual(await plane.client.succeed(getTenant, { token }), {
      id: tenantId,
      companyName: 'Northwind',
      publicRecords: true,
      status: 'active',
      environments: [
        { environment: 'testnet', status: 'active', provisionedAt: now },
        { environment: 'mainnet', status: 'not_provisioned' },
      ],
      createdAt: now,
    })
  })

  test('takes another name, trimmed, which everybody sees and the activity log tells', async () => {
    const { token, tenantId } = await plane.account()
    const changed = await plane.client.succeed(updateTenant, { token, body: { companyName: ' Southwind ' } })
    assert.equal(changed.companyName, 'Southwind')
    assert.equal((await plane.client.succeed(getMe, { token })).tenant.companyName, 'Southwind')
    const { rows } = await plane.owner.query(
      `select details from audit_entry where tenant_id = $1 and action = 'tenant.updated'`,
      [tenantId],
    )
    assert.deepEqual(rows, [{ details: { oldCompanyName: 'Northwind', newCompanyName: 'Southwind' } }])
  })

  test('publicRecords: every plane is told, and a plane that was away when it is back', async () => {
    const { token, tenantId } = await plane.account({ tier: 'pilot' })
    const told = (environment: 'sandbox' | 'production') =>
      plane.planes[environment].tenants.get(tenantId)?.publicRecords
    assert.equal(told('sandbox'), true)
    const set = (publicRecords: boolean) =>
      plane.client.succeed(updateTenant, { token, body: { publicRecords } })
    assert.equal((await set(false)).publicRecords, false)
    await plane.runJobs()
    assert.equal(told('sandbox'), false)
    assert.equal((await plane.actionsOf(tenantId)).at(-1), 'tenant.updated')

    await plane.client.succeed(provisionEnvironment, { token, body: { environment: 'mainnet' } })
    await plane.runJobs()
    assert.equal(told('production'), false, 'an environment that comes later begins with the setting')

    await plane.planes.sandbox.stop()
    await set(true)
    await plane.runJobs()
    assert.deepEqual([told('sandbox'), told('production')], [false, true])
    await plane.planes.sandbox.start()
    await plane.owner.query('delete from graphile_worker._private_jobs')
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.equal(told('sandbox'), true)
    const before = await plane.actionsOf(tenantId)
    await set(true)
    assert.deepEqual(await plane.actionsOf(tenantId), before, 'what changes nothing is no activity')
  })

  test('VALIDATION_ERROR for a blank name; nothing named changes nothing', async () => {
    const { token } = await plane.account()
    const { details } = await plane.client.refuse(updateTenant, 'VALIDATION_ERROR', {
      token,
      body: { companyName: '  ' },
    })
    assert.equal(details[0]?.path, '/companyName')
    assert.equal((await plane.client.succeed(updateTenant, { token, body: {} })).companyName, 'Northwind')
  })
})

describe('the own profile', () => {
  test('takes another name in part', async () => {
    const { token, userId, email, tenantId } = await plane.account()
    assert.deepEqual(await plane.client.succeed(updateMe, { token, body: { lastName: ' Roe ' } }), {
      id: userId,
      email,
      name: 'Jane Roe',
      firstName: 'Jane',
      lastName: 'Roe',
    })
    assert.equal((await plane.client.succeed(getMe, { token })).name, 'Jane Roe')
    assert.equal((await plane.actionsOf(tenantId)).at(-1), 'account.updated')
  })

  test('VALIDATION_ERROR for a blank name', async () => {
    const { token } = await plane.account()
    const { details } = await plane.client.refuse(updateMe, 'VALIDATION_ERROR', {
      token,
      body: { firstName: '\t' },
    })
    assert.equal(details[0]?.path, '/firstName')
  })
})
