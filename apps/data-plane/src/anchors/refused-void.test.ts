import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { fsck } from '../fsck/fsck.ts'
import { intrude } from '../testing/tampered.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const emit = (delta: number) =>
  plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId: 'cust', delta, reason: 'x' } })
const statusOf = async (recordId: string) =>
  (await plane.client.succeed(getDelta, { key: tenant.key, params: { recordId } })).status

it('a void, whoever wrote it, is not signed: fsck names it, and deltas behind it wait', async () => {
  const before = await emit(1)
  await plane.verifyAll()
  // As well formed as a void can be: of a delta that is there, with what it added taken back.
  await intrude(
    plane.owner,
    `insert into void (log_index, created_at, tenant_id, nonce, record_id, customer_id, amount, reason)
       select h.size, h.last_created_at, h.tenant_id, decode(repeat('07', 10), 'hex'), '${before.recordId}', 'cust', -1, 'lost'
         from log_head h where h.tenant_id = ${tenant.tenantNo};
     update log_head set size = size + 1, append_mark = append_mark + 1 where tenant_id = ${tenant.tenantNo}`,
  )
  const behind = await emit(2)
  await plane.verifyAll()
  assert.deepEqual(
    [await statusOf(before.recordId), await statusOf(behind.recordId)],
    ['VERIFIED', 'PROCESSING'],
  )
  const { rows } = await plane.owner.query(
    'select first_failed_index, discrepancies from verify_state where tenant_id = $1',
    [tenant.tenantNo],
  )
  assert.deepEqual(rows, [
    { first_failed_index: 1, discrepancies: ['delta: log_index 1: record_id: nothing writes a void'] },
  ])
  const { findings } = await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })
  assert.ok(findings.some((text) => /void: .*log_index 1: record_id: nothing writes a void/.test(text)))
  const signed = await plane.owner.query('select from log_note where tenant_id = $1 and size > 1', [
    tenant.tenantNo,
  ])
  assert.equal(signed.rowCount, 0)
})

it('without it the log goes on', async () => {
  await intrude(
    plane.owner,
    `delete from void; delete from delta where tenant_id = ${tenant.tenantNo} and log_index = 2;
     update log_head h set size = 1, delta_count = 1, append_mark = append_mark + 1,
            last_created_at = (select created_at from delta d where d.tenant_id = h.tenant_id and d.log_index = 0)
      where tenant_id = ${tenant.tenantNo}`,
  )
  const next = await emit(3)
  await plane.verifyAll()
  assert.equal(await statusOf(next.recordId), 'VERIFIED')
  await plane.requireSound()
})
