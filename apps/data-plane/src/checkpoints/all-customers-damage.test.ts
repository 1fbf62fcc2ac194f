import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/checkpoints'
import { emitDelta } from '@pacspace/api/definition/ledger'
import { fsck } from '../fsck/fsck.ts'
import { findingsOf } from '../testing/findings-of.ts'
import { columnDamages } from '../testing/ledger-damage.ts'
import { stopTimeAt } from '../testing/plane-time.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

const take = (tenant: TestTenant, body: object, headers: Record<string, string>) =>
  plane.client.call(api.takeCheckpoint, { key: tenant.key, body, headers })
const emit = (tenant: TestTenant, customerId: string, delta: number) =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta, reason: 'x' } })
const at = (instant: string) => stopTimeAt(plane, instant)

describe('R26 R27 damage of a checkpoint of all customers', () => {
  it('of any column of cut, part, check and entry is found by fsck, and its tenant named', async () => {
    const tenant = await plane.newTenant()
    await at('2126-09-01T00:00:00.000Z')
    for (const customerId of ['c0', 'c1', 'c2']) await emit(tenant, customerId, 1)
    await at('2126-10-01T00:00:00.000Z')
    await emit(tenant, 'c1', 8)
    await take(tenant, { mode: 'm', fingerprints: ['f'] }, { 'idempotency-key': 'k' })
    await emit(tenant, 'c2', 8)
    await plane.verifyAll()
    const said = ['checkpoint_check.checked_at', 'batch_request.request_hash', 'batch_request.first_index']
    const damages = await columnDamages(plane.owner, tenant.tenantNo, {
      checkpoint: 'customer_no is null',
      checkpoint_cut: 'true',
      checkpoint_part: 'customer_no = 2',
      checkpoint_check: 'true',
      batch_request: `kind = 'checkpoint'`,
    })
    for (const damage of damages.filter(({ name }) => !said.some((column) => name.startsWith(column)))) {
      const found = await findingsOf(plane, damage).catch((error) => {
        if (String(error).includes('changed nothing')) return 'refused' as const
        throw new Error(damage.name, { cause: error })
      })
      if (found === 'refused') continue
      assert.ok(found.length > 0, damage.name)
      if (damage.namesTenant)
        assert.ok(
          found.some((text) => text.includes(tenant.tenantId)),
          damage.name,
        )
    }
    for (const statement of [
      'delete from checkpoint_part where tenant_id = :t and customer_no = 2',
      'delete from checkpoint_part where tenant_id = :t',
      'delete from checkpoint_cut where tenant_id = :t',
      'delete from checkpoint_check where tenant_id = :t',
      'delete from checkpoint where tenant_id = :t',
      `delete from batch_request where tenant_id = :t and kind = 'checkpoint'`,
    ]) {
      const damage = { name: statement, statement: statement.replace(':t', String(tenant.tenantNo)) }
      assert.ok((await findingsOf(plane, damage)).length > 0, statement)
    }
    assert.deepEqual((await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })).findings, [])
  })
})

it('everything is sound in the end', () => plane.requireSound())
