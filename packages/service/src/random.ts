import { randomFillSync } from 'node:crypto'
import type { RandomBytes, RequestId } from '@pacspace/api/id'

/** One call into OpenSSL fills the pool; a call per id was 19 % of an emit's profile (design.md §7). */
const POOL_BYTES = 16 * 1024

const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

/**
 * Cryptographically random bytes. The array returned is the caller's own: no byte is handed out twice, and the pool's
 * copy is wiped so that a later memory dump does not hold secrets made from it.
 */
export const randomBytes: RandomBytes = (length) => {
  if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length))
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + length)
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const PAIRS = Array.from({ length: 1_024 }, (_, i) => `${ALPHABET[i >> 5]}${ALPHABET[i & 31]}`)
const REQUEST_ID_CHARACTERS = 26

/**
 * A request id, of the form that `newId` gives. Every request has one, so it is made without an array of its own: it is
 * no secret, and what it leaves in the pool need not be wiped.
 */
export function newRequestId(): RequestId {
  if (used + REQUEST_ID_CHARACTERS > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  let text = 'req_'
  for (const end = used + REQUEST_ID_CHARACTERS; used < end; used += 2) {
    text += PAIRS[(((pool[used] ?? 0) & 31) << 5) | ((pool[used + 1] ?? 0) & 31)]
  }
  return text as RequestId // has the form of one
}
