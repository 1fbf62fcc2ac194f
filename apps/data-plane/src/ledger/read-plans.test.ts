import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { compareBalances } from '@pacspace/api/definition/compare'
import type { Timestamp } from '@pacspace/api/timestamp'
import { hashFromHex } from '@pacspace/proofs/hex'
import { createPool, type Db, type Pool } from '@pacspace/service/postgres'
import { insertTotals, selectSeqBelow } from '../anchors/anchors.sql.ts'
import { selectLatestCheckpoint } from '../checkpoints/front-door.ts'
import { selectTotals } from '../fsck/totals.sql.ts'
import { type ExplainedPlan, explainingDb } from '../testing/explained-plan.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { selectCounted } from '../usage/usage.sql.ts'
import { selectLatencies } from '../usage/verification.sql.ts'
import { selectCustomerEnds } from './append.sql.ts'
import * as compare from './compare.sql.ts'
import * as customers from './customers.sql.ts'
import { referenceHash } from './group-facts.ts'
import * as history from './history.sql.ts'
import * as list from './list-deltas.sql.ts'
import * as read from './read.sql.ts'
import * as receipt from './receipt.sql.ts'

/** A ledger of 1,000,000 deltas: half of one customer, the others of a thousand. */
const ROWS = 1_000_000
const OTHER_CUSTOMERS = 1_000
const HOT = 1
const HOT_ROWS = ROWS / 2
/** The hot customer's references: one delta in `REFERENCED_EVERY` of the log is under one of them. */
const REFERENCES = 50
const REFERENCED_EVERY = 8
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
  owner = createPool({ url: plane.database.url, applicationName: 'test', max: 6, statementTimeoutMs: 0 })
  await fillLedger(owner, tenant.tenantNo)
  const end = await read.selectEnd(owner, tenant.tenantNo, HOT, HOT_ROWS - 7)
  rootOfHot = `0x${end?.items_root.toString('hex') ?? ''}`
})
after(async () => {
  await owner.end()
  await plane[Symbol.asyncDispose]()
})

/** Statements side by side, on as many connections; what they build may take memory. */
async function together(pool: Pool, statements: readonly string[]): Promise<void> {
  await Promise.all(statements.map((text) => pool.query(`set maintenance_work_mem = '128MB'; ${text}`)))
}

/**
 * Rows as the ledger has them, as far as reads can tell: nothing of it is proved, so no fsck. Constraints and indexes are
 * built behind the rows, nothing goes into the WAL, statistics are kept away.
 */
async function fillDeltas(pool: Pool, tenantNo: number): Promise<void> {
  const { rows } = await pool.query<{ drop: string; make: string }>(
    `select case when c.oid is null then 'drop index ' || i.indexrelid::regclass
                 else 'alter table delta drop constraint ' || quote_ident(c.conname) end as drop,
            case when c.oid is null then pg_get_indexdef(i.indexrelid)
                 else 'alter table delta add constraint ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid) end as make
       from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid
      where i.indrelid = 'delta'::regclass
      order by c.oid is null`,
  )
  for (const { drop } of rows) await pool.query(drop)
  await pool.query('alter table delta disable trigger user')
  await pool.query('alter table delta set (autovacuum_enabled = off)')
  await pool.query('alter table delta set unlogged')
  await together(
    pool,
    [0, ROWS / 2].map((from) => insertDeltas(tenantNo, from, from + ROWS / 2)),
  )
  const isConstraint = ({ make }: { readonly make: string }) => make.startsWith('alter')
  for (const { make } of rows.filter(isConstraint)) await together(pool, [make])
  await together(
    pool,
    rows.filter((row) => !isConstraint(row)).map(({ make }) => make),
  )
}

function insertDeltas(tenantNo: number, from: number, to: number): string {
  return `
    insert into delta (tenant_id, log_index, created_at, customer_no, seq, record_nonce, items_root, amount, balance,
                       reason, reference_id, reference_hash, key_digest)
    select ${tenantNo}, i, timestamptz '${STARTED_AT}' + i * ${MS_A_ROW} * interval '1 millisecond', p.customer_no, p.seq,
           substr(h.hash, 1, 10), h.hash, 1, p.seq, 'x', r.id,
           ('x' || encode(substr(sha256(convert_to(r.id, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint, substr(h.hash, 1, 16)
      from generate_series(${from}, ${to - 1}::bigint) i
     cross join lateral (select case when i % 2 = 0 then ${HOT} else 2 + (i / 2 % ${OTHER_CUSTOMERS})::int end as customer_no,
                                case when i % 2 = 0 then i / 2 + 1 else i / ${2 * OTHER_CUSTOMERS} + 1 end as seq) p
     cross join lateral (select sha256(int8send(i)) as hash) h
     cross join lateral (select case when i % ${REFERENCED_EVERY} = 0
                                     then 'ref_' || (i / ${REFERENCED_EVERY} % ${REFERENCES}) end as id) r`
}

