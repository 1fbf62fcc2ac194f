/**
 * Ed25519 cosignatures of witnesses: C2SP tlog-cosignature, "Ed25519 signed message" (`cosignature/v1`).
 * A statement that, at that time, this was the largest consistent tree of its log that the witness had seen.
 */
import { concatBytes, utf8Bytes } from './bytes.ts'
import { ProofError } from './proof-error.ts'

export interface TimestampedSignature {
  /** POSIX seconds. */
  readonly timestamp: number
  /** 64 bytes of Ed25519. */
  readonly signature: Uint8Array
}

const TIMESTAMP_BYTES = 8
const ED25519_BYTES = 64

/** The bytes a witness signs: header line, time line, then the whole note body, its last newline included. */
export function cosignatureMessage(timestamp: number, noteBody: string): Uint8Array {
  requireTimestamp(timestamp)
  return utf8Bytes(`cosignature/v1\ntime ${timestamp}\n${noteBody}`)
}

/** The `timestamped_signature` that goes into the note: big-endian u64 time ‖ 64 bytes. Throws `MALFORMED`. */
export function encodeTimestampedSignature({ timestamp, signature }: TimestampedSignature): Uint8Array {
  requireTimestamp(timestamp)
  if (signature.length !== ED25519_BYTES)
    throw new ProofError('MALFORMED', 'an Ed25519 signature is 64 bytes')
  const time = new Uint8Array(TIMESTAMP_BYTES)
  new DataView(time.buffer).setBigUint64(0, BigInt(timestamp))
  return concatBytes(time, signature)
}

/** Reads a `timestamped_signature`; undefined if it is none, or its time is beyond 2⁵³−1 (the spec allows to refuse). */
export function decodeTimestampedSignature(bytes: Uint8Array): TimestampedSignature | undefined {
  if (bytes.length !== TIMESTAMP_BYTES + ED25519_BYTES) return undefined
  const timestamp = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  return Number.isSafeInteger(timestamp)
    ? { timestamp, signature: bytes.subarray(TIMESTAMP_BYTES) }
    : undefined
}

function requireTimestamp(timestamp: number): void {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new ProofError('OUT_OF_RANGE', 'a cosignature time is whole POSIX seconds')
  }
}
