import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { acceptFact } from '@pacspace/api/definition/facts'
import { emitBatch } from '@pacspace/api/definition/ledger'
import { createPool, type Pool, sqlStateOf } from '@pacspace/service/postgres'
import { API_ROLE, WORKER_ROLE } from './data-plane.ts'
import { startTestDataPlane, type TestDataPlane } from './testing/test-data-plane.ts'

/** Facts: rows that are inserted and never changed, whoever asks. */
const APPEND_ONLY = [
  'batch_request',
  'checkpoint',
  'checkpoint_cut',
  'checkpoint_part',
  'customer',
  'customer_total',
  'delta',
  'fact',
  'log',
  'log_anchor',
  'log_note',
  'log_tile',
  'void',
]

/**
 * What each role may do with each table, and nothing more: r select, a insert, w update, d delete. A table that is not here
 * is one that nobody thought about. The api process cannot read log keys, and cannot move what the worker verified.
 */
const PRIVILEGES: Readonly<Record<string, { readonly api: string; readonly worker: string }>> = {
  api_key: { api: 'raw', worker: 'r' },
  api_key_use: { api: 'raw', worker: '' },
  batch_request: { api: 'ra', worker: 'r' },
  bucket_verified: { api: 'r', worker: 'raw' },
  checkpoint: { api: 'ra', worker: 'r' },
  checkpoint_check: { api: 'r', worker: 'raw' },
  checkpoint_cut: { api: 'ra', worker: 'r' },
  checkpoint_part: { api: 'ra', worker: 'r' },
  customer: { api: 'ra', worker: 'r' },
  customer_profile: { api: 'ra', worker: 'r' },
  customer_total: { api: 'r', worker: 'ra' },
  customer_verified: { api: 'r', worker: 'raw' },
  delta: { api: 'ra', worker: 'r' },
  fact: { api: 'ra', worker: 'r' },
  log: { api: 'r', worker: 'ra' },
  log_anchor: { api: 'r', worker: 'ra' },
  log_head: { api: 'rw', worker: 'ra' },
  log_key: { api: '', worker: 'ra' },
  log_note: { api: 'r', worker: 'ra' },
  log_tile: { api: 'r', worker: 'ra' },
  schema_migration: { api: '', worker: '' },
  stored_checkpoint: { api: 'r', worker: 'r' },
  stored_delta: { api: 'r', worker: 'r' },
  tenant: { api: 'raw', worker: 'rw' },
  tree_head: { api: 'r', worker: 'raw' },
  verified_head: { api: 'r', worker: 'raw' },
  verify_state: { api: 'r', worker: 'rawd' },
  void: { api: 'r', worker: 'r' },
  webhook_cursor: { api: 'raw', worker: 'rw' },
  webhook_delivery: { api: 'raw', worker: 'raw' },
  webhook_endpoint: { api: 'raw', worker: 'rw' },
  webhook_notice: { api: 'rw', worker: 'a' },
  webhook_source: { api: 'ra', worker: 'r' },
}

/** SQLSTATEs: insufficient_privilege, and restrict_violation, which the triggers raise. */
const NO_PRIVILEGE = '42501'
const APPEND_ONLY_ROW = '23001'

/** Rows of tables that no endpoint fills yet; an empty table would prove nothing. Taken out before fsck comes. */
const ROWS_BY_HAND: Readonly<Record<string, string>> = {
  checkpoint_cut: `(cut_size, cut_at, tenant_id, nonce, closed) select 1, now(), tenant_id, $1, false from log`,
  checkpoint_part: `(tenant_id, customer_no, deltas_count, nonce, starting_balance, net_change, ending_balance, items_root,
    proof_root) select tenant_id, 1, 0, $1, 0, 0, 0, sha256('x'), sha256('x') from log`,
  checkpoint: `(log_index, cut_size, created_at, cut_at, tenant_id, deltas_count, nonce, closed, starting_balance, net_change,
    ending_balance, proof_root) select 900, 1, now(), now(), tenant_id, 0, $1, false, 0, 0, 0, sha256('x') from log`,
  void: `(log_index, created_at, tenant_id, nonce, record_id, customer_id, amount, reason, voided_at)
    select 901, now(), tenant_id, $1, 'rec_0', 'c', 1, 'x', now() from log`,
}

let plane: TestDataPlane
let pools: Readonly<Record<'api' | 'worker' | 'owner', Pool>>
before(async () => {
  plane = await startTestDataPlane()
  const pool = (role?: string) =>
    createPool({
      url: plane.database.url,
      applicationName: 'test',
      max: 1,
      ...(role === undefined ? {} : { role }),
    })
  pools = { api: pool(API_ROLE), worker: pool(WORKER_ROLE), owner: pool() }
  const { key } = await plane.newTenant()
  // Rows in every table, tiles and a kept batch included.
  const deltas = Array.from({ length: 300 }, (_, i) => ({
    customerId: `c_${i < 30 ? i % 3 : 0}`,
    delta: 1,
    reason: 'x',
  }))
  await plane.client.succeed(emitBatch, { key, body: { deltas }, headers: { 'idempotency-key': 'kept' } })
  await plane.client.succeed(acceptFact, { key, body: { content: 'x' } })
  await plane.verifyAll()
  for (const [table, row] of Object.entries(ROWS_BY_HAND)) {
    await pools.owner.query(`insert into ${table} ${row}`, [Buffer.alloc(10)])
  }
})
after(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()))
  await plane[Symbol.asyncDispose]()
})

