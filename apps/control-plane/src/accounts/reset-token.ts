import type { RandomBytes, UserId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { type Pool, transaction } from '@pacspace/service/postgres'
import { newMailedToken, tokenHashOf } from './mailed-token.ts'
import { endPasswordResets, insertPasswordReset } from './passwords.sql.ts'

const LIFETIME_MS = 60 * 60 * 1000

/** A fresh token that replaces a user's password: single use, 60 minutes; older ones are void (check A-8). */
export async function createResetToken(
  userId: UserId,
  { db, clock, randomBytes }: { readonly db: Pool; readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<string> {
  const token = newMailedToken(randomBytes)
  const now = clock.now()
  await transaction(db, async (tx) => {
    await endPasswordResets(tx, userId, timestampOf(now))
    await insertPasswordReset(tx, {
      tokenHash: tokenHashOf(token),
      userId,
      createdAt: timestampOf(now),
      expiresAt: timestampOf(now + LIFETIME_MS),
    })
  })
  return token
}
