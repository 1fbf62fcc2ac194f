import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatAmount } from '@pacspace/api/amount'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { getCustomer, getGaps } from '@pacspace/api/definition/customers'
import { acceptFact } from '@pacspace/api/definition/facts'
import * as api from '@pacspace/api/definition/ledger'
import { getUsage } from '@pacspace/api/definition/usage'
import { verifyRoot } from '@pacspace/api/definition/verify'
import { acceptWrites } from '@pacspace/api/definition/writes'
import { verifyDeltaProof } from '@pacspace/proofs/delta-proof'
import { createPool } from '@pacspace/service/postgres'
import { startFaultProxy } from '@pacspace/testing/fault-proxy'
import { intrude, tampered } from '../testing/tampered.ts'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
  type TestTenant,
} from '../testing/test-data-plane.ts'
import { parseVoidOrder, VoidRefused, type VoidWords } from './void-order.ts'
import { voidRecord } from './void-record.ts'

let store: TestStore
let plane: TestDataPlane
before(async () => {
  store = await createTestStore()
  plane = await startTestDataPlane('sandbox', { store })
})
after(async () => {
  await plane[Symbol.asyncDispose]()
  await removeTestStore(store)
})

const makeVoid = (words: VoidWords, isDryRun = false) => {
  const { owner: db, clock, worker } = plane
  const context = { db, clock, anchor: worker.fileAnchor, randomBytes: plane.context.randomBytes }
  return voidRecord(parseVoidOrder({ reason: 'lost in a disk fault', ...words }), context, { isDryRun })
}
const refusal = (words: VoidWords) =>
  makeVoid(words).then(
    () => assert.fail('it was made void'),
    (error) => (error instanceof VoidRefused ? error.code : assert.fail(error)),
  )
const emit = ({ key }: TestTenant, customerId: string, delta: number, more: object = {}, at = plane) =>
  at.client.succeed(api.emitDelta, { key, body: { customerId, delta, reason: 'x', ...more } })
const get = ({ key }: TestTenant, recordId: string) =>
  plane.client.succeed(api.getDelta, { key, params: { recordId } })
const statusesOf = async (tenant: TestTenant, records: readonly { readonly recordId: string }[]) => {
  const found = await Promise.all(records.map(({ recordId }) => get(tenant, recordId)))
  return found.map(({ status }) => status)
}
/** Changes a row behind the ledger's back, and lets verification find it. */
const damage = async ({ tenantNo }: TestTenant, logIndex: number, change = 'amount = amount + 1') => {
  await intrude(
    plane.owner,
    change === 'delete'
      ? `delete from delta where tenant_id = ${tenantNo} and log_index = ${logIndex}`
      : `update delta set ${change} where tenant_id = ${tenantNo} and log_index = ${logIndex}`,
  )
  await plane.verifyAll()
}
const usageOf = async ({ key }: TestTenant) => {
  const { consumed, reserved } = await plane.client.succeed(getUsage, { key })
  return { consumed, reserved }
}
const ends = async ({ key }: TestTenant, customerId: string) => {
  const call = { key, params: { customerId }, query: {} }
  const { computedBalance, totalDeltas } = await plane.client.succeed(getCustomer, call)
  return [formatAmount(computedBalance), totalDeltas]
}

const SCRIPT = fileURLToPath(new URL('../../../../packages/proofs/testdata/independent.py', import.meta.url))
/** What the independent Python implementation says of a proof; undefined where there is no Python. */
function independentVerdict(proof: string, logKey: string): boolean | undefined {
  const vector = { name: 'it', kind: 'delta', proof, policy: { logKeys: [logKey] } }
  const input = JSON.stringify({ vectors: [vector], hashes: [] })
  const run = spawnSync('python3', [SCRIPT, 'vectors'], { input, encoding: 'utf8' })
  if (run.error !== undefined) return undefined
  return JSON.parse(run.stdout).verdicts.it
}

