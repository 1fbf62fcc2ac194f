import assert from 'node:assert/strict'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Amount } from '@pacspace/api/amount'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { emitBatch, emitDelta } from '@pacspace/api/definition/ledger'
import { getLogKey } from '@pacspace/api/definition/public-log'
import { verifyRoot } from '@pacspace/api/definition/verify'
import { setPublicRecords } from '@pacspace/api/internal/plane'
import { verifyCheckpointProof } from '@pacspace/proofs/checkpoint-proof'
import { verifyDeltaProof } from '@pacspace/proofs/delta-proof'
import { toHex } from '@pacspace/proofs/hex'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { verifyInclusion } from '@pacspace/proofs/merkle-proof'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import { integrate } from '../anchors/integrate.ts'
import { intrude as intrudeOn, tampered as tamperedTables } from '../testing/tampered.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

type Source = 'db' | 'chain' | 'both'
const verify = (proofRoot: string, source?: Source) =>
  plane.client.succeed(verifyRoot, { params: { proofRoot }, ...(source && { query: { source } }) })

/** A tenant with a log of its own, and the roots after each of its deltas. */
interface Ledger extends TestTenant {
  readonly logId: string
  readonly roots: readonly string[]
}

async function newLedger(count: number, customerId = 'cust_77'): Promise<Ledger> {
  const tenant = await plane.newTenant()
  const deltas = Array.from({ length: count }, (_, i) => ({
    customerId,
    delta: String(i + 0.5),
    reason: `reason ${i + 1}`,
    referenceId: `ref_${i + 1}`,
  }))
  const { results } = await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
  await plane.verifyAll()
  const { rows } = await plane.owner.query<{ log_id: string }>(
    'select log_id from log where tenant_id = $1',
    [tenant.tenantNo],
  )
  return { ...tenant, logId: rows[0]?.log_id ?? '', roots: results.map(({ receiptId }) => receiptId ?? '') }
}

const rootOf = ({ roots }: Ledger, n: number) => roots[n - 1] ?? assert.fail(`no root ${n}`)

describe('public verify', () => {
  let ledger: Ledger
  before(async () => {
    ledger = await newLedger(5)
  })

  it('recomputes what a customer root commits to, up to the signed head, and hands out its proof', async () => {
    const { data, headers } = await plane.client.call(verifyRoot, {
      params: { proofRoot: rootOf(ledger, 5) },
    })
    assert.equal(headers.get('access-control-allow-origin'), '*')
    assert.deepEqual([data.verified, data.message, data.discrepancies], [true, null, []])
    const { summary, records, verification, recordedAt } = data
    assert.deepEqual(
      [summary?.recordCount, summary?.netChange, summary?.startingBalance, summary?.endingBalance],
      [5, 12_500_000_000_000n as Amount, 0n as Amount, 12_500_000_000_000n as Amount],
    )
    assert.deepEqual([summary?.lastRecordAt, summary?.firstRecordAt], [recordedAt, records[0]?.time])
    assert.deepEqual(
      records.map(({ reason, referenceId, status }) => ({ reason, referenceId, status })),
      [1, 2, 3, 4, 5].map((n) => ({ reason: `reason ${n}`, referenceId: `ref_${n}`, status: 'VERIFIED' })),
    )
    assert.equal(verification.reference, 'a_4')
    assert.equal(verification.publicLedgerUrl, `https://pacspace.test/log/${ledger.logId}/checkpoint`)
    assert.equal(verification.logCheckpoint?.size, 5)
    assert.deepEqual(
      verification.anchors.map(({ level }) => level),
      ['file'],
    )
    const key = (await plane.client.succeed(getLogKey, { params: { logId: ledger.logId } })).trimEnd()
    assert.equal(verification.proof?.publicKey, key)
    const proved = await verifyDeltaProof(verification.proof?.tlogProof ?? '', { logKeys: [key] })
    assert.ok(proved.verified)
    assert.equal(proved.customerRoot, rootOf(ledger, 5))
  })

  it('answers for each root of a history as it was then', async () => {
    for (const n of [1, 2, 3, 4]) {
      const { verified, summary, records } = await verify(rootOf(ledger, n))
      assert.deepEqual([verified, summary?.recordCount, records.length], [true, n, n])
    }
  })

  it('answers an Accept: text/plain with the offline proof', async () => {
    const call = { params: { proofRoot: rootOf(ledger, 3) }, headers: { accept: 'text/plain' } }
    const { headers, text } = await plane.client.call(verifyRoot, call)
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.equal(text, (await verify(rootOf(ledger, 3))).verification.proof?.tlogProof)
  })

  it('says of a record that is not verified yet that it is not', async () => {
    const body = { customerId: 'fresh', delta: 1, reason: 'x' }
    const { receiptId } = await plane.client.succeed(emitDelta, { key: ledger.key, body })
    const { verified, message, records, verification } = await verify(receiptId)
    assert.equal(verified, false)
    assert.match(message ?? '', /not verified yet/)
    assert.deepEqual(
      [records[0]?.status, verification.proof, verification.logCheckpoint],
      ['QUEUED', null, null],
    )
    await integrate(plane.worker, ledger.tenantNo)
    assert.equal((await verify(receiptId)).records[0]?.status, 'PROCESSING')
    assert.match((await verify(receiptId, 'chain')).message ?? '', /not at the anchor yet/)
    await plane.verifyAll()
    assert.equal((await verify(receiptId)).verified, true)
  })

  it('P13 anything that is no root of anybody is one and the same 404, from every source', async () => {
    const { records: _records, verification } = await verify(rootOf(ledger, 5))
    const { rows } = await plane.owner.query<{ root: Buffer }>('select root from log_note where size = 5')
    const unknown = [
      `0x${'00'.repeat(32)}`,
      `0x${'5a'.repeat(32)}`,
      rootOf(ledger, 5).toUpperCase().replace('0X', '0x'),
      rootOf(ledger, 5).slice(2),
      `${rootOf(ledger, 5)}0`,
      verification.logCheckpoint?.root ?? '',
      toHex(rows[0]?.root ?? Buffer.alloc(32)),
      'nonsense',
      'chk_1',
    ]
    const answers = new Set<string>()
    for (const source of ['db', 'chain', 'both']) {
      for (const proofRoot of unknown) {
        const answer = await plane.client.call(verifyRoot, { params: { proofRoot }, query: { source } })
        assert.equal(answer.problem?.code, 'NOT_FOUND', proofRoot)
        answers.add(answer.text.replace(/req_\w+/, ''))
      }
    }
    assert.equal(answers.size, 1)
  })

  it('refuses an unknown source', async () => {
    const call = { params: { proofRoot: rootOf(ledger, 1) }, query: { source: 'hearsay' } }
    await plane.client.refuse(verifyRoot, 'VALIDATION_ERROR', call)
  })
})

