import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { createPool, type Db, type Pool, sqlStateOf, transaction } from '@pacspace/service/postgres'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { fsck } from './fsck.ts'

/** Tables of which every column is damaged, and the row that is chosen. Two tenants have rows in each. */
const DAMAGED: Readonly<Record<string, string>> = {
  // Corrects another one, has a reference, metadata, a key, and completes nodes.
  delta: 'log_index = 307',
  customer: 'customer_no = 2',
  customer_verified: 'customer_no = 2',
  batch_request: 'first_index = 0',
  log: 'true',
  log_head: 'true',
  tree_head: 'true',
  verified_head: 'true',
  log_tile: 'true',
  log_note: 'size = 308',
  log_anchor: 'size = 308',
}

/** What nothing else in the database or at the anchor says, so that a change of it contradicts nothing. */
const SAID_ONCE = [
  'log.created_at',
  'log_note.signed_at',
  'log_anchor.anchored_at',
  'log_head.append_mark', // random; a wrong one voids memories, no more
  'batch_request.unwritten', // what the first answer said of refused items; its form is checked
]

/** Tables that hold nothing of the ledger. */
const NO_LEDGER = [
  'tenant', // what the control plane pushed; who has a log is checked
  'api_key',
  'api_key_use',
  'log_key', // sealed with a tag: opening it tells; that it is there is checked
  'verify_state', // what was found; an open finding is one of fsck's too
  'schema_migration',
]

/** Damages that a constraint of the table refuses whoever tries them: they cannot happen. Every column takes another one. */
const REFUSED = [
  'delta.log_index = c - 1',
  'delta.seq = c - 1',
  'customer.customer_no = c - 1',
  'customer_verified.customer_no = c - 1',
  'log_tile.tile_index = c - 1',
]

/** Ways to damage a value, as SQL over the column `c`; each gives a value that its column takes. */
const DAMAGES: Readonly<Record<string, readonly string[]>> = {
  bigint: ['c + 1000003', 'c - 1'],
  integer: ['c + 100003', 'c - 1'],
  smallint: ['c + 1'],
  bytea: [
    'set_byte(c, 0, get_byte(c, 0) # 1)',
    'set_byte(c, length(c) - 1, get_byte(c, length(c) - 1) # 128)',
  ],
  text: [`c || 'x'`, `overlay(c placing chr(ascii(c) + 1) from 1 for 1)`],
  numeric: ['c + 0.000000000001', '-c', `'NaN'`, 'c + 0.0000000000001'],
  'timestamp with time zone': [
    `c + interval '1 millisecond'`,
    `c - interval '1 second'`,
    `c + interval '1 microsecond'`,
    `c + interval '20000 years'`,
    `'infinity'`,
  ],
}

/** Columns that take few values only. */
const DAMAGES_OF: Readonly<Record<string, readonly string[]>> = {
  'log_anchor.level': [`'witness'`],
  'log_tile.level': ['c + 1'],
}

let plane: TestDataPlane
let owner: Pool
let tenants: TestTenant[]
before(async () => {
  plane = await startTestDataPlane()
  owner = createPool({ url: plane.database.url, applicationName: 'test', max: 1 })
  tenants = [await plane.newTenant(), await plane.newTenant()]
  for (const { key } of tenants) await fill(key)
})
after(async () => {
  await owner.end()
  await plane[Symbol.asyncDispose]()
})

async function fill(key: string): Promise<void> {
  const deltas = Array.from({ length: 300 }, (_, i) => ({
    customerId: `cust_${i % 3}`,
    delta: i + 0.5,
    reason: 'x',
  }))
  await plane.client.succeed(api.emitBatch, {
    key,
    body: { deltas },
    headers: { 'idempotency-key': 'batch' },
  })
  await plane.verifyAll()
  const emit = (i: number, more: object = {}) =>
    plane.client.succeed(api.emitDelta, {
      key,
      body: {
        customerId: 'cust_1',
        delta: i,
        reason: 'single',
        referenceId: `ref_${i}`,
        metadata: { i },
        ...more,
      },
      headers: { 'idempotency-key': `single_${i}` },
    })
  for (let i = 1; i <= 7; i++) await emit(i)
  await emit(8, { adjusts: { referenceId: 'ref_3' } })
  await plane.verifyAll()
  await emit(9)
  await emit(10)
  await plane.verifyAll()
}

class RolledBack extends Error {}

/**
 * What fsck finds after a change made as the owner with triggers and foreign keys off; nothing of it stays. Undefined
 * where a constraint refuses the change.
 */
