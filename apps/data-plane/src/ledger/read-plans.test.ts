import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Timestamp } from '@pacspace/api/timestamp'
import { hashFromHex } from '@pacspace/proofs/hex'
import { createPool, type Db, type Pool } from '@pacspace/service/postgres'
import { insertTotals } from '../anchors/anchors.sql.ts'
import { selectLatestCheckpoint } from '../checkpoints/front-door.ts'
import { selectTotals } from '../fsck/totals.sql.ts'
import { type ExplainedPlan, explainingDb } from '../testing/explained-plan.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { selectCounted } from '../usage/usage.sql.ts'
import * as compare from './compare.sql.ts'
import * as customers from './customers.sql.ts'
import { referenceHash } from './group-facts.ts'
import * as list from './list-deltas.sql.ts'
import * as read from './read.sql.ts'
import * as receipt from './receipt.sql.ts'

/**
 * A ledger of 200,000 deltas: half of one customer, the others of a thousand. A million would take half a minute to make;
 * the blocks that are allowed leave no room for anything that grows.
 */
const ROWS = 200_000
const HOT = 1
const HOT_ROWS = ROWS / 2
/** The hot customer's references, each of one delta in ten thousand. */
const REFERENCES = 50
const STARTED_AT = '2030-01-01T00:00:00.000Z'
const MS_A_ROW = 60_000

/** Tables that grow with the ledger. */
const GROWING = ['delta', 'customer', 'customer_verified']

let plane: TestDataPlane
let tenant: TestTenant
let owner: Pool
let rootOfHot: `0x${string}`
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  // Rows in bulk take longer than a statement of the product may.
  owner = createPool({ url: plane.database.url, applicationName: 'test', statementTimeoutMs: 0 })
  await fillLedger(owner, tenant.tenantNo)
  const end = await read.selectEnd(owner, tenant.tenantNo, HOT, HOT_ROWS - 7)
  rootOfHot = `0x${end?.items_root.toString('hex') ?? ''}`
})
after(async () => {
  await owner.end()
  await plane[Symbol.asyncDispose]()
})

/**
 * Rows as the ledger has them, as far as reads can tell: nothing of it is proved, so no fsck. Indexes that are no
 * constraints are built behind the rows, statistics are kept away.
 */