describe('a tenant whose records are not public', () => {
  it('gives the summary only, and a proof that says nothing of the record', async () => {
    const ledger = await newLedger(3, 'secret-customer')
    const set = (publicRecords: boolean) =>
      plane.internal.succeed(setPublicRecords, {
        token: plane.internalSecret,
        params: { tenantId: ledger.tenantId },
        body: { publicRecords },
      })
    await set(false)
    const { text, data } = await plane.client.call(verifyRoot, { params: { proofRoot: rootOf(ledger, 3) } })
    assert.deepEqual([data.verified, data.records, data.summary?.recordCount], [true, [], 3])
    for (const word of ['secret-customer', 'reason 1', 'ref_1']) assert.ok(!text.includes(word))
    const { tlogProof, publicKey } = data.verification.proof ?? assert.fail()
    const { extra, index, path, note } = parseTlogProof(tlogProof)
    assert.equal(extra, undefined)
    const { checkpoint } = await verifyLogCheckpoint(note, { logKeys: [publicKey] })
    const leaf = logLeaf(logEntry('delta', Buffer.from(rootOf(ledger, 3).slice(2), 'hex')))
    assert.ok(verifyInclusion(leaf, index, checkpoint.size, path, checkpoint.root))
    await set(true)
    assert.equal((await verify(rootOf(ledger, 3))).records.length, 3)
  })

  it('of a tenant that nobody knows is 404, and the setting is demanded', async () => {
    const { tenantId } = await plane.newTenant()
    const call = (body: object, id: string) => ({
      token: plane.internalSecret,
      params: { tenantId: id },
      body,
    })
    await plane.internal.refuse(setPublicRecords, 'NOT_FOUND', call({ publicRecords: true }, 'tnt_0'))
    await plane.internal.refuse(setPublicRecords, 'VALIDATION_ERROR', call({}, tenantId))
  })
})

const SAVED = ['delta', 'customer', 'checkpoint', 'log_note', 'log_tile'] as const

const intrude = (statements: string) => intrudeOn(plane.owner, statements)
const tampered = (statements: string, during: () => Promise<void>) =>
  tamperedTables(plane.owner, SAVED, statements, during)

const refusedBy = async (proofRoot: string, pattern: RegExp, source?: Source) => {
  const { verified, discrepancies, message, summary, records, verification } = await verify(proofRoot, source)
  assert.equal(verified, false, proofRoot)
  assert.match(discrepancies.join('\n'), pattern)
  assert.ok(message)
  assert.deepEqual([summary, records, verification.proof], [null, [], null])
}

