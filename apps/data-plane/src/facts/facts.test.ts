import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/facts'
import { emitBatch, emitDelta, getDelta } from '@pacspace/api/definition/ledger'
import { verifyDeltaProof } from '@pacspace/proofs/delta-proof'
import { verifyFactProof } from '@pacspace/proofs/fact-proof'
import { integrate } from '../anchors/integrate.ts'
import { VerifiedMemory } from '../anchors/verified-memory.ts'
import { fsck } from '../fsck/fsck.ts'
import { findingsOf } from '../testing/findings-of.ts'
import { columnDamages } from '../testing/ledger-damage.ts'
import { ledgerRows } from '../testing/ledger-rows.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

const accept = (body: unknown, headers: Record<string, string> = {}, key = tenant.key) =>
  plane.client.call(api.acceptFact, { key, body, headers })
const get = (contentHash: string) =>
  plane.client.succeed(api.getFact, { key: tenant.key, params: { contentHash } })
const verify = (contentHash: string) =>
  plane.client.succeed(api.verifyFact, { key: tenant.key, params: { contentHash } })
const hashOf = (content: string) => `sha256_${createHash('sha256').update(content).digest('hex')}`

describe('POST /facts', () => {
  it('keeps the content, named by its hash, and says so in the published words', async () => {
    const answer = await accept({ content: 'naïve ☃', metadata: { b: 1, a: [null] } })
    assert.equal(answer.status, 202)
    assert.deepEqual(
      { ...answer.data, createdAt: null },
      {
        contentHash: hashOf('naïve ☃'),
        status: 'queued',
        message: 'Fact accepted and queued for verification.',
        createdAt: null,
      },
    )
    const { createdAt } = answer.data
    const queued = {
      contentHash: hashOf('naïve ☃'),
      content: 'naïve ☃',
      metadata: { a: [null], b: 1 },
      createdAt,
    }
    assert.deepEqual(await get(hashOf('naïve ☃')), { ...queued, verified: false, verifiedAt: null })
    await plane.verifyAll()
    const { verifiedAt, ...rest } = await get(hashOf('naïve ☃'))
    assert.deepEqual(rest, { ...queued, verified: true })
    assert.ok(verifiedAt !== null && verifiedAt >= createdAt)
  })

  it('the same content again is the same fact, whatever metadata comes along, and writes nothing', async () => {
    const first = await accept({ content: 'once', metadata: { n: 1 } })
    const before = await ledgerRows(plane.owner)
    plane.clock.offsetMs += 20
    const again = await accept({ content: 'once', metadata: { n: 2 } })
    assert.deepEqual(again.data, first.data)
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(await ledgerRows(plane.owner), before)
    assert.deepEqual((await get(hashOf('once'))).metadata, { n: 1 })
  })

  it('R8 200 twins at once under one key, and 50 under none, are two facts', async () => {
    const before = await ledgerRows(plane.owner)
    const keyed = Array.from({ length: 200 }, () =>
      accept({ content: 'twin' }, { 'idempotency-key': 'twins' }),
    )
    const plain = Array.from({ length: 50 }, () => accept({ content: 'plain twin' }))
    const answers = await Promise.all([...keyed, ...plain])
    for (const { status } of answers) assert.equal(status, 202)
    assert.equal(new Set(answers.map(({ text }) => text)).size, 2)
    const isFirst = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)
    assert.equal(isFirst.length, 2)
    assert.equal((await ledgerRows(plane.owner)).logSize, before.logSize + 2)
  })

  it('R9 a key is bound to content, metadata and route, both ways, and a conflict writes nothing', async () => {
    const headers = { 'idempotency-key': 'bound' }
    const delta = { customerId: 'cust_k', delta: 1, reason: 'x' }
    await accept({ content: 'bound', metadata: { a: 1 } }, headers)
    await plane.client.succeed(emitDelta, {
      key: tenant.key,
      body: delta,
      headers: { 'idempotency-key': 'emit' },
    })
    await plane.client.succeed(emitBatch, {
      key: tenant.key,
      body: { deltas: [delta] },
      headers: { 'idempotency-key': 'batch' },
    })
    const before = await ledgerRows(plane.owner)
    const conflicts: [unknown, string][] = [
      [{ content: 'other', metadata: { a: 1 } }, 'bound'],
      [{ content: 'bound' }, 'bound'],
      [{ content: 'new' }, 'emit'],
      [{ content: 'new' }, 'batch'],
    ]
    for (const [body, key] of conflicts) {
      await plane.client.refuse(api.acceptFact, 'IDEMPOTENCY_CONFLICT', {
        key: tenant.key,
        body,
        headers: { 'idempotency-key': key },
      })
    }
    await plane.client.refuse(emitDelta, 'IDEMPOTENCY_CONFLICT', { key: tenant.key, body: delta, headers })
    await plane.client.refuse(emitBatch, 'IDEMPOTENCY_CONFLICT', {
      key: tenant.key,
      body: { deltas: [delta] },
      headers,
    })
    assert.deepEqual(await ledgerRows(plane.owner), before)
  })

  it('the longest content is kept, one byte more is refused, as is an empty one and one that is no text', async () => {
    const longest = `${'é'.repeat(32 * 1024 - 1)}ab`
    assert.equal((await accept({ content: longest })).status, 202)
    assert.equal((await get(hashOf(longest))).content, longest)
    for (const content of [`${longest}a`, '', 'a\0b', 7, null]) {
      const { problem } = await accept({ content })
      assert.equal(problem?.code, 'VALIDATION_ERROR', String(content).slice(0, 10))
    }
    assert.equal((await accept({})).problem?.message, 'Validation failed: content is required')
  })

  it('K14 a fact counts as one delta: at the edge of the allowance 402, never more, and a replay is still answered', async () => {
    const free = await plane.newTenant({ tier: 'free' })
    const deltas = Array.from({ length: 97 }, () => ({ customerId: 'c', delta: 1, reason: 'x' }))
    await plane.client.succeed(emitBatch, { key: free.key, body: { deltas } })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => accept({ content: `fact ${i}` }, {}, free.key)),
    )
    const codes = answers.map(({ problem }) => problem?.code ?? 'accepted').toSorted()
    assert.deepEqual(codes, [...Array(17).fill('INSUFFICIENT_CREDITS'), ...Array(3).fill('accepted')])
    const kept = answers.findIndex(({ status }) => status === 202)
    assert.equal((await accept({ content: `fact ${kept}` }, {}, free.key)).status, 202)
    await plane.client.refuse(emitDelta, 'INSUFFICIENT_CREDITS', { key: free.key, body: deltas[0] })
  })

  it('is refused where writes are: plan ended, log behind its anchor, clocks unsure', async () => {
    const other = await plane.newTenant()
    const refuse = (code: 'PLAN_UPGRADE_REQUIRED' | 'LOG_BEHIND_ANCHOR' | 'CLOCK_UNSURE') =>
      plane.client.refuse(api.acceptFact, code, { key: other.key, body: { content: 'x' } })
    await plane.owner.query('update tenant set writes_allowed = false where id = $1', [other.tenantNo])
    await refuse('PLAN_UPGRADE_REQUIRED')
    await plane.owner.query('update tenant set writes_allowed = true where id = $1', [other.tenantNo])
    plane.clock.offsetMs += 3_600_000
    await refuse('CLOCK_UNSURE')
    plane.clock.offsetMs -= 3_600_000
    await plane.owner.query(`insert into verify_state values ($1, null, '[]', 'LOG_BEHIND_ANCHOR', now())`, [
      other.tenantNo,
    ])
    await refuse('LOG_BEHIND_ANCHOR')
    await plane.owner.query('delete from verify_state where tenant_id = $1', [other.tenantNo])
  })
})