async function tryDamage(damage: (tx: Db) => Promise<number>): Promise<readonly string[] | undefined> {
  try {
    return await findingsAfter(damage)
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

class Refused extends Error {}

/** The same; a change that is refused fails the test. */
async function findingsAfter(damage: (tx: Db) => Promise<number>): Promise<readonly string[]> {
  let findings: readonly string[] = []
  const done = transaction(owner, async (tx) => {
    await tx.query('set local session_replication_role = replica')
    const changed = await damage(tx).catch((error: unknown) => {
      if (sqlStateOf(error)?.startsWith('23')) throw new Refused('refused by a constraint', { cause: error })
      throw error
    })
    assert.ok(changed > 0, 'the damage changed nothing')
    findings = (await fsck({ db: tx, fileAnchor: plane.worker.fileAnchor })).findings
    throw new RolledBack()
  })
  const ended: unknown = await done.catch((error: unknown) => error)
  if (!(ended instanceof RolledBack)) throw ended
  return findings
}

/** The tenant whose rows are damaged. */
const damaged = () => tenants[0] ?? assert.fail()

/** Something was found, and the tenant named. `elsewhere`: tenant numbers that its rows carry now. */
function requireFound(findings: readonly string[], elsewhere: readonly number[] = []): void {
  assert.ok(findings.length > 0, 'nothing was found')
  const { tenantId, tenantNo } = damaged()
  const names = [tenantId, ...[tenantNo, ...elsewhere].map((number) => `tenant ${number},`)]
  const isNamed = findings.some((finding) => names.some((name) => finding.includes(name)))
  assert.ok(isNamed, findings.join('\n'))
}

async function columnsOf(table: string) {
  const { rows } = await plane.owner.query<{ name: string; type: string; isNullable: boolean }>(
    `select column_name as name, data_type as type, is_nullable = 'YES' as "isNullable"
       from information_schema.columns where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  )
  assert.ok(rows.length > 0)
  return rows
}

/** Damages one column in one way. Undefined where that is refused. */
async function damageColumn(table: string, row: string, column: string, way: string) {
  const value = way.replaceAll(/\bc\b/g, column)
  const where = `tenant_id = ${damaged().tenantNo} and ${row}`
  return tryDamage(async (tx) => {
    const { rowCount } = await tx.query(
      `update ${table} set ${column} = ${value} where ${where} and (${column} is distinct from ${value}) is not false`,
    )
    return rowCount
  })
}

describe('R26 a change of any column of any ledger table is found, and its tenant named', () => {
  for (const [table, row] of Object.entries(DAMAGED)) {
    it(table, async () => {
      const refused: string[] = []
      for (const { name, type, isNullable } of await columnsOf(table)) {
        const column = `${table}.${name}`
        const ways = [...(DAMAGES_OF[column] ?? DAMAGES[type] ?? assert.fail(`say how to damage a ${type}`))]
        if (isNullable) ways.push('null')
        let tried = 0
        for (const way of ways) {
          const damage = `${column} = ${way}`
          const findings = await damageColumn(table, row, name, way).catch((error) =>
            assert.fail(`${damage}: ${error}`),
          )
          if (findings === undefined) {
            refused.push(damage)
            continue
          }
          tried++
          if (SAID_ONCE.includes(column)) continue
          assert.ok(findings.length > 0, `${damage} was not found`)
          requireFound(
            findings,
            name === 'tenant_id' ? [damaged().tenantNo + 100_003, damaged().tenantNo - 1] : [],
          )
        }
        assert.ok(tried > 0, `${column} was never damaged`)
      }
      assert.deepEqual(
        refused,
        REFUSED.filter((damage) => damage.startsWith(`${table}.`)),
      )
    })
  }

  it('there is no other table of the ledger', async () => {
    const { rows } = await plane.owner.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    assert.deepEqual(
      rows.map(({ name }) => name).toSorted(),
      [...Object.keys(DAMAGED), ...NO_LEDGER].toSorted(),
    )
  })

  it('delta: what is null may not become a value either', async () => {
    const filled: Record<string, string> = {
      nodes: `'\\x${'00'.repeat(32)}'`,
      reference_id: `'x'`,
      reference_hash: '1',
      metadata: `'{}'`,
      key_digest: `'\\x${'00'.repeat(16)}'`,
      adjusts_record_id: `'rec_00000000000000000000000000'`,
      adjusts_reference_id: `'x'`,
    }
    const nullable = (await columnsOf('delta')).filter(({ isNullable }) => isNullable)
    assert.deepEqual(Object.keys(filled).toSorted(), nullable.map(({ name }) => name).toSorted())
    for (const [name, value] of Object.entries(filled)) {
      const findings = await findingsAfter(async (tx) => {
        const { rowCount } = await tx.query(
          `update delta set ${name} = ${value} where tenant_id = $1 and log_index = 0 and ${name} is null`,
          [damaged().tenantNo],
        )
        // The first row of the batch carries its key.
        return name === 'key_digest' ? 1 : rowCount
      })
      if (name !== 'key_digest') requireFound(findings)
    }
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
    for (let at = 0; at < note.length; at += 7) {
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

describe('R27 rows that are', () => {
  const run = (statement: string) => async (tx: Db) =>
    (await tx.query(statement.replaceAll(':tenant', String(damaged().tenantNo)))).rowCount
  const copyOfDelta = (changes: Record<string, string>) => {
    const columns = `log_index, created_at, reference_hash, tenant_id, customer_no, seq, record_nonce, items_root, nodes,
      amount, balance, reason, reference_id, metadata, key_digest, adjusts_record_id, adjusts_reference_id`
    const values = columns.split(',').map((column) => changes[column.trim()] ?? column)
    return `insert into delta (${columns}) select ${values.join(',')} from delta where tenant_id = :tenant and log_index = 307`
  }
  const cases: [name: string, statement: string][] = [
    [
      'deleted from the middle of the ledger',
      'delete from delta where tenant_id = :tenant and log_index = 100',
    ],
    ['deleted from its start', 'delete from delta where tenant_id = :tenant and log_index = 0'],
    ['deleted from its end', 'delete from delta where tenant_id = :tenant and log_index >= 309'],
    ['deleted all', 'delete from delta where tenant_id = :tenant'],
    ['appended behind its end', copyOfDelta({ log_index: '310', seq: '999' })],
    ['appended behind a gap', copyOfDelta({ log_index: '400', seq: '999' })],
    ['inserted for nobody', copyOfDelta({ tenant_id: '777777' })],
    [
      'reordered',
      `update delta d set record_nonce = o.record_nonce, items_root = o.items_root, amount = o.amount, reason = o.reason,
              balance = o.balance, metadata = o.metadata, reference_id = o.reference_id, reference_hash = o.reference_hash,
              key_digest = o.key_digest, adjusts_record_id = o.adjusts_record_id, nodes = o.nodes,
              adjusts_reference_id = o.adjusts_reference_id
         from delta o where d.tenant_id = :tenant and o.tenant_id = :tenant
          and (d.log_index, o.log_index) in ((305, 306), (306, 305))`,
    ],
    ['customers deleted', 'delete from customer where tenant_id = :tenant and customer_no = 2'],
    ['customers invented', `insert into customer values (:tenant, 9, 'ghost', 5)`],
    ['customers of nobody', `insert into customer values (777777, 1, 'ghost', 5)`],
    ['verified ends deleted', 'delete from customer_verified where tenant_id = :tenant and customer_no = 2'],
    ['tiles deleted', 'delete from log_tile where tenant_id = :tenant'],
    [
      'tiles invented',
      'insert into log_tile select tenant_id, level, 1, root, hashes from log_tile where tenant_id = :tenant',
    ],
    [
      'tiles of nobody',
      'insert into log_tile select 777777, level, 1, root, hashes from log_tile where tenant_id = :tenant',
    ],
    ['signed heads deleted', 'delete from log_note where tenant_id = :tenant and size = 310'],
    ['older signed heads deleted', 'delete from log_note where tenant_id = :tenant and size = 308'],
    [
      'signed heads of nobody',
      'insert into log_note select 777777, size, root, note, signed_at from log_note where tenant_id = :tenant',
    ],
    [
      'signed heads of another size',
      'insert into log_note select tenant_id, 200, root, note, signed_at from log_note where tenant_id = :tenant and size = 308',
    ],
    ['anchorings deleted', 'delete from log_anchor where tenant_id = :tenant and size = 310'],
    ['anchorings of no head', `insert into log_anchor values (:tenant, 200, 'file', now())`],
    [
      'batches of nobody',
      'insert into batch_request select 777777, first_index, row_count, key_digest, request_hash, unwritten from batch_request where tenant_id = :tenant',
    ],
    ['logs deleted', 'delete from log where tenant_id = :tenant'],
    ['log heads deleted', 'delete from log_head where tenant_id = :tenant'],
    ['tree heads deleted', 'delete from tree_head where tenant_id = :tenant'],
    ['verified heads deleted', 'delete from verified_head where tenant_id = :tenant'],
    ['log keys deleted', 'delete from log_key where tenant_id = :tenant'],
    ['tenants deleted', 'delete from tenant where id = :tenant'],
  ]
  for (const [name, statement] of cases) {
    it(`${name} are found`, async () => {
      const findings = await findingsAfter(run(statement))
      assert.ok(findings.length > 0)
      if (!name.endsWith('nobody')) requireFound(findings)
    })
  }
})

it('what is sound stays without findings, and is counted', async () => {
  await plane.requireSound()
  const report = await fsck({ db: plane.owner, fileAnchor: plane.worker.fileAnchor })
  assert.deepEqual(report, { logs: 2, deltas: 620, customers: 6, notes: 8, tiles: 2, findings: [] })
})
