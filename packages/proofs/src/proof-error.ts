/**
 * What the parsers and builders of this package throw; the verifiers of Merkle paths answer `false` instead.
 *
 * | code | meaning |
 * |---|---|
 * | `MALFORMED` | text or bytes are not in the format their specification demands |
 * | `UNSUPPORTED_VERSION` | a format version that this verifier does not know |
 * | `NOT_JSON` | a value that JSON cannot express: NaN, undefined, a Date, a bigint … |
 * | `ILL_FORMED_STRING` | a string with a lone surrogate: it has no UTF-8, so it has no hash |
 * | `TOO_DEEP` | JSON nested deeper than the limit |
 * | `NOT_CANONICAL` | JSON, but not as RFC 8785 writes it |
 * | `OUT_OF_RANGE` | an index or size outside its tree |
 * | `UNTRUSTED` | no trusted key signed, or a trusted key's signature is wrong |
 */
export type ProofErrorCode =
  | 'MALFORMED'
  | 'UNSUPPORTED_VERSION'
  | 'NOT_JSON'
  | 'ILL_FORMED_STRING'
  | 'TOO_DEEP'
  | 'NOT_CANONICAL'
  | 'OUT_OF_RANGE'
  | 'UNTRUSTED'

/** A refusal with a `code` to act on. The message is for logs and people; never match on it. */
export class ProofError extends Error {
  readonly code: ProofErrorCode

  constructor(code: ProofErrorCode, message: string) {
    super(message)
    this.name = 'ProofError'
    this.code = code
  }
}