/** Another value of the same type. */
function changed(name: string, type: string): string {
  if (name === 'tenant_id') return '999999'
  if (type === 'bytea') {
    return `case when ${name} is null then decode(repeat('00', 32), 'hex') else set_byte(${name}, 0, get_byte(${name}, 0) # 1) end`
  }
  if (type === 'text') return `coalesce(${name}, '') || 'x'`
  if (type.startsWith('timestamp')) return `${name} + interval '1 ms'`
  return `coalesce(${name}, 0) + 1000`
}

describe('R26 R27 corruption', () => {
  let ledger: Ledger
  let third: string
  before(async () => {
    ledger = await newLedger(6)
    await newLedger(3) // a neighbour
    third = `tenant_id = ${ledger.tenantNo} and log_index = 2`
  })

  it('of any column of a delta is found: by the roots from it on, and by none before it', async () => {
    const { rows } = await plane.owner.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
        where table_schema = 'public' and table_name = 'delta'`,
    )
    assert.ok(rows.length >= 17)
    for (const { name, type } of rows) {
      const value = name === 'key_digest' ? `'\\x${'00'.repeat(16)}'` : changed(name, type)
      await tampered(`update delta set ${name} = ${value} where ${third}`, async () => {
        for (const n of [4, 6]) await refusedBy(rootOf(ledger, n), /^record 3/m)
        // Before it only the log's own tree can be hurt, whose right edge is made of the rows' roots.
        const hurtsLog = ['log_index', 'tenant_id', 'items_root'].includes(name)
        assert.equal((await verify(rootOf(ledger, 2))).verified, !hurtsLog, name)
        // A root that was changed itself is not there to be found by it, before verification names the row.
        const own = await plane.client.call(verifyRoot, { params: { proofRoot: rootOf(ledger, 3) } })
        if (name === 'items_root') assert.equal(own.problem?.code, 'NOT_FOUND')
        else assert.equal(own.data.verified, false, name)
      })
    }
    assert.equal((await verify(rootOf(ledger, 6))).verified, true)
  })

  it('of a root itself is found by it once verification has named the row', async () => {
    await tampered(`update delta set items_root = sha256('x') where ${third}`, async () => {
      const named = `insert into verify_state (tenant_id, first_failed_index, discrepancies, found_at)
                     values (${ledger.tenantNo}, 2, '[]', now())`
      await intrude(named)
      await refusedBy(rootOf(ledger, 3), /record 3: root after it does not fit/)
      await plane.client.refuse(verifyRoot, 'NOT_FOUND', { params: { proofRoot: `0x${'11'.repeat(32)}` } })
      await intrude(`delete from verify_state where tenant_id = ${ledger.tenantNo}`)
    })
  })

  it('that verification has found counts, for everything at and behind it', async () => {
    await intrude(`insert into verify_state (tenant_id, first_failed_index, discrepancies, found_at)
                   values (${ledger.tenantNo}, 4, '["secret"]', now())`)
    await refusedBy(rootOf(ledger, 6), /^entry a_4 of the log was found damaged$/)
    assert.equal((await verify(rootOf(ledger, 4))).verified, true)
    await intrude(`delete from verify_state where tenant_id = ${ledger.tenantNo}`)
  })

  it('by rows that are gone, that were put in, or that changed places is found', async () => {
    await tampered(`delete from delta where ${third}`, async () => {
      await refusedBy(rootOf(ledger, 5), /record 3: sequence|record 3 is missing/)
    })
    const copy = (columns: string, values: string) =>
      `insert into delta (log_index, created_at, tenant_id, customer_no, seq, record_nonce, items_root, nodes, amount, balance, reason)
       select ${values} from delta where ${third} ${columns}`
    await tampered(
      `update delta set seq = seq + 1000 where tenant_id = ${ledger.tenantNo} and seq >= 3;
       update delta set seq = seq - 999 where tenant_id = ${ledger.tenantNo} and seq >= 1003;
       ${copy('', 'log_index + 100, created_at, tenant_id, customer_no, 3, record_nonce, sha256(record_nonce), nodes, amount, balance, reason').replace(third, `tenant_id = ${ledger.tenantNo} and log_index = 1`)}`,
      () => refusedBy(rootOf(ledger, 5), /^record 3/m),
    )
    await tampered(
      `update delta set seq = 1000 where ${third};
       update delta set seq = 3 where tenant_id = ${ledger.tenantNo} and seq = 4;
       update delta set seq = 4 where tenant_id = ${ledger.tenantNo} and seq = 1000`,
      () => refusedBy(rootOf(ledger, 5), /^record 3/m),
    )
  })

  it('of the customer, the signed head or its signature is found', async () => {
    const ofTenant = `where tenant_id = ${ledger.tenantNo}`
    await tampered(`update customer set customer_id = 'somebody else' ${ofTenant}`, () =>
      refusedBy(rootOf(ledger, 6), /^record 1: root after it does not fit/m),
    )
    await tampered(`delete from log_note ${ofTenant} and size = 6`, () =>
      refusedBy(rootOf(ledger, 6), /the signed head of size 6 is missing/),
    )
    await tampered(`update log_note set note = replace(note, 'a', 'b') ${ofTenant} and size = 6`, () =>
      refusedBy(rootOf(ledger, 6), /the signature of the signed head is wrong/),
    )
    const neighbour = `update delta set items_root = sha256('y') where tenant_id = ${ledger.tenantNo} and seq = 6`
    await tampered(neighbour, () => refusedBy(rootOf(ledger, 2), /entry a_1 does not lead to the root/))
  })
})

describe('a long ledger', () => {
  let ledger: Ledger
  before(async () => {
    const first = await newLedger(1_000)
    const deltas = Array.from({ length: 300 }, (_, i) => ({
      customerId: 'cust_77',
      delta: '1',
      reason: `more ${i}`,
    }))
    const { results } = await plane.client.succeed(emitBatch, { key: first.key, body: { deltas } })
    await plane.verifyAll()
    ledger = { ...first, roots: [...first.roots, ...results.map(({ receiptId }) => receiptId ?? '')] }
  })

  it('shows its first 1,000 records, and proves the summary of all', async () => {
    for (const n of [1_000, 1_001, 1_024, 1_025, 1_300]) {
      const { verified, summary, records, discrepancies } = await verify(rootOf(ledger, n))
      assert.deepEqual([verified, summary?.recordCount, records.length, discrepancies], [true, n, 1_000, []])
    }
  })

  it('is refused for a change in any part of it that the answer rests on', async () => {
    const row = (n: number) => `where tenant_id = ${ledger.tenantNo} and seq = ${n}`
    const root = rootOf(ledger, 1_300)
    for (const n of [1, 500, 1_000]) {
      await tampered(`update delta set amount = amount + 1 ${row(n)}`, () =>
        refusedBy(root, new RegExp(`^record ${n}: `, 'm')),
      )
    }
    await tampered(`update delta set amount = amount + 1 ${row(1_300)}`, () =>
      refusedBy(root, /^record 1300: /m),
    )
    await tampered(
      `update delta set nodes = set_byte(nodes, 300, get_byte(nodes, 300) # 1) ${row(1_024)}`,
      () => refusedBy(root, /record 1024|1300|first 1000/),
    )
    await tampered(`delete from delta ${row(1_299)}`, () => refusedBy(root, /record 1299 is missing/))
    await tampered(
      `update log_tile set hashes = set_byte(hashes, 64, get_byte(hashes, 64) # 1) where tenant_id = ${ledger.tenantNo} and level = 0 and tile_index = 0`,
      () => refusedBy(rootOf(ledger, 1), /entry a_0 does not lead to the root/),
    )
  })

  it('is verified at the anchor wherever its entry stands', async () => {
    for (const n of [1, 255, 256, 257, 1_024, 1_300]) {
      const { verified, verification } = await verify(rootOf(ledger, n), 'chain')
      assert.deepEqual([verified, verification.reference], [true, `a_${n - 1}`])
    }
  })
})

