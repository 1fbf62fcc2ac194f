import { hash } from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'

const TOKEN_BYTES = 32

/** A token for a mail's link: 256 random bits, base64url. Made where the mail is written, kept by its hash alone. */
export function newMailedToken(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')
}

/** How a token is kept: SHA-256 of its text, 32 bytes. */
export function tokenHashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
