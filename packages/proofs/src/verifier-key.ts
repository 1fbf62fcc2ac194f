/**
 * Verifier keys of C2SP signed-note: who signed, with which algorithm, as one line of text
 * `<name>+<8 hex digits of the key ID>+<base64(type ‖ public key)>`.
 */
import { fromBase64, toBase64 } from './base64.ts'
import { concatBytes, equalBytes, utf8Bytes } from './bytes.ts'
import { toHex } from './hex.ts'
import { ProofError } from './proof-error.ts'
import { sha256 } from './sha256.ts'

/** Signature types this package knows (signed-note, "Signature types"). */
export const SIGNATURE_TYPES = {
  /** Ed25519 over the note text: how a log signs. */
  ed25519: 0x01,
  /** Timestamped Ed25519 cosignature (tlog-cosignature): how a witness signs. */
  cosignature: 0x04,
} as const
export type SignatureType = (typeof SIGNATURE_TYPES)[keyof typeof SIGNATURE_TYPES]

export interface VerifierKey {
  readonly name: string
  /** 4 bytes: an identifier, not a fingerprint to trust. */
  readonly keyId: Uint8Array
  readonly type: SignatureType
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

const KEY_ID_BYTES = 4
const PUBLIC_KEY_BYTES = 32
const TEXT_FORM = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/
const NEWLINE = Uint8Array.of(0x0a)

/**
 * A verifier key from its parts. Name: not empty, no Unicode space, no `+`, no control character (signed-note,
 * "Format"); use the log's origin. Public key: 32 bytes. Throws `MALFORMED`.
 */
export function verifierKey(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = SIGNATURE_TYPES.ed25519,
): VerifierKey {
  if (!isKeyName(name))
    throw new ProofError('MALFORMED', 'a key name holds no space, plus or control character')
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new ProofError('MALFORMED', 'an Ed25519 public key is 32 bytes')
  // signed-note, "Signatures": key ID = SHA-256(key name ‖ 0x0A ‖ signature type ‖ public key)[:4]
  const digest = sha256(concatBytes(utf8Bytes(name), NEWLINE, Uint8Array.of(type), publicKey))
  return { name, keyId: digest.slice(0, KEY_ID_BYTES), type, publicKey }
}

/** The key as one line of text, as `/log/:id/key` serves it. */
export function formatVerifierKey(key: VerifierKey): string {
  const material = concatBytes(Uint8Array.of(key.type), key.publicKey)
  return `${key.name}+${toHex(key.keyId).slice(2)}+${toBase64(material)}`
}

/** The key that a text names. Throws `MALFORMED` for another form, an unknown type, or a key ID that does not fit. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', keyId = '', material = ''] = TEXT_FORM.exec(text) ?? []
  const [type, ...publicKey] = fromBase64(material)
  if (type !== SIGNATURE_TYPES.ed25519 && type !== SIGNATURE_TYPES.cosignature) {
    throw new ProofError('MALFORMED', 'not a verifier key of a known type')
  }
  const key = verifierKey(name, Uint8Array.from(publicKey), type)
  if (toHex(key.keyId) !== `0x${keyId}`)
    throw new ProofError('MALFORMED', 'the key ID is not that of this key')
  return key
}

/** True if the two are one key: name and ID identify key and algorithm (signed-note, "Signatures"). */
export function isSameKey(
  a: Pick<VerifierKey, 'name' | 'keyId'>,
  b: Pick<VerifierKey, 'name' | 'keyId'>,
): boolean {
  return a.name === b.name && equalBytes(a.keyId, b.keyId)
}

/** signed-note, "Format": not empty, no Unicode spaces, no plus; and no control characters, as in the whole note. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^+\p{White_Space}\p{Cc}]+$/u.test(name)
}
