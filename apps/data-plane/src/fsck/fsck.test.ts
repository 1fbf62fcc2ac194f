import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { createPool, type Db, type Pool, sqlStateOf, transaction } from '@pacspace/service/postgres'
import { columnDamages, type Damage, fillLedger, rowDamages } from '../testing/ledger-damage.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { fsck } from './fsck.ts'

let plane: TestDataPlane
let owner: Pool
/** The first one's rows are damaged. */
let tenants: TestTenant[]
before(async () => {
  plane = await startTestDataPlane()
  owner = createPool({ url: plane.database.url, applicationName: 'test', max: 1 })
  tenants = [await plane.newTenant(), await plane.newTenant()]
  for (const { key } of tenants) await fillLedger(plane, key)
})
after(async () => {
  await owner.end()
  await plane[Symbol.asyncDispose]()
})

const damaged = () => tenants[0] ?? assert.fail()

class RolledBack extends Error {}

/** What fsck finds after a change made as the owner with triggers and foreign keys off; nothing of it stays. */
async function findingsAfter(damage: (tx: Db) => Promise<number>): Promise<readonly string[]> {
  let findings: readonly string[] = []
  const done = transaction(owner, async (tx) => {
    await tx.query('set local session_replication_role = replica')
    assert.ok((await damage(tx)) > 0, 'the damage changed nothing')
    findings = (await fsck({ db: tx, fileAnchor: plane.worker.fileAnchor })).findings
    throw new RolledBack()
  })
  await assert.rejects(done, RolledBack)
  return findings
}

/** SQLSTATE class of violated constraints: the database itself refuses such a row. */
const CONSTRAINT = '23'

/** Damages that a constraint refuses, whoever tries them: they cannot happen. Their columns are damaged in another way. */
const REFUSED = [
  'batch_request.first_index = null',
  'customer.customer_no = c - 1',
  'customer_verified.customer_no = c - 1',
  'delta.log_index = c - 1',
  'delta.seq = c - 1',
  'log_tile.tile_index = c - 1',
]

/** False where the damage is refused. */
async function requireFound({ name, statement, namesTenant }: Damage): Promise<boolean> {
  let isRefused = false
  const findings = await findingsAfter(async (tx) => {
    const { rowCount } = await tx.query(statement).catch((error) => {
      isRefused = sqlStateOf(error)?.startsWith(CONSTRAINT) ?? false
      throw isRefused ? new RolledBack() : error
    })
    return rowCount
  }).catch((error) => assert.fail(`${name}: ${error}`))
  if (isRefused) return false
  assert.ok(findings.length > 0, `${name} was not found`)
  const { tenantId, tenantNo } = damaged()
  const isNamed = findings.some((text) => text.includes(tenantId) || text.includes(`tenant ${tenantNo},`))
  assert.ok(isNamed || !namesTenant, `${name}: ${findings.join('\n')}`)
  return true
}

describe('R26 a change of any column of any ledger table is found, and its tenant named', () => {
  it('each column in turn', async () => {
    const damages = await columnDamages(plane.owner, damaged().tenantNo)
    assert.ok(damages.length > 100)
    const columnOf = ({ name }: Damage) => name.split(' = ')[0]
    const refused: string[] = []
    const damagedColumns = new Set<string | undefined>()
    for (const damage of damages) {
      if (await requireFound(damage)) damagedColumns.add(columnOf(damage))
      else refused.push(damage.name)
    }
    assert.deepEqual(refused, REFUSED)
    assert.deepEqual(damagedColumns, new Set(damages.map(columnOf)))
  })

  it('a damaged delta is named by its log index', async () => {
    for (const logIndex of [0, 150, 299, 309]) {
      const findings = await findingsAfter(async (tx) => {
        const { rowCount } = await tx.query(
          `update delta set reason = 'y' where tenant_id = $1 and log_index = $2`,
          [damaged().tenantNo, logIndex],
        )
        return rowCount
      })
      assert.match(
        findings[0] ?? '',
        new RegExp(`^delta: tenant ${damaged().tenantId}, log_index ${logIndex}: items_root`),
      )
    }
  })

  it('log_note: bytes all over a signed head count', async () => {
    const { rows } = await plane.owner.query<{ note: string }>(
      'select note from log_note where tenant_id = $1 and size = 308',
      [damaged().tenantNo],
    )
    const note = rows[0]?.note ?? ''
    assert.ok(note.length > 150)
    for (let at = 0; at < note.length; at += 9) {
      const other = note[at] === 'A' ? 'B' : 'A'
      const findings = await findingsAfter(async (tx) => {
        const { rowCount } = await tx.query(
          'update log_note set note = $2 where tenant_id = $1 and size = 308',
          [damaged().tenantNo, `${note.slice(0, at)}${other}${note.slice(at + 1)}`],
        )
        return rowCount
      })
      assert.ok(findings.length > 0, `byte ${at}, ${JSON.stringify(note[at])}`)
    }
  })
})

it('R27 rows that are deleted, inserted or reordered, in any table, are found', async () => {
  for (const damage of rowDamages(damaged().tenantNo)) assert.ok(await requireFound(damage), damage.name)
})

it('what is sound stays without findings, and is counted', async () => {
  await plane.requireSound()
  const report = await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })
  assert.deepEqual(report, { logs: 2, deltas: 620, customers: 6, notes: 8, tiles: 2, findings: [] })
})

it('runs beside writes and their verification, sees one moment, and finds nothing', async () => {
  const tenant = await plane.newTenant()
  let emits = 0
  let isOver = false
  const writing = async (lane: number) => {
    while (!isOver) {
      const body = { customerId: `c_${lane}_${emits % 7}`, delta: 1, reason: 'load' }
      await plane.client.succeed(api.emitDelta, { key: tenant.key, body })
      emits++
    }
  }
  const verifying = async () => {
    while (!isOver) await plane.verifyAll()
  }
  const load = Promise.all([writing(1), writing(2), writing(3), verifying()])
  const seen: number[] = []
  try {
    for (let run = 0; run < 8; run++) {
      const { findings, deltas } = await fsck({ db: owner, fileAnchor: plane.worker.fileAnchor })
      assert.deepEqual(findings, [], `with ${emits} emits`)
      seen.push(deltas)
    }
  } finally {
    isOver = true
    await load
  }
  assert.ok(new Set(seen).size > 4, `the ledger grew meanwhile: ${seen}`)
  await plane.requireSound()
})
