import { ProofError } from '@pacspace/proofs/proof-error'
import { parseVerifierKey, SIGNATURE_TYPES } from '@pacspace/proofs/verifier-key'

/** A key of a log that this browser has met before. */
export interface KnownLogKey {
  /** The verifier key, one line of text. */
  readonly key: string
  /** ISO 8601; when it was first met. */
  readonly since: string
}

const STORED_AS = 'pacspace.log-keys'
/** The oldest are forgotten beyond this. */
const KEYS_MAX = 200

/**
 * Keys of logs that this browser has been shown by a page of its own server or told by its user (docs/decisions/0073). What is
 * remembered survives the server: it cannot swap the key later without being seen.
 */
export function knownLogKeys(storage: Pick<Storage, 'getItem'> = localStorage): readonly KnownLogKey[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(STORED_AS) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isKnownKey) : []
  } catch {
    // Storage that is forbidden or spoilt remembers nothing; nothing else depends on it.
    return []
  }
}

/** Those of one log, by its origin. */
export function knownKeysOf(origin: string, storage?: Pick<Storage, 'getItem'>): readonly KnownLogKey[] {
  return knownLogKeys(storage).filter(({ key }) => parseVerifierKey(key).name === origin)
}

/** Remembers a key, beside others of the same log: keys are rotated, and old proofs stay valid. */
export function rememberLogKey(
  key: string,
  now: string,
  storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage,
): void {
  const known = knownLogKeys(storage)
  if (!isLogKey(key) || known.some((one) => one.key === key)) return
  try {
    storage.setItem(STORED_AS, JSON.stringify([...known, { key, since: now }].slice(-KEYS_MAX)))
  } catch {
    // No room, or forbidden: the key is asked for again the next time.
  }
}

/** True for the verifier key of a log, as `/log/:id/key` serves it. */
export function isLogKey(text: string): boolean {
  try {
    return parseVerifierKey(text).type === SIGNATURE_TYPES.ed25519
  } catch (thrown) {
    if (thrown instanceof ProofError) return false
    throw thrown
  }
}

function isKnownKey(value: unknown): value is KnownLogKey {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('since' in value)) return false
  return typeof value.since === 'string' && typeof value.key === 'string' && isLogKey(value.key)
}
