import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db } from '@pacspace/service/postgres'
import { TOKEN_SECONDS_MAX } from './access-token.ts'
import { deleteOldEndedSessions } from './accounts.sql.ts'

/** Forgets log-ins whose tokens have expired by themselves. Safe to call by several processes at once. */
export async function sweepEndedSessions(db: Db, clock: Clock): Promise<void> {
  await deleteOldEndedSessions(db, timestampOf(clock.now() - TOKEN_SECONDS_MAX * 1000))
}
