import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import * as api from '@pacspace/api/definition/ledger'
import { integrate } from '../anchors/integrate.ts'
import { VerifiedMemory } from '../anchors/verified-memory.ts'
import { fsck } from '../fsck/fsck.ts'
import { checkpointIdOf, keptText, selectDeltasFrom, selectOtherEntries } from '../ledger/front-door.ts'
import { Scrubber } from '../scrub/scrubber.ts'
import { findingsOf } from '../testing/findings-of.ts'
import { columnDamages } from '../testing/ledger-damage.ts'
import { intrude, tampered } from '../testing/tampered.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { parseVoidOrder } from './void-order.ts'
import { voidRecord } from './void-record.ts'

/**
 * The log of every test: 0 acc, 1 other: signed; 2 acc, which is damaged; 3 other; 4 acc, which rests on it; 5 a checkpoint
 * of acc and 6 one of other; 7 other. Void: 2, 4 and 5.
 */
let plane: TestDataPlane
let tenant: TestTenant
let records: string[]
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const emit = async (customerId: string, delta: number) => {
    const body = { customerId, delta, reason: 'x' }
    return (await plane.client.succeed(api.emitDelta, { key: tenant.key, body })).recordId
  }
  const lock = (customerId: string) =>
    plane.client.succeed(takeCheckpoint, { key: tenant.key, body: { customerId } })
  records = [await emit('acc', 5), await emit('other', 1)]
  await plane.verifyAll()
  records.push(await emit('acc', 7), await emit('other', 2), await emit('acc', 11))
  await lock('acc')
  await lock('other')
  records.push('', '', await emit('other', 3))
  await intrude(plane.owner, `update delta set amount = 8 where ${at(2)}`)
  await plane.verifyAll()
  await voidRecord(parseVoidOrder({ record: records[2], reason: 'lost' }), context(), { isDryRun: false })
})
after(() => plane[Symbol.asyncDispose]())