describe('GET /facts/:contentHash', () => {
  it('404 for a fact that nobody kept, for one of another tenant, and for what is no hash', async () => {
    const { key } = await plane.newTenant()
    await accept({ content: 'mine' })
    for (const contentHash of [
      hashOf('nobody'),
      hashOf('mine'),
      'sha256_',
      `SHA256_${'0'.repeat(64)}`,
      'x',
    ]) {
      await plane.client.refuse(api.getFact, 'NOT_FOUND', { key, params: { contentHash } })
      await plane.client.refuse(api.verifyFact, 'NOT_FOUND', { key, params: { contentHash } })
    }
  })
})

describe('facts and deltas share one log', () => {
  it('P12 in any order, over more than one tile, each with a proof that verifies offline', async () => {
    const { key, tenantNo } = await plane.newTenant()
    const records: string[] = []
    const contents: string[] = []
    for (let round = 0; round < 6; round++) {
      const deltas = Array.from({ length: 97 }, (_, i) => ({
        customerId: `c_${i % 5}`,
        delta: i + 1,
        reason: 'x',
      }))
      const batch = await plane.client.succeed(emitBatch, { key, body: { deltas } })
      records.push(batch.results[round]?.recordId ?? '')
      for (let i = 0; i < 2; i++) {
        contents.push(`${round}/${i}`)
        await accept({ content: `${round}/${i}` }, {}, key)
      }
      // One worker goes on where another stopped, without its memory.
      if (round % 2 === 1) await integrate({ ...plane.worker, memory: new VerifiedMemory() }, tenantNo)
    }
    await plane.verifyAll()
    for (const recordId of records) {
      const { proof } = await plane.client.succeed(getDelta, { key, params: { recordId } })
      const verdict = await verifyDeltaProof(proof?.tlogProof ?? '', { logKeys: [proof?.publicKey ?? ''] })
      assert.ok(verdict.verified)
    }
    for (const content of contents) {
      const params = { contentHash: hashOf(content) }
      const { proof, ...verified } = await plane.client.succeed(api.verifyFact, { key, params })
      assert.deepEqual([verified.verified, verified.discrepancies], [true, []])
      const verdict = await verifyFactProof(proof?.tlogProof ?? '', { logKeys: [proof?.publicKey ?? ''] })
      assert.ok(verdict.verified)
      assert.equal(verdict.fact.contentHash, hashOf(content))
      assert.equal(verdict.fact.createdAt, verified.createdAt)
    }
  })

  it('P9 equal contents of two tenants have nothing in common in the public log', async () => {
    const [a, b] = [await plane.newTenant(), await plane.newTenant()]
    await accept({ content: 'guessable' }, {}, a.key)
    await accept({ content: 'guessable' }, {}, b.key)
    await plane.verifyAll()
    const { rows } = await plane.owner.query<{ root: Buffer }>(
      'select root from log_note where tenant_id = any($1) and size = 1',
      [[a.tenantNo, b.tenantNo]],
    )
    assert.equal(rows.length, 2)
    assert.notDeepEqual(rows[0], rows[1])
  })
})