describe('a checkpoint', () => {
  it('is recomputed from its root: record, figures, records in scope, entry and head; damage is found', async () => {
    const ledger = await newLedger(5)
    const body = { customerId: 'cust_77' }
    const { proofRoot } = await plane.client.succeed(takeCheckpoint, { key: ledger.key, body })
    const root = proofRoot ?? assert.fail('no root')
    assert.match((await verify(root)).message ?? '', /not verified yet/)
    await plane.verifyAll()
    for (const source of ['db', 'chain', 'both'] as const) {
      const { verified, discrepancies, verification } = await verify(root, source)
      assert.deepEqual([verified, discrepancies, verification.reference], [true, [], 'a_5'], source)
    }
    const { summary, records, verification } = await verify(root)
    assert.deepEqual([summary?.recordCount, records.length], [5, 5])
    assert.equal(summary?.endingBalance, 12_500_000_000_000n as Amount)
    const { tlogProof, publicKey } = verification.proof ?? assert.fail()
    const proved = await verifyCheckpointProof(tlogProof, { logKeys: [publicKey] })
    assert.ok(proved.verified)
    assert.equal(proved.proofRoot, root)
    const at = `where tenant_id = ${ledger.tenantNo}`
    await tampered(`update delta set amount = amount + 1 ${at} and seq = 2`, () =>
      refusedBy(root, /^record 2: /m),
    )
    for (const change of [
      'net_change = net_change + 1',
      "mode = 'x'",
      'deltas_count = 4',
      'closed = not closed',
    ]) {
      await tampered(`update checkpoint set ${change} ${at}`, () => refusedBy(root, /^checkpoint: /m))
    }
  })
})

