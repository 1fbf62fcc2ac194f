import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createPool, type Pool, sqlStateOf, transaction } from '@pacspace/service/postgres'
import { checkLog, selectLogs, snapshotsOf } from '../fsck/front-door.ts'
import { columnDamages, type Damage, fillLedger, rowDamages } from '../testing/ledger-damage.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { startScrubLoop } from './scrub-loop.ts'
import { Scrubber } from './scrubber.ts'

let plane: TestDataPlane
/** Triggers and foreign keys are off on its one connection. */
let intruder: Pool
/** The first one's rows are damaged. */
let tenants: TestTenant[]
let scrubber: Scrubber
/** Alarms since the last look. */
let alarms: { readonly discrepancies?: readonly string[] }[]
before(async () => {
  plane = await startTestDataPlane()
  intruder = createPool({ url: plane.database.url, applicationName: 'intruder', max: 1 })
  await intruder.query('set session_replication_role = replica')
  tenants = [await plane.newTenant(), await plane.newTenant()]
  await fillLedger(plane, damaged().key)
  const body = { customerId: 'cust_1', delta: 1, reason: 'x' }
  await plane.client.succeed(api.emitDelta, { key: other().key, body })
  await plane.verifyAll()
  alarms = []
  const error = (facts: (typeof alarms)[number]) => alarms.push(facts)
  scrubber = new Scrubber({ ...plane.worker, log: Object.assign(Object.create(plane.worker.log), { error }) })
})
after(async () => {
  await intruder.end()
  await plane[Symbol.asyncDispose]()
})

const damaged = () => tenants[0] ?? assert.fail()
const other = () => tenants[1] ?? assert.fail()

async function failure() {
  const { rows } = await plane.owner.query<{
    tenant_id: number
    first_failed_index: number
    discrepancies: string[]
    found_by: string
  }>('select tenant_id, first_failed_index, discrepancies, found_by from verify_state')
  assert.ok(rows.length <= 1, 'one tenant was damaged')
  return rows[0]
}

class Refused extends Error {}

/** Runs `during` between a damage and its repair from a copy that was taken before. */
async function whileDamaged(
  { table, statement }: Pick<Damage, 'table' | 'statement'>,
  during: () => Promise<void>,
) {
  await intruder.query(`create temporary table backup as select * from ${table}`)
  const restore = async () => {
    await transaction(intruder, async (tx) => {
      await tx.query(`delete from ${table}`)
      await tx.query(
        `insert into ${table} ${table === 'tenant' ? 'overriding system value ' : ''}select * from backup`,
      )
    })
    await intruder.query('drop table backup')
    // What was said of a log that the damage had moved elsewhere went with it.
    await intruder.query('delete from verify_state where tenant_id not in (select tenant_id from log)')
  }
  try {
    const { rowCount } = await intruder.query(statement).catch((error) => {
      throw sqlStateOf(error)?.startsWith('23') ? new Refused() : error
    })
    assert.ok(rowCount > 0, 'the damage changed nothing')
    await during()
  } finally {
    await restore()
  }
}

/** A damage is named within one cycle, and forgotten within one after its repair. */
async function requireFound({ name, table, statement, namesTenant }: Damage): Promise<void> {
  alarms.length = 0
  try {
    await whileDamaged({ table, statement }, async () => {
      await scrubber.cycle()
      const texts = alarms.flatMap(({ discrepancies }) => discrepancies ?? [])
      assert.ok(texts.length > 0, `${name}: no alarm`)
      const found = await failure()
      // What nobody owns any more can be told of, but no tenant's answers depend on it.
      if (!namesTenant || found === undefined) {
        assert.ok(
          texts.some((text) => /rows of tenant \d+, which has no log/.test(text)) || found !== undefined,
          name,
        )
        return
      }
      assert.equal(found.tenant_id, damaged().tenantNo, name)
      assert.equal(found.found_by, 'scrub')
      assert.ok(found.discrepancies.length > 0)
    })
  } catch (error) {
    if (!(error instanceof Refused)) throw new Error(name, { cause: error })
  }
  await scrubber.cycle()
  assert.equal(await failure(), undefined, `${name}: repaired`)
}

