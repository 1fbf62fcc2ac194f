import { hash } from 'node:crypto'
import type { RandomBytes, UserId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db } from '@pacspace/service/postgres'
import { insertVerificationToken } from './accounts.sql.ts'

const TOKEN_BYTES = 32
const LIFETIME_MS = 24 * 60 * 60 * 1000

/**
 * A fresh token that proves the e-mail address of a user: 256 random bits, single use, 24 h. It is made where the mail is
 * written, so its clear text exists nowhere else: the database keeps the SHA-256.
 */
export async function createVerificationToken(
  userId: UserId,
  { db, clock, randomBytes }: { readonly db: Db; readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<string> {
  const token = Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')
  const now = clock.now()
  await insertVerificationToken(db, {
    tokenHash: tokenHashOf(token),
    userId,
    createdAt: timestampOf(now),
    expiresAt: timestampOf(now + LIFETIME_MS),
  })
  return token
}

/** How a token is kept: SHA-256 of its text, 32 bytes. */
export function tokenHashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