const context = () => ({
  db: plane.owner,
  clock: plane.clock,
  anchor: plane.worker.fileAnchor,
  randomBytes: plane.context.randomBytes,
})
const at = (logIndex: number) => `tenant_id = ${tenant.tenantNo} and log_index = ${logIndex}`
const quoted = (text: string) => `'${text.replaceAll(`'`, `''`)}'`
const keptDelta = async (logIndex: number, changes: object = {}) => {
  const [row = assert.fail()] = await selectDeltasFrom(plane.owner, tenant.tenantNo, logIndex, logIndex + 1)
  return keptText({ kind: 'delta', row: { ...row, ...changes } })
}
/** A void of whatever stands there, in its place, as well formed as the command makes them. */
const takeAway = async (
  logIndex: number,
  kept: string,
  customerId: string,
  amount: string,
  recordId: string,
) => `
  insert into void (log_index, created_at, tenant_id, nonce, record_id, customer_id, amount, reason, voided_at, kept)
  select log_index, created_at, tenant_id, decode(repeat('07', 10), 'hex'), ${quoted(recordId)}, ${quoted(customerId)},
         ${amount}, 'forged', created_at, ${quoted(kept)}
    from (select log_index, created_at, tenant_id from delta union all
          select log_index, created_at, tenant_id from checkpoint) e
   where ${at(logIndex)};
  delete from delta where ${at(logIndex)};
  delete from checkpoint where ${at(logIndex)}`

const TABLES = ['delta', 'checkpoint', 'void', 'log_head', 'tree_head', 'log_note', 'verify_state']
const workerFinding = async () => {
  const { rows } = await plane.owner.query<{ discrepancies: string[] }>(
    'select discrepancies from verify_state where tenant_id = $1',
    [tenant.tenantNo],
  )
  return rows[0]?.discrepancies.join() ?? ''
}
const fsckFindings = async () =>
  (await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })).findings.join('\n')

describe('before it is signed, a void is refused by the worker and named by fsck', () => {
  const forgeries: readonly (readonly [name: string, finding: RegExp, forge: () => Promise<string>])[] = [
    [
      'of a sound delta',
      /log_index 3: kept: what it took away was sound/,
      async () => takeAway(3, await keptDelta(3), 'other', '-2', records[3] ?? ''),
    ],
    [
      'of a sound checkpoint',
      /log_index 6: kept: what it took away was sound/,
      async () => {
        const entry = (await selectOtherEntries(plane.owner, tenant.tenantNo, 6, 7)).get(6)
        assert.ok(entry?.kind === 'checkpoint')
        return takeAway(6, keptText(entry), 'other', '0', checkpointIdOf(entry.row))
      },
    ],
    [
      'at the end, of a delta that is verified',
      /log_index 8: record_id: names no delta at log index 8/,
      async () => `
        insert into void (log_index, created_at, tenant_id, nonce, record_id, customer_id, amount, reason, voided_at)
        select size, last_created_at, tenant_id, decode(repeat('07', 10), 'hex'), ${quoted(records[0] ?? '')}, 'acc', -5, 'lost',
               last_created_at
          from log_head where tenant_id = ${tenant.tenantNo};
        update log_head set size = size + 1 where tenant_id = ${tenant.tenantNo}`,
    ],
    [
      'that keeps the row of another place',
      /log_index 3: kept: stored 7, expected 3/,
      async () => takeAway(3, await keptDelta(7), 'other', '-3', records[3] ?? ''),
    ],
    [
      'that takes back another amount',
      /log_index 2: amount: stored -7, not what the kept row added/,
      async () => `update void set amount = -7 where ${at(2)}`,
    ],
    [
      'in the name of another customer',
      /log_index 2: customer_id: stored other, expected acc/,
      async () => `update void set customer_id = 'other' where ${at(2)}`,
    ],
    [
      'that keeps no row of the log',
      /log_index 2: holds what no append writes: Error: no row of the log/,
      async () => `update void set kept = '{}' where ${at(2)}`,
    ],
    [
      'decided before its place was written',
      /log_index 2: voided_at: stored/,
      async () => `update void set voided_at = created_at - interval '1 second' where ${at(2)}`,
    ],
    [
      'whose time goes back',
      /log_index 4: created_at: stored .*, expected ≥/,
      async () => `update void set created_at = created_at - interval '1 hour' where ${at(4)}`,
    ],
    [
      'of the damaged delta alone, not of those that rest on it',
      /log_index 4: seq: stored 3, expected [12]/,
      async () => {
        const { rows } = await plane.owner.query<{ kept: string }>(`select kept from void where ${at(4)}`)
        const { row } = JSON.parse(rows[0]?.kept ?? '')
        const bytes = (hex: string) => `decode('${hex}', 'hex')`
        return `
          insert into delta (log_index, created_at, tenant_id, customer_no, seq, record_nonce, items_root, nodes, amount, balance,
                             reason)
          values (4, '${row.created_at}', ${tenant.tenantNo}, ${row.customer_no}, ${row.seq}, ${bytes(row.record_nonce)},
                  ${bytes(row.items_root)}, ${row.nodes === null ? 'null' : bytes(row.nodes)}, ${row.amount}, ${row.balance}, 'x');
          delete from void where ${at(4)}`
      },
    ],
    [
      'beside a delta in the same place',
      /log_index 3: log_index: a delta has the same/,
      async () => `insert into void select 3, created_at, tenant_id, nonce, ${quoted(records[3] ?? '')}, 'other', -2, reason,
                          voided_at, null from void where ${at(2)}`,
    ],
    [
      'that is taken away again',
      /log_index 4: the row is missing/,
      async () => `delete from void where ${at(4)}`,
    ],
  ]
  for (const [name, finding, forge] of forgeries) {
    it(name, async () => {
      const statements = `delete from verify_state; ${await forge()}`
      await tampered(plane.owner, TABLES, statements, async () => {
        // One that remembers nothing has to look for every end.
        const worker = { ...plane.worker, memory: new VerifiedMemory(10, 10) }
        assert.equal(await integrate(worker, tenant.tenantNo), 'failed')
        const { rows } = await plane.owner.query<{
          first_failed_index: number
          discrepancies: string[]
          size: number
        }>(
          `select s.first_failed_index, s.discrepancies, t.size from verify_state s join tree_head t using (tenant_id)`,
        )
        const [found = assert.fail('nothing was found')] = rows
        assert.match(found.discrepancies.join(), finding)
        assert.equal(found.size, found.first_failed_index, 'signed up to there and no further')
        assert.match(await fsckFindings(), finding)
      })
    })
  }

  it('with counts that still hold what is void, by fsck', async () => {
    const statement = `update log_head set delta_count = delta_count + 2 where tenant_id = ${tenant.tenantNo}`
    const findings = await findingsOf(plane, { name: 'count', statement })
    assert.ok(
      findings.includes(`log_head: tenant ${tenant.tenantId}, head: delta_count: stored 6, expected 4`),
      `${findings}`,
    )
  })
})

describe('once it is signed', () => {
  before(() => plane.requireSound())

  it('R26 every column of it is proved: fsck names each change', async () => {
    const damages = await columnDamages(plane.owner, tenant.tenantNo, { void: 'log_index = 4' })
    assert.ok(damages.length > 25)
    for (const damage of damages) {
      const findings = await findingsOf(plane, damage)
      assert.ok(findings === 'refused' || findings.length > 0, damage.name)
    }
  })

  const replaced: readonly (readonly [name: string, finding: RegExp, forge: () => Promise<string>])[] = [
    [
      'in the place of a verified delta, kept as it was',
      /log_index 1: kept: what it took away was sound/,
      async () => takeAway(1, await keptDelta(1), 'other', '-1', records[1] ?? ''),
    ],
    [
      'in the place of a verified delta, kept as if it had been damaged',
      /root: not that of the rows/,
      async () => takeAway(7, await keptDelta(7, { reason: 'y' }), 'other', '-3', records[7] ?? ''),
    ],
    ['that is taken away', /log_index 4: the row is missing/, async () => `delete from void where ${at(4)}`],
  ]
  for (const [name, finding, forge] of replaced) {
    it(`R27 a void ${name}: fsck and the scrubber name it`, async () => {
      const scrubber = new Scrubber(plane.worker)
      await tampered(plane.owner, TABLES, await forge(), async () => {
        assert.match(await fsckFindings(), finding)
        await scrubber.cycle()
        assert.match(await workerFinding(), finding)
      })
      await scrubber.cycle()
    })
  }

  it('and all is sound without them', () => plane.requireSound())
})