async function stateOf(pool: Pool, statement: string): Promise<string | undefined> {
  try {
    await pool.query(statement)
  } catch (error) {
    return sqlStateOf(error)
  }
  return 'allowed'
}

async function firstColumn(table: string): Promise<string> {
  const { rows } = await pools.owner.query<{ column: string }>(
    `select column_name as column from information_schema.columns where table_name = $1 and table_schema = 'public'
      order by ordinal_position limit 1`,
    [table],
  )
  return rows[0]?.column ?? assert.fail(`${table} has no column`)
}

describe('facts are append-only, by privilege and by trigger', () => {
  for (const table of APPEND_ONLY) {
    it(`${table}: no UPDATE, DELETE or TRUNCATE by api, worker or owner`, async () => {
      const column = await firstColumn(table)
      const { rows: before } = await pools.owner.query<{ count: number }>(
        `select count(*), md5(string_agg(t::text, '' order by t::text)) from ${table} t`,
      )
      for (const [who, state] of [
        ['api', NO_PRIVILEGE],
        ['worker', NO_PRIVILEGE],
        ['owner', APPEND_ONLY_ROW],
      ] as const) {
        const pool = pools[who]
        assert.equal(await stateOf(pool, `update ${table} set ${column} = ${column}`), state, `${who} UPDATE`)
        assert.equal(await stateOf(pool, `delete from ${table}`), state, `${who} DELETE`)
        assert.equal(await stateOf(pool, `truncate ${table} cascade`), state, `${who} TRUNCATE`)
      }
      const { rows: after } = await pools.owner.query(
        `select count(*), md5(string_agg(t::text, '' order by t::text)) from ${table} t`,
      )
      assert.deepEqual(after, before)
      assert.ok(Number(before[0]?.count) > 0, 'an empty table proves nothing')
    })
  }

  it('the triggers cannot be switched off by a service role', async () => {
    for (const who of ['api', 'worker'] as const) {
      for (const statement of [
        'set session_replication_role = replica',
        'alter table delta disable trigger all',
        'drop trigger delta_append_only on delta',
        'drop table delta cascade',
        'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return new; end $$',
        'create table extra (x int)',
      ]) {
        assert.equal(await stateOf(pools[who], statement), NO_PRIVILEGE, `${who}: ${statement}`)
      }
    }
  })
})

describe('privileges', () => {
  it('K7 of each role on each table are exactly these', async () => {
    const { rows } = await pools.owner.query<{ name: string; role: string; privileges: string }>(
      `select c.relname as name, r.rolname as role,
              concat(case when has_table_privilege(r.oid, c.oid, 'select') then 'r' end,
                     case when has_table_privilege(r.oid, c.oid, 'insert') then 'a' end,
                     case when has_table_privilege(r.oid, c.oid, 'update') then 'w' end,
                     case when has_table_privilege(r.oid, c.oid, 'delete') then 'd' end,
                     case when has_table_privilege(r.oid, c.oid, 'truncate') then 'D' end,
                     case when has_table_privilege(r.oid, c.oid, 'references') then 'x' end,
                     case when has_table_privilege(r.oid, c.oid, 'trigger') then 't' end) as privileges
         from pg_class c cross join pg_roles r
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and r.rolname = any($1) 
        order by 1, 2`,
      [[API_ROLE, WORKER_ROLE]],
    )
    const found: Record<string, { api: string; worker: string }> = {}
    for (const { name, role, privileges } of rows) {
      const entry = found[name] ?? { api: '', worker: '' }
      found[name] = entry
      entry[role === API_ROLE ? 'api' : 'worker'] = privileges
    }
    assert.deepEqual(found, PRIVILEGES)
  })

  it('of no role reach past the tables: no ownership, no superuser, no sequence of a ledger table', async () => {
    const { rows: roles } = await pools.owner.query(
      `select rolname, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolcanlogin as has_more,
              exists (select from pg_class c where c.relowner = r.oid) as owns
         from pg_roles r where rolname = any($1) order by 1`,
      [[API_ROLE, WORKER_ROLE]],
    )
    assert.deepEqual(roles, [
      { rolname: API_ROLE, has_more: false, owns: false },
      { rolname: WORKER_ROLE, has_more: false, owns: false },
    ])
    const { rows: sequences } = await pools.owner.query(
      `select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
        order by 1`,
    )
    assert.deepEqual(sequences, [{ relname: 'tenant_id_seq' }, { relname: 'webhook_notice_notice_no_seq' }])
  })

  it('every ledger table and unique index leads with the tenant', async () => {
    const { rows } = await pools.owner.query<{ name: string; leads: string }>(
      `select i.indexrelid::regclass::text as name, a.attname as leads
         from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indisunique and i.indrelid::regclass::text = any($1) order by 1`,
      [[...APPEND_ONLY, 'log_head', 'tree_head', 'verified_head', 'customer_verified', 'verify_state']],
    )
    assert.ok(rows.length >= 14)
    // A log is found by its public name too: that is what the name is for.
    const others = rows.filter(({ leads }) => leads !== 'tenant_id').map(({ name }) => name)
    assert.deepEqual(others, ['log_log_id_key', 'log_origin_key'])
  })
})

it('everything is sound after all these attempts', async () => {
  for (const table of Object.keys(ROWS_BY_HAND)) {
    await pools.owner.query(
      `do $$ begin set local session_replication_role = replica; delete from ${table}; end $$`,
    )
  }
  await plane.requireSound()
})