describe('source=chain', () => {
  let ledger: Ledger
  const anchorFile = (...names: string[]) => join(plane.anchorDir, ledger.logId, ...names)
  before(async () => {
    ledger = await newLedger(4)
  })

  it('reads entry, tree and signed head from the anchor, and proves them', async () => {
    const { verified, summary, records, verification } = await verify(rootOf(ledger, 3), 'chain')
    assert.deepEqual([verified, summary, records], [true, null, []])
    assert.deepEqual([verification.reference, verification.logCheckpoint?.size], ['a_2', 4])
    assert.deepEqual(verification.anchors, [{ level: 'file', time: null }])
    const { index, path, note } = parseTlogProof(verification.proof?.tlogProof ?? '')
    const { checkpoint } = await verifyLogCheckpoint(note, { logKeys: [verification.proof?.publicKey ?? ''] })
    const leaf = logLeaf(logEntry('delta', Buffer.from(rootOf(ledger, 3).slice(2), 'hex')))
    assert.ok(verifyInclusion(leaf, index, checkpoint.size, path, checkpoint.root))
  })

  it('does not depend on what the database holds: rows damaged or gone change nothing', async () => {
    const rows = `where tenant_id = ${ledger.tenantNo}`
    for (const statement of [`update delta set amount = amount + 1 ${rows}`, `delete from delta ${rows}`]) {
      await tampered(statement, async () => {
        const { verified, verification } = await verify(rootOf(ledger, 3), 'chain')
        assert.deepEqual([verified, verification.reference], [true, 'a_2'])
      })
    }
  })

  it('with source=both finds what the database has lost', async () => {
    assert.equal((await verify(rootOf(ledger, 3), 'both')).verified, true)
    await tampered(`delete from delta where tenant_id = ${ledger.tenantNo} and log_index = 2`, async () => {
      const { verified, discrepancies } = await verify(rootOf(ledger, 3), 'both')
      assert.equal(verified, false)
      assert.deepEqual(discrepancies, ['the anchor holds this root, the database does not'])
    })
    await tampered(
      `update delta set amount = 9 where tenant_id = ${ledger.tenantNo} and log_index = 2`,
      async () => {
        const { verified, discrepancies } = await verify(rootOf(ledger, 3), 'both')
        assert.equal(verified, false)
        assert.match(discrepancies.join(), /record 3: /)
      },
    )
  })

  it('of an anchor that cannot be read is 200, verified: false, and says so; the database still answers', async () => {
    const away = anchorFile('..', `${ledger.logId}.away`)
    await rename(anchorFile(), away)
    try {
      for (const source of ['chain', 'both'] as const) {
        const { verified, message } = await verify(rootOf(ledger, 3), source)
        assert.deepEqual([verified, /anchor cannot be read/.test(message ?? '')], [false, true])
      }
      assert.equal((await verify(rootOf(ledger, 3))).verified, true)
    } finally {
      await rename(away, anchorFile())
    }
  })

  it('is refused for a change of any file at the anchor', async () => {
    for (const name of ['checkpoint', 'tile/0/000.p/4', 'tile/entries/000.p/4']) {
      const bytes = await readFile(anchorFile(name))
      const flipped = Buffer.from(bytes)
      // In the entries: the last byte of entry 2. In the tile: of leaf 1, on its path. In the checkpoint: of the root.
      const at = name.includes('entries')
        ? 3 * 35 - 1
        : name.includes('tile')
          ? 2 * 32 - 1
          : bytes.indexOf('\n4\n') + 5
      flipped[at] = (flipped[at] ?? 0) ^ 1
      await writeFile(anchorFile(name), flipped)
      try {
        const { verified, message } = await verify(rootOf(ledger, 3), 'chain')
        assert.equal(verified, false, name)
        assert.ok(message)
      } finally {
        await writeFile(anchorFile(name), bytes)
      }
    }
    assert.equal((await verify(rootOf(ledger, 3), 'chain')).verified, true)
  })
})

it('what was written meanwhile is sound', () => plane.requireSound())
