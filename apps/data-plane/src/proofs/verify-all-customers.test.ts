import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import { listCheckpoints, takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import { verifyRoot } from '@pacspace/api/definition/verify'
import { setPublicRecords } from '@pacspace/api/internal/plane'
import { verifyCheckpointProof } from '@pacspace/proofs/checkpoint-proof'
import { verifyEntryProof } from '@pacspace/proofs/entry-proof'
import { toHex } from '@pacspace/proofs/hex'
import { logEntry } from '@pacspace/proofs/log-entry'
import { rootOf } from '@pacspace/proofs/merkle'
import { buildCuts } from '../checkpoints/front-door.ts'
import { tampered } from '../testing/tampered.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

type Source = 'db' | 'chain' | 'both'
const verify = (proofRoot: string, source?: Source) =>
  plane.client.succeed(verifyRoot, { params: { proofRoot }, ...(source && { query: { source } }) })
const bytesOf = (root: string) => Buffer.from(root.slice(2), 'hex')

/** A tenant, the checkpoint of all its customers, and the root of each customer's part. */
interface Locked extends TestTenant {
  readonly root: string
  readonly partOf: (customerId: string) => string
}

/** Each customer has two deltas, its number and half of it, before the cut, and one behind it. */
async function lock(customers: readonly string[]): Promise<Locked> {
  const tenant = await plane.newTenant()
  const emit = (customerId: string, delta: number) => ({ customerId, delta, reason: `of ${customerId}` })
  const deltas = customers.flatMap((customerId, i) => [
    emit(customerId, i + 1),
    emit(customerId, (i + 1) / 2),
  ])
  for (let from = 0; from < deltas.length; from += 1_000)
    await plane.client.succeed(emitBatch, {
      key: tenant.key,
      body: { deltas: deltas.slice(from, from + 1_000) },
    })
  await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: {} })
  if (customers[0] !== undefined)
    await plane.client.succeed(emitDelta, { key: tenant.key, body: emit(customers[0], 1_000) })
  await plane.verifyAll()
  const list = (query: object) =>
    plane.client.succeed(listCheckpoints, { key: tenant.key, query: { ...query } })
  const [whole] = (await list({})).checkpoints
  const parts = new Map<string, string>()
  for (const customerId of customers.slice(0, 5))
    parts.set(customerId, (await list({ customerId })).checkpoints[0]?.proofRoot ?? '')
  const partOf = (customerId: string) => parts.get(customerId) ?? assert.fail(customerId)
  return { ...tenant, root: whole?.proofRoot ?? assert.fail('no root'), partOf }
}

const TABLES = ['delta', 'checkpoint', 'checkpoint_cut', 'checkpoint_part', 'customer'] as const

/** After an intruder's change of the tenant's rows, the root is refused, for this, and nothing is shown. */
async function refusedAfter(
  { tenantNo }: Locked,
  change: string,
  root: string,
  pattern: RegExp,
): Promise<void> {
  await tampered(plane.owner, TABLES, change.replaceAll(':t', String(tenantNo)), async () => {
    const { verified, discrepancies, message, summary, records, verification } = await verify(root)
    assert.equal(verified, false, change)
    assert.match(discrepancies.join('\n'), pattern, change)
    assert.ok(message)
    assert.deepEqual([summary, records, verification.proof], [null, [], null], change)
  })
}

