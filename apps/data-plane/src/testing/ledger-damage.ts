import assert from 'node:assert/strict'
import * as api from '@pacspace/api/definition/ledger'
import type { Db } from '@pacspace/service/postgres'
import type { TestDataPlane } from './test-data-plane.ts'

/** One way to change stored rows behind the ledger's back. Run as the owner, with triggers and foreign keys off. */
export interface Damage {
  readonly name: string
  readonly table: string
  readonly statement: string
  /** False where nothing but the damaged row itself speaks of its tenant any more. */
  readonly namesTenant: boolean
}

/** Tables of a tenant's log: every column of each is damaged, in the row that is chosen. */
const DAMAGED_ROW: Readonly<Record<string, string>> = {
  // Corrects another one, has a reference, metadata, a key, and completes nodes.
  delta: 'log_index = 307',
  customer: 'customer_no = 3',
  customer_verified: 'customer_no = 3',
  customer_total: 'customer_no = 2',
  batch_request: 'first_index = 0',
  log: 'true',
  log_head: 'true',
  tree_head: 'true',
  verified_head: 'true',
  log_tile: 'true',
  log_note: 'size = 308',
  log_anchor: 'size = 308',
}

/** Entries that are no deltas, and what follows from them: damaged in the tests of what writes them. */
const DAMAGED_ELSEWHERE = [
  'bucket_verified',
  'checkpoint',
  'checkpoint_check',
  'checkpoint_cut',
  'checkpoint_part',
  'fact',
  'void',
]

/** Tables with a tenant that hold nothing of the ledger. */
const NOT_OF_THE_LEDGER = [
  'api_key',
  'customer_profile',
  'log_key',
  'verify_state',
  'webhook_cursor',
  'webhook_delivery',
  'webhook_endpoint',
  'webhook_notice',
  'webhook_source',
]

/** What nothing else in the database or at the anchor says, so that a change of it contradicts nothing. */
const SAID_ONCE = [
  'log.created_at',
  'log_note.signed_at',
  'log_anchor.anchored_at',
  'log_head.append_mark', // random; a wrong one voids memories, no more
  'batch_request.unwritten', // what the first answer said of refused items; its form is checked
]

/** Ways to damage a value, as SQL over the column `c`; each gives a value that its column takes. */
const DAMAGES: Readonly<Record<string, readonly string[]>> = {
  bigint: ['c + 1000003', 'c - 1'],
  integer: ['c + 100003', 'c - 1'],
  smallint: ['c + 1'],
  boolean: ['not c'],
  jsonb: [`'["x"]'`],
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
  'batch_request.kind': [
    `case c when 'writes' then 'fact' else 'writes' end`,
    `case c when 'batch' then 'fact' else 'batch' end`,
  ],
}

/** Values for what is null in the first row of the ledger; its key is the batch's. */
const FILLED: Readonly<Record<string, string>> = {
  reference_id: `'x'`,
  reference_hash: '1',
  nodes: `'\\x${'00'.repeat(32)}'`,
  metadata: `'{}'`,
  adjusts_record_id: `'rec_00000000000000000000000000'`,
  adjusts_reference_id: `'x'`,
}