describe('the scrubber', () => {
  it('finds nothing in sound data', async () => {
    await scrubber.cycle()
    assert.equal(await failure(), undefined)
    assert.deepEqual(alarms, [])
    assert.equal(scrubber.figures.rows, 311)
  })

  it('R26 names a change of any column of any ledger table within one cycle, until it is repaired', async () => {
    for (const damage of await columnDamages(plane.owner, damaged().tenantNo)) await requireFound(damage)
  })

  it('R27 names rows that are deleted, inserted or reordered', async () => {
    for (const damage of rowDamages(damaged().tenantNo)) await requireFound(damage)
  })
})

const getDelta = (recordId: string, { key } = damaged()) =>
  plane.client.succeed(api.getDelta, { key, params: { recordId } })

/** Deltas of `cust_1`: a hundred of the batch, then one at each log index from 300 on. */
async function deltaAt(logIndex: number, { key } = damaged()) {
  const { deltas } = await plane.client.succeed(api.deriveBalance, {
    key,
    params: { customerId: 'cust_1' },
    query: { limit: 1_000, includePending: true },
  })
  return deltas.find(({ anchorId }) => anchorId === `a_${logIndex}`) ?? assert.fail(`no delta ${logIndex}`)
}

/** What derive says of `cust_1`; the list of customers must agree. */
async function balance({ key } = damaged()) {
  const { deltasCount, pendingCount, computedBalance } = await plane.client.succeed(api.deriveBalance, {
    key,
    params: { customerId: 'cust_1' },
    query: {},
  })
  const { customers } = await plane.client.succeed(api.listCustomers, { key, query: { search: 'cust_1' } })
  const [listed] = customers
  assert.deepEqual([listed?.totalDeltas, listed?.computedBalance], [deltasCount, computedBalance])
  return { deltasCount, pendingCount, computedBalance }
}

const damageOf = (table: string, change: string): Pick<Damage, 'table' | 'statement'> => ({
  table,
  statement: `update ${table} set ${change} and tenant_id = ${damaged().tenantNo}`,
})
const amountAt305 = () => damageOf('delta', 'amount = amount + 1 where log_index = 305')