describe('the root of a checkpoint of all customers', () => {
  let locked: Locked
  before(async () => {
    locked = await lock(['b', 'a', 'c'])
  })

  it('gives the summary only, from every source, and a proof of its entry', async () => {
    for (const source of ['db', 'chain', 'both'] as const) {
      const { verified, discrepancies, message, records, verification } = await verify(locked.root, source)
      assert.deepEqual([verified, discrepancies, message, records], [true, [], null, []], source)
      assert.equal(verification.reference, 'a_7')
    }
    const { summary, verification } = await verify(locked.root)
    assert.deepEqual(
      [summary?.recordCount, summary?.startingBalance, summary?.netChange, summary?.endingBalance],
      [6, amountOf('0'), amountOf('9'), amountOf('9')],
    )
    const { tlogProof, publicKey } = verification.proof ?? assert.fail()
    const entry = logEntry('checkpoint', bytesOf(locked.root))
    assert.ok((await verifyEntryProof(tlogProof, entry, { logKeys: [publicKey] })).verified)
    const { text } = await plane.client.call(verifyRoot, { params: { proofRoot: locked.root } })
    for (const name of ['"a"', 'of a']) assert.ok(!text.includes(name))
  })

  it('R26 is refused for a change in cut, entry, any part, or a ledger that it rests on', async () => {
    const of = 'where tenant_id = :t'
    for (const [change, pattern] of [
      [`update checkpoint set net_change = net_change + 1 ${of}`, /^checkpoint: net_change/m],
      [`update checkpoint set deltas_count = 7 ${of}`, /^checkpoint: deltas_count/m],
      [`update checkpoint_cut set mode = 'x' ${of}`, /^checkpoint: cut_size, cut_at, mode/m],
      [`update checkpoint_cut set closed = not closed ${of}`, /^checkpoint: closed/m],
      // Part and entry alike: the sums agree, and the record that was signed says something else.
      [
        `update checkpoint_part set ending_balance = ending_balance + 1 ${of} and customer_no = 2;
         update checkpoint set ending_balance = ending_balance + 1 ${of}`,
        /^checkpoint: a customer’s record/m,
      ],
      [`delete from checkpoint_part ${of} and customer_no = 2`, /^checkpoint: /m],
      [`update customer set customer_id = 'd' ${of} and customer_no = 2`, /^checkpoint: /m],
      [`update delta set amount = amount + 1 ${of} and customer_no = 3 and seq = 2`, /^entry a_5, /m],
    ] as const)
      await refusedAfter(locked, change, locked.root, pattern)
    assert.equal((await verify(locked.root)).verified, true)
  })

  it('of more customers than are held against their ledgers still recomputes every record', async () => {
    const many = await lock(Array.from({ length: 450 }, (_, i) => `c${i}`))
    const { verified, summary } = await verify(many.root)
    assert.deepEqual([verified, summary?.recordCount], [true, 900])
    const of = 'where tenant_id = :t'
    await refusedAfter(
      many,
      `update checkpoint_part set starting_balance = 5 ${of} and customer_no = 449;
       update checkpoint set starting_balance = 5 ${of}`,
      many.root,
      /^checkpoint: a customer’s record/m,
    )
    assert.equal((await verify(many.partOf('c3'))).verified, true)
  })

  it('of nobody is 404: anybody can guess it', async () => {
    await lock([])
    const empty = toHex(rootOf([]))
    for (const source of ['db', 'chain', 'both'] as const)
      await plane.client.refuse(verifyRoot, 'NOT_FOUND', { params: { proofRoot: empty }, query: { source } })
  })
})

