/**
 * Entries of a tenant's log (product contract §5.6): entry = type byte ‖ SHA-256(0x02 ‖ payload), 33 bytes.
 *
 * The log is public and its payloads are not: the 0x02 prefix gives every payload a hash that appears nowhere else,
 * so nothing read from the log is a root, a content hash, or anything public verify accepts.
 */
import { utf8Bytes } from './bytes.ts'
import { canonicalJson } from './jcs.ts'
import { leafHash } from './merkle.ts'
import { HASH_BYTES, sha256 } from './sha256.ts'

/**
 * Type bytes. 0 begins a log that continues another one (design §4.4, after data was lost): only entry 0 may have it,
 * and its payload is the last signed note of the old origin, byte for byte. All other bytes are reserved.
 */
export const ENTRY_TYPES = { epoch: 0, delta: 1, checkpoint: 2, fact: 3, void: 5 } as const
export type EntryType = keyof typeof ENTRY_TYPES

/** Bytes of every entry. */
export const ENTRY_BYTES: number = 1 + HASH_BYTES

const PAYLOAD_PREFIX = 0x02

/**
 * The entry for a payload: the 32-byte customer root for `delta`, the 32-byte checkpoint root for `checkpoint`, the
 * UTF-8 bytes of `factText` for `fact`, of `voidText` for `void`, of the old log's last note for `epoch`.
 */
export function logEntry(type: EntryType, payload: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + payload.length)
  prefixed[0] = PAYLOAD_PREFIX
  prefixed.set(payload, 1)
  const entry = new Uint8Array(ENTRY_BYTES)
  entry[0] = ENTRY_TYPES[type]
  entry.set(sha256(prefixed), 1)
  return entry
}

/** `logEntry` for payloads that are texts. */
export function logTextEntry(type: EntryType, payload: string): Uint8Array {
  return logEntry(type, utf8Bytes(payload))
}

/** The entry's leaf hash in the log's tree: SHA-256(0x00 ‖ entry), 32 bytes. */
export function logLeaf(entry: Uint8Array): Uint8Array {
  return leafHash(entry)
}

export interface FactRecord {
  /** At least 74 random bits, so that the entry of a known content cannot be recognised in the public log. */
  readonly factId: string
  /** `sha256_` + hex, of the content alone. */
  readonly contentHash: string
  readonly createdAt: string
}

/** Payload of a fact's entry: JCS(`{v:1, factId, contentHash, createdAt}`). */
export function factText(fact: FactRecord): string {
  const { factId, contentHash, createdAt } = fact
  return canonicalJson({ v: 1, factId, contentHash, createdAt })
}

export interface VoidRecord {
  /** At least 74 random bits. */
  readonly voidId: string
  /** The delta found damaged, which this entry resolves. */
  readonly recordId: string
  readonly customerId: string
  /** Compensating amount: canonical decimal text; what the damaged delta had added, taken back. */
  readonly delta: string
  readonly reason: string
  readonly createdAt: string
}

/** Payload of a void's entry: JCS(`{v:1, voidId, recordId, customerId, delta, reason, createdAt}`). */
export function voidText(record: VoidRecord): string {
  const { voidId, recordId, customerId, delta, reason, createdAt } = record
  return canonicalJson({ v: 1, voidId, recordId, customerId, delta, reason, createdAt })
}