describe('a damaged delta of which no copy is left', () => {
  let tenant: TestTenant
  let damaged: Awaited<ReturnType<typeof emit>>
  let behind: Awaited<ReturnType<typeof emit>>
  let strangers: Awaited<ReturnType<typeof emit>>[]
  const batch = () =>
    plane.client.call(api.emitBatch, {
      key: tenant.key,
      headers: { 'idempotency-key': 'batch' },
      body: {
        deltas: [
          { customerId: 'acc', delta: 1, reason: 'x' },
          { customerId: 'other', delta: 3, reason: 'x' },
        ],
      },
    })
  const writes = () =>
    plane.client.call(acceptWrites, {
      key: tenant.key,
      headers: { 'idempotency-key': 'writes' },
      body: { items: [{ key: 'w', accountId: 'acc', bits: 2 }] },
    })
  const checkpoint = (body: object, headers = {}) =>
    plane.client.succeed(takeCheckpoint, { key: tenant.key, body, headers })
  const keyed = { 'idempotency-key': 'chk' }

  before(async () => {
    tenant = await plane.newTenant()
    await emit(tenant, 'acc', 5)
    strangers = [await emit(tenant, 'other', 1)]
    await plane.verifyAll()
    damaged = await emit(tenant, 'acc', 7, { referenceId: 'invoice 7' })
    strangers.push(await emit(tenant, 'other', 2))
    await plane.client.succeed(acceptFact, { key: tenant.key, body: { content: 'x' } })
    behind = await emit(tenant, 'acc', 11)
    await checkpoint({ customerId: 'acc' }, keyed)
    await checkpoint({ customerId: 'other' })
    await batch()
    await writes()
    await checkpoint({})
    await damage(tenant, 2)
  })

  it('stops everything behind it, and is told by a dry run that changes nothing', async () => {
    assert.deepEqual(await statusesOf(tenant, [damaged, behind, ...strangers]), [
      'FAILED',
      'PROCESSING',
      'VERIFIED',
      'PROCESSING',
    ])
    assert.deepEqual(await usageOf(tenant), { consumed: 2, reserved: 7 })
    const { rows: before } = await plane.owner.query('select * from log_head')
    const report = await makeVoid({ record: damaged.recordId }, true)
    assert.deepEqual(
      report.deltas.map(({ logIndex, delta }) => [logIndex, delta]),
      [
        [2, '8'], // as the row says, damaged as it is
        [5, '11'],
        [8, '1'],
        [10, '2'],
      ],
    )
    assert.equal(report.checkpoints.length, 1)
    assert.match(report.damage.join(), /^balance: stored 12, expected 13/)
    assert.deepEqual((await plane.owner.query('select * from log_head')).rows, before)
    assert.equal((await plane.owner.query('select from void')).rowCount, 0)
  })

  it('K14 is made void with all that rests on it, and the log is verified to its end', async () => {
    await makeVoid({ record: damaged.recordId })
    assert.equal(await refusal({ record: damaged.recordId }), 'ALREADY_VOID')
    assert.equal(await refusal({ record: behind.recordId }), 'ALREADY_VOID')
    await plane.requireSound()
    assert.deepEqual(await statusesOf(tenant, [damaged, behind, ...strangers]), [
      'FAILED',
      'FAILED',
      'VERIFIED',
      'VERIFIED',
    ])
    // Released: the customer's first, three of the other one, the fact.
    assert.deepEqual(await usageOf(tenant), { consumed: 5, reserved: 0 })
    assert.deepEqual(
      [await ends(tenant, 'acc'), await ends(tenant, 'other')],
      [
        ['5', 1],
        ['6', 3],
      ],
    )
  })

  it('says FAILED to whoever waits for what became void', async () => {
    const statusAt = (logIndex: number) => plane.context.watch.finalStatus(tenant.tenantNo, logIndex)
    assert.deepEqual(
      [await statusAt(2), await statusAt(3), await statusAt(5)],
      ['FAILED', 'VERIFIED', 'FAILED'],
    )
  })

  it('leads nowhere by its receipt, and a batch that held one says so again', async () => {
    for (const { receiptId } of [damaged, behind]) {
      const answer = await plane.client.call(verifyRoot, { params: { proofRoot: receiptId }, query: {} })
      assert.equal(answer.status, 404)
    }
    const { data, headers } = await batch()
    assert.equal(headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(
      data.results.map(({ status, error, customerId }) => [status, error, customerId]),
      [
        ['FAILED', 'DELTA_VOID', 'acc'],
        ['QUEUED', undefined, 'other'],
      ],
    )
    const refused = await writes()
    assert.equal(refused.problem?.code, 'DELTA_VOID')
    assert.deepEqual(
      refused.problem?.details?.map(({ path }) => path),
      ['/items/0'],
    )
  })

  it('R27 leaves no gap: the next delta goes on where verification stopped, and is proved offline', async () => {
    const again = await emit(tenant, 'acc', 7, { referenceId: 'invoice 7' })
    assert.equal(again.sequenceNumber, 2)
    assert.notEqual(again.recordId, damaged.recordId)
    await plane.requireSound()
    const { status, proof } = await get(tenant, again.recordId)
    assert.equal(status, 'VERIFIED')
    assert.ok(proof)
    assert.equal((await verifyDeltaProof(proof.tlogProof, { logKeys: [proof.publicKey] })).verified, true)
    assert.notEqual(independentVerdict(proof.tlogProof, proof.publicKey), false)
    assert.deepEqual(await ends(tenant, 'acc'), ['12', 2])
    const gaps = await plane.client.succeed(getGaps, {
      key: tenant.key,
      params: { customerId: 'acc' },
      query: {},
    })
    assert.deepEqual([gaps.gaps, gaps.lastSequence], [[], 2])
    const page = await plane.client.succeed(api.deriveBalance, {
      key: tenant.key,
      params: { customerId: 'acc' },
      query: {},
    })
    assert.deepEqual(
      page.deltas.map((item) => [item.sequenceNumber, formatAmount(item.delta)]),
      [
        [1, '5'],
        [2, '7'],
      ],
    )
  })

  it('is in no checkpoint: the customer’s is gone and may be asked for again, that of all is right', async () => {
    const { checkpoints } = await plane.client.succeed(listCheckpoints, { key: tenant.key, query: {} })
    assert.deepEqual(
      checkpoints.map(({ customerId, status, endingBalance, deltasCount }) => [
        customerId,
        status,
        endingBalance === null ? null : formatAmount(endingBalance),
        deltasCount,
      ]),
      [
        [null, 'VERIFIED', '11', 4],
        ['other', 'VERIFIED', '3', 2],
      ],
    )
    const again = await checkpoint({ customerId: 'acc' }, keyed)
    assert.deepEqual([formatAmount(again.endingBalance ?? assert.fail()), again.deltasCount], ['12', 2])
    await plane.requireSound()
  })
})

describe('what is left of a customer', () => {
  it('whose only delta is void begins anew, in every process', async () => {
    const tenant = await plane.newTenant()
    const { recordId } = await emit(tenant, 'acc', 7)
    await damage(tenant, 0, `reason = 'y'`)
    await makeVoid({ record: recordId })
    await plane.verifyAll()
    assert.deepEqual(await ends(tenant, 'acc'), ['0', 0])
    await using other = await startTestDataPlane('sandbox', { store })
    assert.equal((await emit(tenant, 'acc', 2, {}, other)).sequenceNumber, 1)
    assert.equal((await emit(tenant, 'acc', 3)).sequenceNumber, 2)
    await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: {} })
    await plane.requireSound()
    assert.deepEqual(await ends(tenant, 'acc'), ['5', 2])
  })

  it('whose row is gone altogether is said by the operator', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant, 'acc', 1)
    const { recordId } = await emit(tenant, 'acc', 7)
    await emit(tenant, 'acc', 2)
    await damage(tenant, 1, 'delete')
    const record = { record: recordId, tenant: tenant.tenantId }
    assert.equal(await refusal(record), 'CUSTOMER_NEEDED')
    assert.equal(await refusal({ ...record, customer: 'nobody' }), 'CUSTOMER_NEEDED')
    assert.equal(await refusal({ ...record, customer: 'acc' }), 'DELTA_NEEDED')
    const report = await makeVoid({ ...record, customer: 'acc', delta: '7' })
    assert.deepEqual(
      report.deltas.map(({ logIndex }) => logIndex),
      [1, 2],
    )
    await plane.requireSound()
    assert.deepEqual(await ends(tenant, 'acc'), ['1', 1])
  })

  it('is another’s, not its own, where the row was made to say so', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant, 'b', 1)
    const { recordId } = await emit(tenant, 'a', 7)
    await emit(tenant, 'b', 2)
    const later = await emit(tenant, 'a', 3)
    await damage(tenant, 1, 'customer_no = 1, seq = 77')
    const first = await makeVoid({ record: recordId })
    assert.deepEqual(
      first.deltas.map(({ logIndex }) => logIndex),
      [1],
    )
    await plane.verifyAll()
    await makeVoid({ record: later.recordId })
    await plane.requireSound()
    assert.deepEqual(
      [await ends(tenant, 'b'), await ends(tenant, 'a')],
      [
        ['3', 2],
        ['0', 0],
      ],
    )
  })
})

