import { parseOptions } from '@node-rs/argon2'
import type { RandomBytes } from '@pacspace/api/id'
import type { PasswordHasher } from './password-hasher.ts'

/**
 * Argon2id (this library's default variant) with 19 MiB, two passes, one lane: OWASP's minimum and product.md §4. Raise a
 * figure here and every hash made with less is renewed at its owner's next log-in.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

const SALT_BYTES = 16

/**
 * Verified against when there is no such account, so that it costs the same: a hash of COST whose password nobody knows
 * (64 random bytes, thrown away). A test keeps it at COST.
 */
export const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Ex1JfNyHJoxFVglT565cSw$GaBNLfj5qlErzckB1Cyd98BW1Gg3uoCkqcUn53/Lk74'

/** The PHC string to store, e.g. `$argon2id$v=19$m=19456,t=2,p=1$…`. Runs off the event loop, for about 15 ms. */
export async function hashPassword(
  hasher: PasswordHasher,
  password: string,
  randomBytes: RandomBytes,
): Promise<string> {
  return await hasher.hash(encode(password), { ...COST, salt: randomBytes(SALT_BYTES) })
}

/** Whether `password` is the one behind `storedHash`; with no hash, false after the same work. Off the event loop. */
export async function verifyPassword(
  hasher: PasswordHasher,
  storedHash: string | undefined,
  password: string,
): Promise<boolean> {
  const matches = await hasher.verify(storedHash ?? DUMMY_HASH, encode(password))
  return matches && storedHash !== undefined
}

/** Whether a stored hash is weaker than COST and should be made anew from the password, which only a log-in brings. */
export function needsRehash(storedHash: string): boolean {
  const made = parseOptions(storedHash)
  return (
    made.memoryCost < COST.memoryCost || made.timeCost < COST.timeCost || made.parallelism < COST.parallelism
  )
}

/** Bytes, because the whole password counts, a NUL in it included. */
function encode(password: string): Uint8Array {
  return new TextEncoder().encode(password)
}
