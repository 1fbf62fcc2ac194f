import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

export interface AttemptCount {
  readonly key: Buffer
  readonly attempts: number
  readonly lastAttemptAt: Timestamp
}

/** What was counted under these keys since `since`. Index: primary key. Locks nothing. */
export async function listAttempts(
  db: Db,
  keys: readonly Buffer[],
  since: Timestamp,
): Promise<AttemptCount[]> {
  const { rows } = await db.query<AttemptCount>(
    `select key, attempts, last_attempt_at as "lastAttemptAt"
     from throttle
     where key = any($1::bytea[]) and last_attempt_at > $2::timestamptz`,
    [keys, since],
  )
  return rows
}

/**
 * Adds one attempt to each key; a count whose last attempt is older than `since` starts anew. One statement, so no attempt
 * is lost under concurrency. Locks the rows in the order of the array: pass it sorted.
 */
export async function addAttempt(
  db: Db,
  input: { readonly keys: readonly Buffer[]; readonly now: Timestamp; readonly since: Timestamp },
): Promise<void> {
  await db.query(
    `insert into throttle as t (key, attempts, last_attempt_at)
     select key, 1, $2::timestamptz from unnest($1::bytea[]) with ordinality as a (key, place) order by place
     on conflict (key) do update
     set attempts = case when t.last_attempt_at > $3::timestamptz then t.attempts + 1 else 1 end,
         last_attempt_at = greatest(t.last_attempt_at, excluded.last_attempt_at)`,
    [input.keys, input.now, input.since],
  )
}

/** Forgets the count of one key. */
export async function deleteAttempts(db: Db, key: Buffer): Promise<void> {
  await db.query('delete from throttle where key = $1', [key])
}

/** Deletes counts whose last attempt is older than `before`, 10,000 at most. Index: throttle_age. Skips rows in use. */
export async function deleteOldAttempts(db: Db, before: Timestamp): Promise<void> {
  await db.query(
    `delete from throttle
     where key in (
       select key from throttle where last_attempt_at < $1::timestamptz
       order by last_attempt_at limit 10000 for update skip locked
     )`,
    [before],
  )
}