describe('whatever the damage is', () => {
  for (const [name, change, words] of [
    ['a time too late, of the last one', `created_at = created_at + interval '1 day'`, {}],
    ['a time too early', `created_at = created_at - interval '1 day'`, {}],
    ['its key', `key_digest = decode(repeat('07', 16), 'hex')`, {}],
    ['the random part of its name', `record_nonce = decode(repeat('07', 10), 'hex')`, { tenant: true }],
    ['an amount that is none', `amount = 'NaN'`, { delta: '7' }],
  ] as const) {
    it(`${name}: it is void, and its tenant still finds it by its name`, async () => {
      const tenant = await plane.newTenant()
      await emit(tenant, 'acc', 1)
      await emit(tenant, 'other', 2)
      const { recordId } = await emit(tenant, 'acc', 7)
      await damage(tenant, 2, change)
      const { tenant: isTenantSaid, delta } = { tenant: false, delta: undefined, ...words }
      const order = { record: recordId, ...(isTenantSaid && { tenant: tenant.tenantId }) }
      if (delta !== undefined) assert.equal(await refusal(order), 'DELTA_NEEDED')
      const report = await makeVoid({ ...order, delta })
      assert.deepEqual(report.deltas, [{ recordId, logIndex: 2, delta: '7' }])
      await emit(tenant, 'acc', 4)
      await plane.requireSound()
      assert.deepEqual(await ends(tenant, 'acc'), ['5', 2])
      const read = { key: tenant.key, params: { recordId } }
      if (delta === undefined) assert.equal((await get(tenant, recordId)).status, 'FAILED')
      else await plane.client.refuse(api.getDelta, 'NOT_FOUND', read)
    })
  }

  for (const when of ['before', 'answered'] as const) {
    it(`R12 a command that is cut off ${when === 'before' ? 'before' : 'when'} its COMMIT ${when === 'before' ? 'arrives' : 'is answered'}: all of it stands or nothing`, async () => {
      const tenant = await plane.newTenant()
      const { recordId } = await emit(tenant, 'acc', 7)
      await emit(tenant, 'acc', 2)
      await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { customerId: 'acc' } })
      await damage(tenant, 0)
      await using proxy = await startFaultProxy(store.database.url)
      const db = createPool({ url: proxy.through(store.database.url), applicationName: 'test', max: 1 })
      const cut = proxy.cutOnce({ at: 'COMMIT', when })
      const { clock, worker } = plane
      const { randomBytes } = plane.context
      const order = parseVoidOrder({ record: recordId, reason: 'lost' })
      const cutOff = voidRecord(
        order,
        { db, clock, randomBytes, anchor: worker.fileAnchor },
        { isDryRun: false },
      )
      await assert.rejects(cutOff, { name: 'CommitOutcomeUnknown' })
      await cut
      await db.end()
      const count = async (table: string) =>
        (await plane.owner.query(`select from ${table} where tenant_id = $1`, [tenant.tenantNo])).rowCount
      const stands = [await count('void'), await count('delta'), await count('checkpoint')]
      assert.deepEqual(stands, when === 'before' ? [0, 2, 1] : [3, 0, 0])
      // The same command again does it, or says that it is done.
      if (when === 'before') await makeVoid({ record: recordId })
      else assert.equal(await refusal({ record: recordId }), 'ALREADY_VOID')
      await plane.requireSound()
    })
  }

  it('a row that is gone, before one whose time is damaged: that one can be repaired still', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant, 'other', 1)
    const { recordId } = await emit(tenant, 'acc', 7)
    await emit(tenant, 'other', 2)
    const later = (hours: number) =>
      `update delta set created_at = created_at + interval '${hours} hours'
        where tenant_id = ${tenant.tenantNo} and log_index = 2`
    await intrude(plane.owner, later(24))
    await damage(tenant, 1, 'delete')
    await makeVoid({ record: recordId, tenant: tenant.tenantId, customer: 'acc', delta: '7' })
    await plane.verifyAll()
    await intrude(plane.owner, later(-24))
    await plane.requireSound()
    assert.deepEqual(await ends(tenant, 'other'), ['3', 2])
  })

  it('R19 others write meanwhile: each delta is void or verified, and none counts twice', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant, 'acc', 1)
    await plane.verifyAll()
    const { recordId } = await emit(tenant, 'acc', 7)
    await damage(tenant, 1)
    const write = async (customerId: string) => {
      const records: string[] = []
      for (let i = 0; i < 6; i++) records.push((await emit(tenant, customerId, 1)).recordId)
      return records
    }
    const [own, others] = await Promise.all([
      write('acc'),
      write('other'),
      plane.verifyAll().then(() => makeVoid({ record: recordId })),
      plane.verifyAll(),
    ])
    await plane.requireSound()
    const statuses = await statusesOf(
      tenant,
      own.map((id) => ({ recordId: id })),
    )
    const verified = statuses.filter((status) => status === 'VERIFIED').length
    assert.equal(statuses.filter((status) => status === 'FAILED').length, own.length - verified)
    assert.deepEqual(await ends(tenant, 'acc'), [String(1 + verified), 1 + verified])
    assert.deepEqual(await ends(tenant, 'other'), [String(others.length), others.length])
  })
})

