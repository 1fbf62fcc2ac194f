import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, updateMe } from '@pacspace/api/definition/accounts'
import { getTenant, updateTenant } from '@pacspace/api/definition/tenant'
import { timestampOf } from '@pacspace/api/timestamp'
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