async function fillLedger(owner: Pool, tenantNo: number): Promise<void> {
  await fillDeltas(owner, tenantNo)
  await owner.query(
    `insert into customer (tenant_id, customer_no, customer_id, first_index)
     select $1, n, 'cust_' || n, case n when ${HOT} then 0 else (n - 2) * 2 + 1 end from generate_series(1, ${OTHER_CUSTOMERS + 1}) n`,
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
    `update log_head set size = $2, delta_count = $2, customer_count = ${OTHER_CUSTOMERS + 1} where tenant_id = $1`,
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
  // One block and one index step for each of the deltas under it, 5,000 of the hot customer's 500,000.
  [
    'selectReferenced',
    15_000,
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
  // One index step for each delta with that reference, 2,500 of the hot customer's.
  [
    'selectNewestReferenced',
    7_500,
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
  // An append reads this of each customer that it does not remember.
  ['selectCustomerEnds', 80, (db, t) => selectCustomerEnds(db, t, ['cust_1', 'cust_7'])],
  // The worker, behind a void.
  ['selectSeqBelow', 200, (db, t) => selectSeqBelow(db, t, HOT, 1_000)],
  ['selectLatestCheckpoint', 40, (db, t) => selectLatestCheckpoint(db, t, HOT)],
  ['selectGaps', 3_000, (db, t) => customers.selectGaps(db, t, HOT, 20_000, 21_999, 100)],
  ['selectMonths', 6_000, (db, t) => receipt.selectMonths(db, t, HOT, all)],
  ['selectSums', 2_500, (db, t) => receipt.selectSums(db, t, HOT, [255, 256, 60_000, HOT_ROWS])],
  [
    'selectCounted',
    600,
    (db, t) => selectCounted(db, t, [month('2030-02-01T00:00:00.000Z'), month('2030-03-01T00:00:00.000Z')]),
  ],
  // One step for each of the 300 deltas that a chart is drawn from.
  [
    'selectDeltasOfSeqs',
    6_000,
    (db, t) =>
      history.selectDeltasOfSeqs(
        db,
        t,
        HOT,
        Array.from({ length: 300 }, (_, i) => 1 + i * 300),
      ),
  ],
  // One step for each of a hundred deltas of the month, and of the newest hundred.
  [
    'selectLatencies',
    2_500,
    (db, t) =>
      selectLatencies(db, t, [month('2030-02-01T00:00:00.000Z'), month('2030-03-01T00:00:00.000Z')], 100),
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
    const last = Math.floor((HOT_ROWS - 1_000) / 256) * 256
    assert.deepEqual([rows[0]?.seq, rows[0]?.credits], [last, String(last)])
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

describe('compare, of references that are used very often', () => {
  const ofEach = ROWS / REFERENCED_EVERY / REFERENCES
  const most = 100_000 / ofEach
  const compared = (side: 'yourDeltas' | 'theirDeltas', references: number, scope = {}) => {
    const list = Array.from({ length: references }, (_, n) => ({ referenceId: `ref_${n}`, delta: 1 }))
    return {
      key: tenant.key,
      body: { customerId: 'cust_1', yourBalance: 1, theirBalance: 2, [side]: list, ...scope },
    }
  }
  /** All that is not listed is missing. */
  const missing = HOT_ROWS - most

  it('takes a list whose references name 100,000 deltas, and refuses one more, on either side', async () => {
    assert.ok(Number.isInteger(most) && most < REFERENCES)
    const { discrepanciesCount, discrepancies } = await plane.client.succeed(
      compareBalances,
      compared('yourDeltas', most),
    )
    assert.equal(discrepanciesCount, missing)
    assert.ok(discrepancies.every(({ kind }) => kind === 'missing'))
    for (const side of ['yourDeltas', 'theirDeltas'] as const) {
      const problem = await plane.client.refuse(compareBalances, 'VALIDATION_ERROR', compared(side, most + 1))
      assert.deepEqual(
        problem.details?.map(({ path }) => path),
        [`/${side}`],
      )
      assert.match(problem.details?.[0]?.message ?? '', /more than 100000 deltas in scope; narrow the scope/)
    }
  })

  it('takes them all where the scope is narrower', async () => {
    const { discrepanciesCount } = await plane.client.succeed(
      compareBalances,
      compared('yourDeltas', REFERENCES, { startDate: '2030-01-01', endDate: '2031-01-01' }),
    )
    assert.equal(discrepanciesCount, (365 * 24 * 60) / 2 - REFERENCES)
  })
})