describe('rows that were verified and are lost', () => {
  let tenant: TestTenant
  let last: Awaited<ReturnType<typeof emit>>
  before(async () => {
    tenant = await plane.newTenant()
    for (const customerId of ['acc', 'acc', 'single', 'tail', 'tail']) await emit(tenant, customerId, 5)
    await plane.verifyAll()
    last = await emit(tenant, 'acc', 6)
  })
  const without = (logIndex: number, during: (other: TestDataPlane) => Promise<void>) =>
    tampered(
      plane.owner,
      ['delta', 'verify_state'],
      `delete from delta where tenant_id = ${tenant.tenantNo} and log_index = ${logIndex}`,
      async () => {
        await using other = await startTestDataPlane('sandbox', { store }) // remembers nothing
        await during(other)
      },
    )

  for (const [customerId, logIndex] of [
    ['single', 2],
    ['tail', 4],
  ] as const) {
    it(`R19 nothing is appended in the place of ${customerId}'s last one by a process that does not remember it`, async () => {
      const { rows: before } = await plane.owner.query('select * from log_head')
      await without(logIndex, async (other) => {
        await assert.rejects(emit(tenant, customerId, 1, {}, other), /INTERNAL_ERROR/)
      })
      assert.deepEqual((await plane.owner.query('select * from log_head')).rows, before)
    })
  }

  it('are what verification names, and the delta behind them is not made void', async () => {
    await without(1, async (other) => {
      await other.verifyAll()
      assert.equal(await refusal({ record: last.recordId }), 'NOT_FAILED')
    })
    await plane.requireSound()
    assert.equal((await get(tenant, last.recordId)).status, 'VERIFIED')
  })
})

