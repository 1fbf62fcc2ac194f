import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** Those of these keys that were seen since `since`. Index: primary key. Locks nothing. */
export async function listKnownDevices(
  db: Db,
  keys: readonly Buffer[],
  since: Timestamp,
): Promise<readonly Buffer[]> {
  const { rows } = await db.query<{ key: Buffer }>(
    'select key from known_device where key = any($1::bytea[]) and seen_at > $2::timestamptz',
    [keys, since],
  )
  return rows.map(({ key }) => key)
}

/** Notes that these keys were seen. Locks the rows in the order of the array: pass it sorted. */
export async function upsertKnownDevices(db: Db, keys: readonly Buffer[], now: Timestamp): Promise<void> {
  await db.query(
    `insert into known_device as d (key, seen_at)
     select key, $2::timestamptz from unnest($1::bytea[]) with ordinality as a (key, place) order by place
     on conflict (key) do update set seen_at = greatest(d.seen_at, excluded.seen_at)`,
    [keys, now],
  )
}

/** Deletes keys last seen before `before`, 10,000 at most. Index: known_device_age. Skips rows in use. */
export async function deleteOldDevices(db: Db, before: Timestamp): Promise<void> {
  await db.query(
    `delete from known_device
     where key in (
       select key from known_device where seen_at < $1::timestamptz
       order by seen_at limit 10000 for update skip locked
     )`,
    [before],
  )
}
