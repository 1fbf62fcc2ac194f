import type { UserId } from '@pacspace/api/id'
import type { Db } from '@pacspace/service/postgres'

/** What a person is called, for mails about what they did. Primary key; reads the table of accounts. */
export async function findActorName(db: Db, userId: UserId): Promise<string> {
  const { rows } = await db.query<{ name: string }>(
    `select first_name || ' ' || last_name as name from tenant_user where id = $1`,
    [userId],
  )
  return rows[0]?.name ?? ''
}