/** Gives a tenant of a plane the rows that the damages below are made for: 310 deltas under four signed heads. */
export async function fillLedger(plane: TestDataPlane, key: string): Promise<void> {
  const deltas = Array.from({ length: 300 }, (_, i) => ({
    customerId: `cust_${i < 60 ? i % 3 : 1}`, // one of them has more than 256: a sum of credits
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

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly isNullable: boolean
}

/**
 * Changes of every column of every table of the ledger, enumerated from the schema so that none can be forgotten. `rows`:
 * other tables instead, and which row of each.
 */
export async function columnDamages(
  db: Db,
  tenantNo: number,
  rows: Readonly<Record<string, string>> = DAMAGED_ROW,
): Promise<Damage[]> {
  const { rows: columns } = await db.query<Column>(
    `select c.table_name as table, c.column_name as name, c.data_type as type, c.is_nullable = 'YES' as "isNullable"
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
      where table_schema = 'public' and t.table_type = 'BASE TABLE'
        and exists (select from information_schema.columns o
                     where o.table_schema = 'public' and o.table_name = c.table_name and o.column_name = 'tenant_id')
      order by c.table_name, c.ordinal_position`,
  )
  const tables = new Set(columns.map(({ table }) => table))
  assert.deepEqual(
    [...tables].filter((table) => !NOT_OF_THE_LEDGER.includes(table)).toSorted(),
    [...Object.keys(DAMAGED_ROW), ...DAMAGED_ELSEWHERE].toSorted(),
    'say which row of a new table is damaged',
  )
  return columns
    .filter(({ table }) => table in rows)
    .flatMap((column) => [...damagesOf(column, tenantNo, rows), ...fillingsOf(column, tenantNo)])
}

function damagesOf(
  { table, name, type, isNullable }: Column,
  tenantNo: number,
  chosen: Readonly<Record<string, string>>,
): Damage[] {
  const column = `${table}.${name}`
  const ways = DAMAGES_OF[column] ?? DAMAGES[type] ?? assert.fail(`say how to damage a ${type}`)
  return [...ways, ...(isNullable ? ['null'] : [])].flatMap((way) => {
    const title = `${column} = ${way}`
    if (SAID_ONCE.includes(column) || SAID_ONCE.includes(title)) return []
    const value = way.replaceAll(/\bc\b/g, name)
    const statement = `update ${table} set ${name} = ${value}
      where tenant_id = ${tenantNo} and ${chosen[table]} and (${name} is distinct from ${value}) is not false`
    return [{ name: title, table, statement, namesTenant: name !== 'tenant_id' }]
  })
}

function fillingsOf({ table, name, isNullable }: Column, tenantNo: number): Damage[] {
  if (table !== 'delta' || !isNullable || name === 'key_digest') return []
  const value = FILLED[name] ?? assert.fail(`say what ${name} may become`)
  const statement = `update delta set ${name} = ${value}
    where tenant_id = ${tenantNo} and log_index = 0 and ${name} is null`
  return [{ name: `${table}.${name} = ${value} where it was null`, table, statement, namesTenant: true }]
}

const DELTA_COLUMNS = `log_index, created_at, reference_hash, tenant_id, customer_no, seq, record_nonce, items_root, nodes,
  amount, balance, reason, reference_id, metadata, key_digest, adjusts_record_id, adjusts_reference_id`

function copyOfDelta(changes: Readonly<Record<string, string>>): string {
  const values = DELTA_COLUMNS.split(',').map((column) => changes[column.trim()] ?? column)
  return `insert into delta (${DELTA_COLUMNS}) select ${values.join(',')} from delta where tenant_id = :tenant and log_index = 307`
}

const ROW_DAMAGES: readonly (readonly [name: string, table: string, statement: string])[] = [
  [
    'deltas deleted from the middle of the ledger',
    'delta',
    'delete from delta where tenant_id = :tenant and log_index = 100',
  ],
  ['deltas deleted from its start', 'delta', 'delete from delta where tenant_id = :tenant and log_index = 0'],
  [
    'deltas deleted from its end',
    'delta',
    'delete from delta where tenant_id = :tenant and log_index >= 309',
  ],
  ['deltas deleted all', 'delta', 'delete from delta where tenant_id = :tenant'],
  ['deltas appended behind its end', 'delta', copyOfDelta({ log_index: '310', seq: '999' })],
  ['deltas appended behind a gap', 'delta', copyOfDelta({ log_index: '400', seq: '999' })],
  ['deltas inserted for nobody', 'delta', copyOfDelta({ tenant_id: '777777' })],
  [
    'deltas reordered',
    'delta',
    `update delta d set record_nonce = o.record_nonce, items_root = o.items_root, amount = o.amount, reason = o.reason,
            balance = o.balance, metadata = o.metadata, reference_id = o.reference_id, reference_hash = o.reference_hash,
            key_digest = o.key_digest, adjusts_record_id = o.adjusts_record_id, nodes = o.nodes,
            adjusts_reference_id = o.adjusts_reference_id
       from delta o where d.tenant_id = :tenant and o.tenant_id = :tenant
        and (d.log_index, o.log_index) in ((305, 306), (306, 305))`,
  ],
  ['customers deleted', 'customer', 'delete from customer where tenant_id = :tenant and customer_no = 2'],
  ['customers invented', 'customer', `insert into customer values (:tenant, 9, 'ghost', 5)`],
  ['customers of nobody', 'customer', `insert into customer values (777777, 1, 'ghost', 5)`],
  [
    'verified ends deleted',
    'customer_verified',
    'delete from customer_verified where tenant_id = :tenant and customer_no = 2',
  ],
  ['sums deleted', 'customer_total', 'delete from customer_total where tenant_id = :tenant'],
  ['sums invented', 'customer_total', 'insert into customer_total values (:tenant, 2, 512, 1)'],
  ['sums of nobody', 'customer_total', 'insert into customer_total values (777777, 2, 256, 1)'],
  ['tiles deleted', 'log_tile', 'delete from log_tile where tenant_id = :tenant'],
  [
    'tiles invented',
    'log_tile',
    'insert into log_tile select tenant_id, level, 1, root, hashes from log_tile where tenant_id = :tenant',
  ],
  [
    'tiles of nobody',
    'log_tile',
    'insert into log_tile select 777777, level, 1, root, hashes from log_tile where tenant_id = :tenant',
  ],
  ['signed heads deleted', 'log_note', 'delete from log_note where tenant_id = :tenant and size = 310'],
  ['older signed heads deleted', 'log_note', 'delete from log_note where tenant_id = :tenant and size = 308'],
  [
    'signed heads of nobody',
    'log_note',
    'insert into log_note select 777777, size, root, note, signed_at from log_note where tenant_id = :tenant',
  ],
  [
    'signed heads of another size',
    'log_note',
    'insert into log_note select tenant_id, 200, root, note, signed_at from log_note where tenant_id = :tenant and size = 308',
  ],
  ['anchorings deleted', 'log_anchor', 'delete from log_anchor where tenant_id = :tenant and size = 310'],
  ['anchorings of no head', 'log_anchor', `insert into log_anchor values (:tenant, 200, 'file', now())`],
  [
    'batches of nobody',
    'batch_request',
    `insert into batch_request (tenant_id, first_index, row_count, key_digest, request_hash, unwritten)
     select 777777, first_index, row_count, key_digest, request_hash, unwritten from batch_request where tenant_id = :tenant`,
  ],
  ['logs deleted', 'log', 'delete from log where tenant_id = :tenant'],
  ['log heads deleted', 'log_head', 'delete from log_head where tenant_id = :tenant'],
  ['tree heads deleted', 'tree_head', 'delete from tree_head where tenant_id = :tenant'],
  ['verified heads deleted', 'verified_head', 'delete from verified_head where tenant_id = :tenant'],
  ['log keys deleted', 'log_key', 'delete from log_key where tenant_id = :tenant'],
  ['tenants deleted', 'tenant', 'delete from tenant where id = :tenant'],
]

/** Rows deleted, inserted, moved, in every table of the ledger. */
export function rowDamages(tenantNo: number): Damage[] {
  return ROW_DAMAGES.map(([name, table, statement]) => ({
    name,
    table,
    statement: statement.replaceAll(':tenant', String(tenantNo)),
    namesTenant: !name.endsWith('nobody'),
  }))
}
