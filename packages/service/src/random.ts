import { randomFillSync } from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'

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
