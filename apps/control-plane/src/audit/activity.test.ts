import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getActivityLog, getActivityProof, listActivity } from '@pacspace/api/definition/activity'
import { fromBase64 } from '@pacspace/proofs/base64'
import { parseLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { leafHash } from '@pacspace/proofs/merkle'
import { verifyConsistency, verifyInclusion } from '@pacspace/proofs/merkle-proof'
import { verifyNote } from '@pacspace/proofs/signed-note'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import { transaction } from '@pacspace/service/postgres'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { type AuditEntry, audit } from './audit.ts'
import { checkAuditLog } from './check-audit-log.ts'
import { growAuditLog } from './grow-audit-log.ts'

let plane: TestControlPlane
let user: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account()
})
after(() => plane[Symbol.asyncDispose]())

const NOBODY = 'aud_00000000000000000000000000'

const write = (other: Partial<AuditEntry> = {}) =>
  transaction(plane.context.db, (tx) =>
    audit(
      tx,
      { tenantId: user.tenantId, actor: user.userId, action: 'tenant.updated', ...other },
      plane.context,
    ),
  )

async function signedHead(from?: number) {
  const log = await plane.client.succeed(getActivityLog, {
    token: user.token,
    ...(from === undefined ? {} : { query: { from } }),
  })
  const { body } = await verifyNote(log.checkpoint, [parseVerifierKey(log.verifierKey)])
  return { ...log, head: parseLogCheckpoint(body) }
}

describe('the list', () => {
  test('tells who did what to what, from where and when, newest first', async () => {
    await write({
      target: 'key_1',
      action: 'key.created',
      environment: 'sandbox',
      details: { name: 'CI' },
      request: { id: 'req_0123456789abcdefghjkmnpqrs' as never, remoteAddress: '192.0.2.7' },
    })
    const { items, pagination } = await plane.client.succeed(listActivity, { token: user.token })
    const { id, createdAt, logIndex: _index, ...rest } = items[0] ?? assert.fail()
    assert.match(id, /^aud_[0-9a-z]{26}$/)
    assert.equal(Date.parse(createdAt), plane.clock.now())
    assert.deepEqual(rest, {
      action: 'key.created',
      actor: { kind: 'user', id: user.userId, name: 'Jane Doe' },
      target: 'key_1',
      environment: 'sandbox',
      details: { name: 'CI' },
      address: '192.0.2.7',
      requestId: 'req_0123456789abcdefghjkmnpqrs',
    })
    assert.equal(items.at(-1)?.action, 'account.registered')
    assert.equal(pagination.total, items.length)
  })

  test('is filtered by action, actor, target, environment and time, and paged', async () => {
    const own = await plane.account()
    const entry = { tenantId: own.tenantId, actor: own.userId } as const
    for (let i = 0; i < 5; i++) {
      plane.clock.advance(1_000)
      await write({ ...entry, action: 'webhook.updated', target: `wh_${i}`, environment: 'production' })
    }
    await write({ ...entry, actor: 'operator', action: 'plan.changed' })
    const list = async (query: Record<string, unknown>) =>
      await plane.client.succeed(listActivity, { token: own.token, query })
    const targets = async (query: Record<string, unknown>) =>
      (await list(query)).items.map(({ target }) => target)
    assert.deepEqual(await targets({ action: 'webhook.updated', limit: 2, page: 2 }), ['wh_2', 'wh_1'])
    assert.deepEqual((await list({ action: 'webhook.updated', limit: 2 })).pagination, {
      total: 5,
      page: 1,
      limit: 2,
      totalPages: 3,
    })
    assert.deepEqual(await targets({ target: 'wh_3' }), ['wh_3'])
    assert.equal((await list({ environment: 'production' })).pagination.total, 5)
    assert.equal((await list({ actor: own.userId, action: 'plan.changed' })).pagination.total, 0)
    const [third] = (await list({ target: 'wh_2' })).items
    assert.deepEqual(await targets({ environment: 'production', startDate: third?.createdAt }), [
      'wh_4',
      'wh_3',
      'wh_2',
    ])
    assert.deepEqual(await targets({ environment: 'production', endDate: third?.createdAt }), [
      'wh_1',
      'wh_0',
    ])
  })

  test('a change that is rolled back leaves no entry', async () => {
    const before = await plane.count('audit_entry')
    await assert.rejects(
      transaction(plane.context.db, async (tx) => {
        await audit(tx, { tenantId: user.tenantId, actor: 'system', action: 'key.revoked' }, plane.context)
        throw new Error('the change failed')
      }),
    )
    assert.equal(await plane.count('audit_entry'), before)
  })
})