describe('while stored data is damaged', () => {
  it('the delta reads FAILED, later ones PROCESSING, and balances end before it', async () => {
    const [before, failed, later] = [await deltaAt(304), await deltaAt(305), await deltaAt(306)]
    const sound = await balance()
    alarms.length = 0
    await whileDamaged(amountAt305(), async () => {
      await scrubber.cycle()
      const { status, proof } = await getDelta(failed.recordId)
      assert.deepEqual({ status, proof }, { status: 'FAILED', proof: null })
      assert.equal((await getDelta(before.recordId)).status, 'VERIFIED')
      assert.equal((await getDelta(later.recordId)).status, 'PROCESSING')
      const { deltasCount, pendingCount } = await balance()
      assert.equal(deltasCount, failed.sequenceNumber - 1)
      assert.equal(pendingCount, sound.deltasCount - deltasCount)
      assert.equal((await deltaAt(0, other())).status, 'VERIFIED')
      const found = await failure()
      await scrubber.cycle()
      assert.deepEqual(await failure(), found, 'it stands until it is repaired, and is said once')
      assert.equal(alarms.length, 1)
    })
    await scrubber.cycle()
    assert.equal((await getDelta(failed.recordId)).status, 'VERIFIED')
    assert.deepEqual(await balance(), sound)
  })

  it('damage of a tile, a cache or a head takes answers back as well: nothing is called verified that is not', async () => {
    const last = await deltaAt(309)
    const sound = await balance()
    for (const damage of [
      damageOf('log_tile', 'hashes = set_byte(hashes, 77, get_byte(hashes, 77) # 1) where true'),
      damageOf('log_note', 'root = set_byte(root, 0, get_byte(root, 0) # 1) where size = 310'),
      damageOf('customer_verified', 'balance = balance + 1 where log_index = 309'),
    ]) {
      await whileDamaged(damage, async () => {
        await scrubber.cycle()
        assert.notEqual((await getDelta(last.recordId)).status, 'VERIFIED', damage.table)
        const { deltasCount, computedBalance } = await balance()
        assert.ok(deltasCount < sound.deltasCount, damage.table)
        assert.notEqual(computedBalance, sound.computedBalance)
      })
      await scrubber.cycle()
      assert.deepEqual(await balance(), sound)
    }
  })

  it('writes go on, but nothing is signed on top; repaired, they are verified in their turn', async () => {
    const { key, tenantNo } = damaged()
    await whileDamaged(
      damageOf('customer_verified', 'balance = balance + 1 where customer_no = 3'),
      async () => {
        await scrubber.cycle()
        const body = { customerId: 'cust_1', delta: 5, reason: 'meanwhile' }
        const { recordId } = await plane.client.succeed(api.emitDelta, { key, body })
        await plane.verifyAll()
        assert.equal((await getDelta(recordId)).status, 'PROCESSING')
        const { rows } = await plane.owner.query('select from log_note where tenant_id = $1 and size > 310', [
          tenantNo,
        ])
        assert.equal(rows.length, 0)
      },
    )
    await scrubber.cycle()
    await plane.verifyAll()
    assert.equal((await deltaAt(310)).status, 'VERIFIED')
  })

  it('a worker that starts later takes back what an earlier one found, once the whole log held', async () => {
    await whileDamaged(amountAt305(), async () => {
      await scrubber.cycle()
      await new Scrubber(plane.worker).cycle()
      assert.equal((await failure())?.first_failed_index, 305)
    })
    assert.notEqual(await failure(), undefined)
    plane.clock.offsetMs += 1_000
    await new Scrubber(plane.worker).cycle()
    assert.equal(await failure(), undefined)
    await scrubber.cycle()
  })

  it('a log that is behind its anchor stays refused, whatever else is found', async () => {
    const { tenantNo } = damaged()
    await plane.owner.query(
      `insert into verify_state (tenant_id, discrepancies, blocked_code, found_at) values ($1, '[]', 'LOG_BEHIND_ANCHOR', now())`,
      [tenantNo],
    )
    await whileDamaged(amountAt305(), async () => {
      await scrubber.cycle()
      const { rows } = await plane.owner.query('select blocked_code, found_by from verify_state')
      assert.deepEqual(rows, [{ blocked_code: 'LOG_BEHIND_ANCHOR', found_by: 'recompute' }])
    })
    await scrubber.cycle()
    await plane.verifyAll()
    assert.equal(await failure(), undefined)
  })
})

it('scrubs for ever, names damage and sees its repair', async () => {
  const loop = startScrubLoop(plane.worker, { rowsPerSecond: 20_000, isBusy: () => true })
  try {
    await whileDamaged(amountAt305(), async () => {
      assert.ok(await waitUntil(async () => (await failure())?.first_failed_index === 305, 15_000))
      assert.equal(loop.scrubber.figures.damagedLogs, 1)
    })
    assert.ok(await waitUntil(async () => (await failure()) === undefined, 15_000))
  } finally {
    await loop.stop()
  }
})

it('needs no memory of customers: ends of ledgers are read back and proved', async () => {
  const [log = assert.fail()] = await selectLogs(plane.owner)
  const pages = checkLog(log, {
    snapshot: snapshotsOf(plane.worker.db),
    anchor: plane.worker.fileAnchor,
    until: 'verified',
    rowsAtOnce: 7,
    customersMax: 1,
  })
  let deltas = 0
  for await (const page of pages) {
    assert.deepEqual(page.findings, [])
    deltas += page.deltas
  }
  assert.equal(deltas, 311)
})

it('what is left is sound', () => plane.requireSound())