/** Changes rows behind the ledger's back, and undoes it whatever happens. */
async function whileDamaged(statement: string, undo: string, work: () => Promise<void>): Promise<void> {
  const damage = (sql: string) =>
    plane.owner.query(`do $$ begin set local session_replication_role = replica; ${sql}; end $$`)
  await damage(statement)
  try {
    await work()
  } finally {
    await damage(undo)
  }
}

describe('R26 a fact that was tampered with', () => {
  const findings = async () => (await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })).findings

  it('reads verified:false with what is wrong, and is verified again once repaired', async () => {
    const content = 'to be damaged'
    await accept({ content, metadata: { a: 1 } })
    await plane.verifyAll()
    const where = `where content = 'to be damaged' or content = 'damaged'`
    for (const [change, undo, text] of [
      [`content = 'damaged'`, `content = 'to be damaged'`, /another hash/],
      [`metadata = '{"a":2}'`, `metadata = '{"a":1}'`, /does not lead to the signed log/],
      [
        `created_at = created_at + interval '1 ms'`,
        `created_at = created_at - interval '1 ms'`,
        /does not lead/,
      ],
    ] as const) {
      await whileDamaged(
        `update fact set ${change} ${where}`,
        `update fact set ${undo} ${where}`,
        async () => {
          const answer = await verify(hashOf(content))
          assert.equal(answer.verified, false)
          assert.match(answer.discrepancies.join(), text)
          assert.deepEqual([answer.proof, answer.verifiedAt], [null, null])
          assert.ok((await findings()).length > 0)
        },
      )
    }
    assert.equal((await verify(hashOf(content))).verified, true)
    assert.deepEqual(await findings(), [])
  })

  it('before it was verified is not signed: it is FAILED for the worker, and what was before it is verified', async () => {
    const other = await plane.newTenant()
    const emit = (delta: number) =>
      plane.client.succeed(emitDelta, { key: other.key, body: { customerId: 'c', delta, reason: 'x' } })
    const before = await emit(1)
    await accept({ content: 'soon false' }, {}, other.key)
    const behind = await emit(2)
    const statusOf = async (recordId: string) =>
      (await plane.client.succeed(getDelta, { key: other.key, params: { recordId } })).status
    const where = `where tenant_id = ${other.tenantNo}`
    await whileDamaged(
      `update fact set content = 'false' ${where}`,
      `update fact set content = 'soon false' ${where}`,
      async () => {
        await plane.verifyAll()
        assert.deepEqual(
          [await statusOf(before.recordId), await statusOf(behind.recordId)],
          ['VERIFIED', 'PROCESSING'],
        )
        const { rows } = await plane.owner.query<{ first_failed_index: number; discrepancies: string[] }>(
          `select first_failed_index, discrepancies from verify_state ${where}`,
        )
        assert.equal(rows[0]?.first_failed_index, 1)
        assert.match(rows[0]?.discrepancies.join(), /content_hash: stored/)
      },
    )
    await plane.verifyAll()
    assert.equal(await statusOf(behind.recordId), 'VERIFIED')
  })

  it('in any column is found by fsck, and its tenant named', async () => {
    const other = await plane.newTenant()
    await accept({ content: 'first' }, {}, other.key)
    await accept({ content: 'second', metadata: { a: 1 } }, { 'idempotency-key': 'k' }, other.key)
    await accept({ content: 'third' }, {}, other.key)
    await plane.verifyAll()
    const damages = await columnDamages(plane.owner, other.tenantNo, {
      fact: 'log_index = 1',
      batch_request: 'first_index = 1',
      log_head: 'true',
    })
    assert.ok(damages.length > 30)
    for (const damage of damages) {
      const found = await findingsOf(plane, damage)
      if (found === 'refused') continue
      assert.ok(found.length > 0, damage.name)
      if (damage.namesTenant)
        assert.ok(
          found.some((text) => text.includes(other.tenantId)),
          damage.name,
        )
    }
  })

  it('R27 deleted, doubled or moved, is found, and so is a log index that two tables claim', async () => {
    const other = await plane.newTenant()
    for (let i = 0; i < 3; i++) {
      await plane.client.succeed(emitDelta, {
        key: other.key,
        body: { customerId: 'c', delta: 1, reason: 'x' },
      })
      await accept({ content: `fact ${i}` }, {}, other.key)
    }
    await plane.verifyAll()
    const where = `where tenant_id = ${other.tenantNo}`
    const inserted = (logIndex: number) =>
      `insert into fact (log_index, created_at, tenant_id, nonce, content_hash, content)
       select ${logIndex}, created_at, tenant_id, nonce, sha256('x'), 'x' from fact ${where} and log_index = 5`
    await plane.owner.query(`create table kept as select * from fact ${where}`)
    const restore = `delete from fact ${where}; insert into fact select * from kept`
    for (const damage of [
      `delete from fact ${where} and log_index = 1`,
      `delete from fact ${where} and log_index = 5`,
      `update fact set log_index = 6 ${where} and log_index = 5`,
      `update fact set log_index = 9000 ${where} and log_index = 5`,
      `update fact set log_index = (log_index - 1) * 2 ${where} and log_index in (3, 5)`,
      inserted(2),
      inserted(4),
      inserted(6),
      inserted(9000),
    ]) {
      await whileDamaged(damage, restore, async () => {
        const found = await findings()
        assert.ok(found.length > 0, damage)
        assert.match(found[0] ?? '', new RegExp(other.tenantId), damage)
      })
    }
    await plane.owner.query('drop table kept')
    assert.deepEqual(await findings(), [])
  })
})

it('everything is sound in the end', () => plane.requireSound())