describe('K20 the signed log', () => {
  test('every entry is proved offline to stand under the signed head, and no other bytes are', async () => {
    for (let i = 0; i < 12; i++) await write({ target: `t_${i}` })
    const { items } = await plane.client.succeed(listActivity, { token: user.token, query: { limit: 100 } })
    const { verifierKey } = await signedHead()
    for (const { id, target } of items) {
      const file = await plane.client.succeed(getActivityProof, {
        token: user.token,
        params: { entryId: id },
      })
      const proof = parseTlogProof(file)
      const record = proof.extra ?? assert.fail()
      const { body } = await verifyNote(proof.note, [parseVerifierKey(verifierKey)])
      const { size, root } = parseLogCheckpoint(body)
      assert.ok(verifyInclusion(leafHash(record), proof.index, size, proof.path, root))
      const told = JSON.parse(Buffer.from(record).toString('utf8'))
      assert.deepEqual([told.id, told.target, told.tenantId], [id, target, user.tenantId])
      const changed = Uint8Array.from(record)
      changed[40] = (changed[40] ?? 0) ^ 1
      assert.equal(verifyInclusion(leafHash(changed), proof.index, size, proof.path, root), false)
    }
  })

  test('each head continues the one before, and says so with a proof', async () => {
    const first = await signedHead()
    for (let i = 0; i < 7; i++) await write()
    const later = await signedHead(first.size)
    assert.equal(later.size, first.size + 7)
    const path = (later.consistency ?? []).map(fromBase64)
    assert.ok(verifyConsistency(first.size, later.size, path, first.head.root, later.head.root))
    const { details } = await plane.client.refuse(getActivityLog, 'VALIDATION_ERROR', {
      token: user.token,
      query: { from: later.size + 1 },
    })
    assert.equal(details[0]?.path, '/from')
  })

  test('grown by several processes at once, it is one log without gaps', async () => {
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        await write()
        await growAuditLog(plane.context)
      }),
    )
    const check = await checkAuditLog(plane.context.db, plane.context.auditSigner.verifierKey)
    assert.deepEqual(check, { size: await plane.count('audit_entry'), findings: [] })
  })

  test('NOT_FOUND for an unknown entry and for another tenant’s', async () => {
    const other = await plane.account()
    const { items } = await plane.client.succeed(listActivity, { token: other.token })
    for (const entryId of [NOBODY, items[0]?.id ?? assert.fail()]) {
      await plane.client.refuse(getActivityProof, 'NOT_FOUND', { token: user.token, params: { entryId } })
    }
  })
})

describe('K20 append-only', () => {
  const tables = ['audit_entry', 'audit_leaf', 'audit_note']

  test('the service role may not change, delete or empty it', async () => {
    for (const table of tables) {
      const column = table === 'audit_note' ? 'root' : table === 'audit_leaf' ? 'leaf' : 'target'
      const update = `update ${table} set ${column} = ${column}`
      for (const statement of [update, `delete from ${table}`, `truncate ${table}`]) {
        await assert.rejects(plane.context.db.query(statement), { code: '42501' }, statement)
      }
    }
  })

  test('the owner’s slips are refused by a trigger', async () => {
    for (const table of tables) {
      await assert.rejects(plane.owner.query(`delete from ${table}`), { code: '23001' }, table)
      await assert.rejects(plane.owner.query(`truncate ${table} cascade`), { code: '23001' }, table)
    }
  })

  test('what the owner changes past the trigger is found and named', async () => {
    await growAuditLog(plane.context)
    const { owner, context } = plane
    const check = async () => (await checkAuditLog(context.db, context.auditSigner.verifierKey)).findings
    assert.deepEqual(await check(), [])
    const { rows } = await owner.query<{ id: string; log_index: number }>(
      'select id, log_index from audit_entry join audit_leaf on entry_no = no order by log_index limit 1 offset 3',
    )
    const { id, log_index } = rows[0] ?? assert.fail()
    const slip = async (statement: string) => {
      await owner.query('alter table audit_entry disable trigger user')
      await owner.query(statement)
      await owner.query('alter table audit_entry enable trigger user')
    }
    await slip(`update audit_entry set target = target || 'x' where id = '${id}'`)
    assert.deepEqual((await check())[0], `entry ${id} is not what leaf ${log_index} commits to`)
    await slip(`update audit_entry set target = left(target, -1) where id = '${id}'`)
    assert.deepEqual(await check(), [])
    await write()
    await owner.query('delete from audit_pending')
    assert.deepEqual(await check(), ['1 entries are kept out of the log'])
  })
})