async function fillLedger(owner: Db, tenantNo: number): Promise<void> {
  const { rows: indexes } = await owner.query<{ name: string; text: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as text
       from pg_index where indrelid = 'delta'::regclass and not indisunique`,
  )
  for (const { name } of indexes) await owner.query(`drop index ${name}`)
  await owner.query('alter table delta disable trigger user')
  await owner.query('alter table delta set (autovacuum_enabled = off)')
  await owner.query(
    `insert into delta (tenant_id, log_index, created_at, customer_no, seq, record_nonce, items_root, amount, balance,
                        reason, reference_id, reference_hash, key_digest)
     select $1, i, $2::timestamptz + i * $3 * interval '1 millisecond',
            case when i % 2 = 0 then ${HOT} else 2 + (i / 2 % 1000)::int end,
            case when i % 2 = 0 then i / 2 + 1 else i / 2000 + 1 end,
            substr(h.hash, 1, 10), h.hash, 1, case when i % 2 = 0 then i / 2 + 1 else i / 2000 + 1 end, 'x',
            r.id, ('x' || encode(substr(sha256(convert_to(r.id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint,
            substr(h.hash, 1, 16)
       from generate_series(0, ${ROWS - 1}::bigint) i
      cross join lateral (select sha256(int8send(i)) as hash) h
      cross join lateral (select case when i % 10 = 0 then 'ref_' || (i / 10 % ${REFERENCES}) end as id) r`,
    [tenantNo, STARTED_AT, MS_A_ROW],
  )
  for (const { text } of indexes) await owner.query(text)
  await owner.query(
    `insert into customer (tenant_id, customer_no, customer_id, first_index)
     select $1, n, 'cust_' || n, case n when ${HOT} then 0 else (n - 2) * 2 + 1 end from generate_series(1, 1001) n`,
    [tenantNo],
  )
  await owner.query(
    `insert into customer_profile (tenant_id, customer_id, display_name, created_at)
     select $1, 'created_' || n, 'Customer ' || n, now() from generate_series(1, 1000) n`,
    [tenantNo],
  )
  await owner.query(
    `insert into customer_verified (tenant_id, customer_no, seq, log_index, items_root, balance)
     select $1, c.customer_no, d.seq, d.log_index, d.items_root, d.balance
       from customer c
      cross join lateral (select * from delta where tenant_id = $1 and customer_no = c.customer_no
                           order by seq desc limit 1) d
      where c.tenant_id = $1`,
    [tenantNo],
  )
  await owner.query(
    'update log_head set size = $2, delta_count = $2, customer_count = 1001 where tenant_id = $1',
    [tenantNo, ROWS],
  )
  await owner.query('update verified_head set size = $2 where tenant_id = $1', [tenantNo, ROWS])
}

type Read = [name: string, blocksMax: number, run: (db: Db, tenantNo: number) => Promise<unknown>]

const month = (text: string) => text as Timestamp // has the form of one
const wanted = (...ids: string[]) =>
  ids.map((referenceId) => ({ referenceId, referenceHash: referenceHash(referenceId) }))
const all = { fromSeq: 1, toSeq: HOT_ROWS }
/** The newest part of the log, and all of it but a hole. */
const newest = { from: ROWS - 500, to: ROWS, holeFrom: 0, holeTo: 0 }
const holed = { from: 0, to: ROWS - 50_000, holeFrom: 100, holeTo: 200 }
const firstPage = { limit: 26, offset: 0 }
const middle = { fromSeq: 40_000, toSeq: 40_019 }

/** Every statement that a read endpoint runs on tables that grow, and how many blocks it may touch. */
const READS: readonly Read[] = [
  ['selectLogState', 40, (db, t) => read.selectLogState(db, t)],
  ['selectDelta', 60, (db, t) => read.selectDelta(db, t, 123_456)],
  ['selectAdjusting', 40, (db, t) => read.selectAdjusting(db, t, 'rec_00000000000000000000000000')],
  ['selectCoveringNotes', 60, (db, t) => read.selectCoveringNotes(db, t, 123_456)],
  ['selectCustomerState', 60, (db, t) => read.selectCustomerState(db, t, 'cust_1')],
  ['selectEnd', 40, (db, t) => read.selectEnd(db, t, HOT, 67_890)],
  [
    'selectCustomerDeltas',
    500,
    (db, t) => read.selectCustomerDeltas(db, t, HOT, middle.fromSeq, middle.toSeq),
  ],
  ['selectFirstSeqAt', 300, (db, t) => read.selectFirstSeqAt(db, t, HOT, HOT_ROWS, Date.parse('2030-03-01'))],
  ['selectSeqOfRoot', 60, (db, t) => read.selectSeqOfRoot(db, t, HOT, hashFromHex(rootOfHot))],
  ['selectCustomers', 700, (db, t) => read.selectCustomers(db, t, { search: '', limit: 25, offset: 500 })],
  ['selectIsCreated', 40, (db, t) => read.selectIsCreated(db, t, 'created_77')],
  [
    'selectReferenced, none',
    200,
    (db, t) => compare.selectReferenced(db, t, HOT, all, wanted('a', 'b', 'c'), 100),
  ],
  // One block and one index step for each of the deltas under it, 4,000 of the hot customer's 100,000.
  [
    'selectReferenced',
    12_000,
    (db, t) => compare.selectReferenced(db, t, HOT, all, wanted('ref_0', 'ref_2'), 100_001),
  ],
  ['selectRecorded', 100, (db, t) => compare.selectRecorded(db, t, HOT, all, [2, 80_000, 80_001, 9_999_999])],
  [
    'selectFirstOf',
    400,
    (db, t) => compare.selectFirstOf(db, t, HOT, { fromSeq: 60_000, toSeq: HOT_ROWS }, 100),
  ],
  ['selectNewestDeltas', 500, (db, t) => list.selectNewestDeltas(db, t, newest, firstPage)],
  ['selectNewestDeltas, far', 500, (db, t) => list.selectNewestDeltas(db, t, holed, firstPage)],
  [
    'selectNewestOfCustomer',
    700,
    (db, t) => list.selectNewestOfCustomer(db, t, { customerNo: HOT, lastSeq: HOT_ROWS }, holed, firstPage),
  ],
  // Nothing of a quiet customer is new: found out without its ledger.
  [
    'selectNewestOfCustomer, none',
    200,
    (db, t) => list.selectNewestOfCustomer(db, t, { customerNo: 2, lastSeq: 100 }, newest, firstPage),
  ],
  // One index step for each delta with that reference, 2,000 of the hot customer's.
  [
    'selectNewestReferenced',
    6_000,
    (db, t) => {
      const reference = { referenceId: 'ref_0', referenceHash: referenceHash('ref_0') }
      return list.selectNewestReferenced(db, t, { customerNo: HOT, ...reference }, holed, firstPage)
    },
  ],
  [
    'selectCustomer',
    60,
    (db, t) => customers.selectCustomer(db, t, { customerId: 'cust_1', customerNo: HOT }),
  ],
  ['selectLatestCheckpoint', 40, (db, t) => selectLatestCheckpoint(db, t, HOT)],
  ['selectGaps', 3_000, (db, t) => customers.selectGaps(db, t, HOT, 20_000, 21_999, 100)],
  ['selectMonths', 6_000, (db, t) => receipt.selectMonths(db, t, HOT, all)],
  ['selectSums', 2_500, (db, t) => receipt.selectSums(db, t, HOT, [255, 256, 60_000, HOT_ROWS])],
  [
    'selectCounted',
    600,
    (db, t) => selectCounted(db, t, [month('2030-02-01T00:00:00.000Z'), month('2030-03-01T00:00:00.000Z')]),
  ],
  [
    'fsck selectTotals',
    30_000,
    (db, t) => selectTotals(db, t, { customerNo: HOT, seq: 51_200 }, HOT, ROWS, 20),
  ],
  ['insertTotals of a batch', 12_000, (db, t) => insertTotals(db, t, ROWS - 2_000, ROWS)],
]

async function plansOf(run: Read[2]): Promise<ExplainedPlan[]> {
  const plans: ExplainedPlan[] = []
  await run(
    explainingDb(owner, (plan) => plans.push(plan), GROWING),
    tenant.tenantNo,
  )
  return plans
}

function requireGood(plans: readonly ExplainedPlan[], blocksMax: number): void {
  assert.ok(plans.length > 0)
  for (const { name, blocks, scans } of plans) {
    assert.deepEqual(scans, [], name)
    assert.ok(blocks <= blocksMax, `${name} touched ${blocks} blocks, at most ${blocksMax}`)
  }
}

describe('every read of a long ledger touches a handful of blocks', () => {
  it('the sums of credits are there', async () => {
    await insertTotals(owner, tenant.tenantNo, 0, ROWS - 2_000)
    const { rows } = await owner.query<{ seq: number; credits: string }>(
      'select seq, credits from customer_total where tenant_id = $1 and customer_no = $2 order by seq desc limit 1',
      [tenant.tenantNo, HOT],
    )
    assert.deepEqual([rows[0]?.seq, rows[0]?.credits], [98_816, '98816'])
  })

  for (const analyzed of [false, true]) {
    describe(analyzed ? 'with statistics' : 'without statistics', () => {
      before(async () => {
        if (analyzed) await owner.query('analyze')
      })
      for (const [name, blocksMax, run] of READS) {
        if (name.startsWith('insertTotals') && analyzed) continue // it writes: once
        it(name, async () => requireGood(await plansOf(run), blocksMax))
      }
    })
  }
})
