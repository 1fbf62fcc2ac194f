import type { RandomBytes, UserId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db } from '@pacspace/service/postgres'
import { insertVerificationToken } from './accounts.sql.ts'
import { newMailedToken, tokenHashOf } from './mailed-token.ts'

const LIFETIME_MS = 24 * 60 * 60 * 1000

/** A fresh token that proves the e-mail address of a user: single use, 24 h. Older ones stay valid. */
export async function createVerificationToken(
  userId: UserId,
  { db, clock, randomBytes }: { readonly db: Db; readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<string> {
  const token = newMailedToken(randomBytes)
  const now = clock.now()
  await insertVerificationToken(db, {
    tokenHash: tokenHashOf(token),
    userId,
    createdAt: timestampOf(now),
    expiresAt: timestampOf(now + LIFETIME_MS),
  })
  return token
}
