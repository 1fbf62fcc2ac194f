import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, beforeEach, it } from 'node:test'
import { type TestDatabase, templateDatabase } from '@pacspace/testing/test-postgres'
import { dumpSchema } from './dump-schema.ts'
import { withConnection } from './embedded-postgres/database.ts'
import { createScratchFolder } from './embedded-postgres/scratch-folder.ts'
import { silentLog } from './log.ts'
import { migrate } from './migrate.ts'

const empty = templateDatabase({ name: 'empty', migrate: async () => {} })

let database: TestDatabase
let folder: string
beforeEach(async () => {
  database = await empty.createTestDatabase()
  folder = await createScratchFolder('pacspace-migrate-')
})
afterEach(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})
const write = (name: string, text: string) => writeFile(join(folder, name), text)
const run = () => migrate({ url: database.url, folder, log: silentLog })
const query = (text: string) => withConnection(database.url, (client) => client.query(text))

it('files are applied in order, once', async () => {
  await write('0001_a_first.sql', 'CREATE TABLE a (id int); INSERT INTO a VALUES (1);')
  await write('0002_a_second.sql', 'INSERT INTO a SELECT id + 1 FROM a;')
  assert.deepEqual(await run(), ['0001_a_first.sql', '0002_a_second.sql'])
  await write('0003_a_third.sql', 'INSERT INTO a VALUES (9);')
  assert.deepEqual(await run(), ['0003_a_third.sql'])
  assert.deepEqual(await run(), [])
  assert.deepEqual((await query('SELECT id FROM a ORDER BY id')).rows, [{ id: 1 }, { id: 2 }, { id: 9 }])
})

it('processes that start together apply each file once', async () => {
  await write('0001_a.sql', 'CREATE TABLE a (id int)')
  await write('0002_a_row.sql', 'INSERT INTO a SELECT 1 FROM pg_sleep(0.05)')
  const applied = await Promise.all(Array.from({ length: 8 }, run))
  assert.equal(applied.flat().length, 2)
  assert.equal((await query('SELECT * FROM a')).rowCount, 1)
})

it('a file that fails leaves nothing of itself, and what came before stands', async () => {
  await write('0001_a.sql', 'CREATE TABLE a (id int)')
  await write('0002_b.sql', 'CREATE TABLE b (id int); SELECT 1 / 0;')
  await assert.rejects(run(), /0002_b\.sql failed/)
  await write('0002_b.sql', 'CREATE TABLE b (id int)')
  assert.deepEqual(await run(), ['0002_b.sql'])
})

it('an applied file may not change', async () => {
  await write('0001_a.sql', 'CREATE TABLE a (id int)')
  await run()
  await write('0001_a.sql', 'CREATE TABLE a (id bigint)')
  await assert.rejects(run(), /changed after it was applied/)
})

it('numbers may have no gap and no twin', async () => {
  await write('0001_a.sql', '')
  await write('0003_c.sql', '')
  await assert.rejects(run(), /expected number 0002/)
  await write('0002_b.sql', '')
  await write('0002_x.sql', '')
  await assert.rejects(run(), /expected number 0003/)
})

it('R29 an older process runs beside a newer schema', async () => {
  await write('0001_a.sql', 'CREATE TABLE a (id int)')
  await write('0002_b.sql', 'CREATE TABLE b (id int)')
  await run()
  await rm(join(folder, '0002_b.sql'))
  assert.deepEqual(await run(), [])
})

it('the dump shows everything that matters, the same every time', async () => {
  await write('0001_a.sql', DUMPED)
  await run()
  const text = await dumpSchema(database.url)
  for (const line of EXPECTED) assert.ok(text.includes(line), `${line}\nis not in\n${text}`)
  const other = await empty.createTestDatabase()
  await migrate({ url: other.url, folder, log: silentLog })
  assert.equal(await dumpSchema(other.url), text)
  await query('ALTER TABLE parcel ALTER weight SET DEFAULT 2')
  assert.notEqual(await dumpSchema(database.url), text)
  await other.drop()
})

const ROLE = 'service_test_courier'
after(async () => {
  const cluster = await empty.createTestDatabase()
  await withConnection(cluster.url, (client) => client.query(`DROP ROLE IF EXISTS ${ROLE}`))
  await cluster.drop()
})

const DUMPED = `
  DO $$ BEGIN CREATE ROLE ${ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
  CREATE TYPE size AS ENUM ('small', 'large');
  CREATE TABLE parcel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    size size,
    weight numeric NOT NULL DEFAULT 1 CHECK (weight > 0),
    label text GENERATED ALWAYS AS (upper(code)) STORED,
    parent bigint REFERENCES parcel
  );
  CREATE INDEX parcel_code ON parcel USING btree (code text_pattern_ops) WHERE weight > 5;
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
  REVOKE EXECUTE ON FUNCTION refuse FROM PUBLIC;
  CREATE TRIGGER parcel_is_final BEFORE UPDATE ON parcel FOR EACH STATEMENT EXECUTE FUNCTION refuse();
  CREATE VIEW heavy AS SELECT id FROM parcel WHERE weight > 100;
  GRANT SELECT, INSERT ON parcel TO ${ROLE};
  GRANT UPDATE (weight) ON parcel TO ${ROLE};
  GRANT EXECUTE ON FUNCTION refuse TO ${ROLE};
`
const EXPECTED = [
  `CREATE ROLE ${ROLE} NOLOGIN;`,
  `CREATE TYPE size AS ENUM ('small', 'large');`,
  'id bigint NOT NULL GENERATED ALWAYS AS IDENTITY',
  'code text COLLATE "C" NOT NULL',
  'weight numeric NOT NULL DEFAULT 1',
  'label text GENERATED ALWAYS AS (upper(code)) STORED',
  'PRIMARY KEY (id)',
  'UNIQUE (code)',
  'FOREIGN KEY (parent) REFERENCES parcel(id)',
  'CHECK ((weight > (0)::numeric))',
  'USING btree (code text_pattern_ops) WHERE (weight > (5)::numeric)',
  'CREATE OR REPLACE FUNCTION public.refuse()',
  'CREATE TRIGGER parcel_is_final BEFORE UPDATE ON public.parcel',
  'CREATE VIEW heavy AS',
  `GRANT INSERT, SELECT ON parcel TO ${ROLE};`,
  `GRANT UPDATE (weight) ON parcel TO ${ROLE};`,
  `GRANT EXECUTE ON FUNCTION refuse() TO ${ROLE};`,
]