describe('nothing else is made void', () => {
  it('what is verified, sound, repaired, no delta, or of nobody', async () => {
    const tenant = await plane.newTenant()
    const verified = await emit(tenant, 'acc', 5)
    await plane.verifyAll()
    const sound = await emit(tenant, 'acc', 6)
    assert.equal(await refusal({ record: verified.recordId }), 'VERIFIED')
    assert.equal(await refusal({ record: sound.recordId }), 'NOT_FAILED')
    await damage(tenant, 1)
    // Still signed, whatever became of it since.
    await intrude(
      plane.owner,
      `update delta set amount = 9 where tenant_id = ${tenant.tenantNo} and log_index = 0`,
    )
    assert.equal(await refusal({ record: verified.recordId }), 'VERIFIED')
    await intrude(
      plane.owner,
      `update delta set amount = 5 where tenant_id = ${tenant.tenantNo} and log_index = 0`,
    )
    await intrude(
      plane.owner,
      `update delta set amount = 6 where tenant_id = ${tenant.tenantNo} and log_index = 1`,
    )
    assert.equal(await refusal({ record: sound.recordId }), 'SOUND')
    assert.equal(await refusal({ record: `rec_${'0'.repeat(26)}` }), 'NO_SUCH_RECORD')
    assert.equal(await refusal({ record: 'x' }), 'NO_SUCH_RECORD')
    await plane.requireSound()
    assert.equal(await refusal({ record: sound.recordId }), 'VERIFIED')
  })

  it('by an anchor that is not the plane’s: it cannot tell what was signed', async () => {
    const tenant = await plane.newTenant()
    await emit(tenant, 'acc', 5)
    await plane.verifyAll()
    const { recordId } = await emit(tenant, 'acc', 6)
    await damage(tenant, 1)
    const { owner: db, clock } = plane
    const { randomBytes } = plane.context
    const anchor = { peek: async () => undefined }
    const order = parseVoidOrder({ record: recordId, reason: 'lost' })
    const attempt = voidRecord(order, { db, clock, anchor, randomBytes }, { isDryRun: false })
    await assert.rejects(attempt, { code: 'UNCONFIRMED' })
    await makeVoid({ record: recordId })
    await plane.requireSound()
  })

  it('where two logs fail at the same place, the tenant is said', async () => {
    const tenants = [await plane.newTenant(), await plane.newTenant()]
    const records: string[] = []
    for (const tenant of tenants) {
      records.push((await emit(tenant, 'acc', 1)).recordId)
      await damage(tenant, 0, 'delete')
    }
    const words = { record: records[0] ?? '', customer: 'acc', delta: '1' }
    assert.equal(await refusal(words), 'TENANT_NEEDED')
    for (const [index, { tenantId }] of tenants.entries())
      await makeVoid({ ...words, record: records[index], tenant: tenantId })
    await plane.requireSound()
  })

  for (const [name, words] of [
    ['no record', { record: undefined }],
    ['no reason', { record: 'rec_1', reason: ' ' }],
    ['a reason of two lines', { record: 'rec_1', reason: 'a\nb' }],
    ['no tenant', { record: 'rec_1', tenant: 'x' }],
    ['no amount', { record: 'rec_1', delta: '1e3' }],
  ] as const) {
    it(`an order with ${name} is refused`, () => {
      assert.throws(() => parseVoidOrder({ reason: 'lost', ...words }), {
        name: 'VoidRefused',
        code: 'ORDER_INVALID',
      })
    })
  }
})

it('the database lets nothing that is signed go, whoever asks', async () => {
  for (const table of ['delta', 'batch_request', 'checkpoint'])
    await assert.rejects(plane.owner.query(`delete from ${table}`), /append-only/)
})