describe('the root of one customer’s part', () => {
  let locked: Locked
  before(async () => {
    locked = await lock(['b', 'a', 'c'])
  })

  it('shows that customer’s figures and records in scope, and proves them by its way to the root of all', async () => {
    for (const source of ['db', 'chain', 'both'] as const) {
      const { verified, discrepancies, verification } = await verify(locked.partOf('b'), source)
      assert.deepEqual([verified, discrepancies, verification.reference], [true, [], 'a_7'], source)
    }
    for (const [customerId, number] of [
      ['b', 1],
      ['a', 2],
      ['c', 3],
    ] as const) {
      const { summary, records, verification } = await verify(locked.partOf(customerId))
      assert.deepEqual(
        [summary?.recordCount, summary?.startingBalance, summary?.endingBalance],
        [2, amountOf('0'), amountOf(String(number * 1.5))],
      )
      assert.deepEqual(
        records.map(({ amount, reason }) => [amount, reason]),
        [number, number / 2].map((amount) => [amountOf(String(amount)), `of ${customerId}`]),
      )
      const { tlogProof, publicKey } = verification.proof ?? assert.fail()
      const proved = await verifyCheckpointProof(tlogProof, { logKeys: [publicKey] })
      assert.ok(proved.verified)
      assert.deepEqual(
        [proved.checkpoint.customerId, proved.proofRoot, toHex(rootOf([bytesOf(locked.partOf(customerId))]))],
        [customerId, locked.root, locked.partOf(customerId)],
      )
    }
    assert.equal((await verify(locked.partOf('b'), 'chain')).verification.proof, null)
  })

  it('R26 is refused for a change in it, in the cut, in what is beside it, or in its ledger; not for another’s ledger', async () => {
    const of = 'where tenant_id = :t'
    const root = locked.partOf('a')
    for (const [change, pattern] of [
      [
        `update checkpoint_part set net_change = net_change + 1 ${of} and customer_no = 2`,
        /^checkpoint: net_change/m,
      ],
      [
        `update checkpoint_part set items_root = sha256('x') ${of} and customer_no = 2`,
        /^checkpoint: items_root/m,
      ],
      [
        `update checkpoint_part set proof_root = sha256('x') ${of} and customer_no = 1`,
        /does not lead to the root/,
      ],
      [`update checkpoint_cut set fingerprints = '["x"]' ${of}`, /^checkpoint: nonce/m],
      [`update delta set amount = amount + 1 ${of} and customer_no = 2 and seq = 1`, /^record 1: /m],
      [
        `update customer set customer_id = 'd' ${of} and customer_no = 2`,
        /^(record|checkpoint|the customer)/m,
      ],
    ] as const)
      await refusedAfter(locked, change, root, pattern)
    const elsewhere = `update delta set amount = amount + 1 ${of} and customer_no = 1 and seq = 1`
    await tampered(plane.owner, TABLES, elsewhere.replace(':t', String(locked.tenantNo)), async () => {
      assert.equal((await verify(root)).verified, true)
    })
  })

  it('of a tenant whose records are not public gives the summary only, and no proof, which would name the customer', async () => {
    const set = (publicRecords: boolean) =>
      plane.internal.succeed(setPublicRecords, {
        token: plane.internalSecret,
        params: { tenantId: locked.tenantId },
        body: { publicRecords },
      })
    await set(false)
    const { verified, records, summary, verification } = await verify(locked.partOf('c'))
    assert.deepEqual([verified, records, summary?.recordCount, verification.proof], [true, [], 2, null])
    await set(true)
  })

  it('of the only customer is the root of all, and shows that customer', async () => {
    const alone = await lock(['only'])
    assert.equal(alone.partOf('only'), alone.root)
    const { verified, records, verification } = await verify(alone.root)
    assert.deepEqual([verified, records.length], [true, 2])
    const { tlogProof, publicKey } = verification.proof ?? assert.fail()
    assert.ok((await verifyCheckpointProof(tlogProof, { logKeys: [publicKey] })).verified)
  })

  it('is 404 until its checkpoint is in the log, and not verified until that is', async () => {
    const tenant = await plane.newTenant()
    for (const customerId of ['x', 'y'])
      await plane.client.succeed(emitDelta, { key: tenant.key, body: { customerId, delta: 1, reason: 'r' } })
    await plane.client.succeed(takeCheckpoint, { key: tenant.key, body: {} })
    await buildCuts(plane.cuts)
    const { rows } = await plane.owner.query<{ root: Buffer }>(
      'select proof_root as root from checkpoint_part where tenant_id = $1',
      [tenant.tenantNo],
    )
    const root = toHex(rows[0]?.root ?? assert.fail('no part'))
    await plane.client.refuse(verifyRoot, 'NOT_FOUND', { params: { proofRoot: root }, query: {} })
    await plane.verifyAll()
    assert.equal((await verify(root)).verified, true)
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
