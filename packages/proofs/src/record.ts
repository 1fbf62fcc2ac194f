/** The record of a delta: what its leaf in the customer's tree commits to (product contract §5.2 and §5.3). */
import { concatBytes, utf8Bytes } from './bytes.ts'
import { type Hex, isHashHex, toHex } from './hex.ts'
import { quoteJson } from './jcs.ts'
import { isCount, isDecimal, isText, isTime, readMembers } from './json-members.ts'
import { ProofError } from './proof-error.ts'
import { sha256, sha256Text } from './sha256.ts'

export interface DeltaRecord {
  readonly recordId: string
  readonly customerId: string
  /** Position in the customer's ledger, from 1, no gaps. */
  readonly sequenceNumber: number
  /** Canonical decimal text. */
  readonly delta: string
  /** The customer's exact balance after this delta: canonical decimal text. */
  readonly balance: string
  readonly contentHash: Hex
  /** The customer's root before this delta; `ZERO_HASH` for the first. */
  readonly previousProofHash: Hex
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string
  /** recordId of the delta that this one corrects. */
  readonly adjusts?: string | null | undefined
  /** `requestHash`, if an idempotency key was sent. */
  readonly request?: Hex | null | undefined
}

/**
 * The canonical JSON of a record: JCS(`{v:1, …}`), absent members left out.
 * Written out member by member in RFC 8785 order, for speed; a property test holds it equal to `canonicalJson`.
 * Hashes and times are written as they are: they come from this package and from the clock.
 */
export function recordText(record: DeltaRecord): string {
  const { adjusts, request } = record
  const adjustsMember = adjusts == null ? '' : `"adjusts":${quoteJson(adjusts)},`
  const requestMember = request == null ? '' : `"request":"${request}",`
  return (
    `{${adjustsMember}"balance":${quoteJson(record.balance)},"contentHash":"${record.contentHash}",` +
    `"createdAt":"${record.createdAt}","customerId":${quoteJson(record.customerId)},` +
    `"delta":${quoteJson(record.delta)},"previousProofHash":"${record.previousProofHash}",` +
    `"recordId":${quoteJson(record.recordId)},${requestMember}"sequenceNumber":${record.sequenceNumber},"v":1}`
  )
}

/** itemHash = SHA-256(0x00 ‖ record): the delta's leaf in its customer's tree, 32 bytes. Takes `recordText`'s text. */
export function itemHash(text: string): Uint8Array {
  // U+0000 is the one byte 0x00 in UTF-8: the leaf prefix of RFC 6962 §2.1.
  return sha256Text(`\0${text}`)
}

/**
 * The record's `request` member: SHA-256(UTF-8 of recordId ‖ keyDigest). It ties the record to the idempotency key
 * that was sent without telling it: the recordId is the salt, so equal keys of two records cannot be linked.
 */
export function requestHash(recordId: string, keyDigest: Uint8Array): Hex {
  // Hashed for every emit with a key: TextEncoder.encode and two arrays would cost twice as much as the hash.
  if (3 * recordId.length + keyDigest.length > requestInput.length) {
    return toHex(sha256(concatBytes(utf8Bytes(recordId), keyDigest)))
  }
  const { written } = utf8.encodeInto(recordId, requestInput)
  requestInput.set(keyDigest, written)
  return toHex(sha256(requestInput.subarray(0, written + keyDigest.length)))
}

const utf8 = new TextEncoder()
/** Scratch for one call; a UTF-16 unit takes at most three bytes of UTF-8. */
const requestInput = new Uint8Array(256)

/**
 * A record from parsed JSON. Attacker-controlled: exactly the members of version 1, each in its canonical form, so
 * that `recordText` of the answer is the text that was parsed. Throws `MALFORMED` or `UNSUPPORTED_VERSION`.
 */
export function parseRecord(value: unknown): DeltaRecord {
  const members = readMembers(value, 'record')
  const record: DeltaRecord = {
    recordId: members.required('recordId', isText),
    customerId: members.required('customerId', isText),
    sequenceNumber: members.required('sequenceNumber', isCount),
    delta: members.required('delta', isDecimal),
    balance: members.required('balance', isDecimal),
    contentHash: members.required('contentHash', isHashHex),
    previousProofHash: members.required('previousProofHash', isHashHex),
    createdAt: members.required('createdAt', isTime),
    adjusts: members.optional('adjusts', isText),
    request: members.optional('request', isHashHex),
  }
  members.refuseOthers()
  if (record.sequenceNumber === 0) throw new ProofError('MALFORMED', 'record: sequence numbers count from 1')
  return record
}
