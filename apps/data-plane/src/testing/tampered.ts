import type { Pool } from '@pacspace/service/postgres'

/** Runs statements as an intruder with the owner's rights: triggers and foreign keys off. One transaction. */
export async function intrude(owner: Pool, statements: string): Promise<void> {
  await owner.query(`do $intruder$ begin
    perform set_config('session_replication_role', 'replica', true);
    ${statements};
  end $intruder$`)
}

/** Keeps these tables as they are now, runs `during` after an intruder's statements, and puts them back. */
export async function tampered(
  owner: Pool,
  tables: readonly string[],
  statements: string,
  during: () => Promise<void>,
): Promise<void> {
  const saved = tables.map((table) => `create table saved_${table} as select * from ${table}`)
  await intrude(owner, saved.join(';'))
  try {
    await intrude(owner, statements)
    await during()
  } finally {
    const restore = (table: string) =>
      `delete from ${table}; insert into ${table} select * from saved_${table}; drop table saved_${table}`
    await intrude(owner, tables.map(restore).join(';'))
  }
}
