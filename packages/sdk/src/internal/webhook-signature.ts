import { fromBase64 } from '@pacspace/proofs/base64'

/** The two HMAC keys of a secret: one family keys with its text, the other with the bytes it encodes. */
export interface SigningKey {
  /** The whole `whsec_…` text as UTF-8: `X-PacSpace-Signature`. */
  readonly text: CryptoKey
  /** The decoded bytes: `webhook-signature`. Undefined for a secret that is not base64. */
  readonly bytes: CryptoKey | undefined
}

const PREFIX = 'whsec_'
const HEX_SIGNATURE = /^[0-9a-f]{64}$/

/** The keys of each secret. */
export function keysOf(secrets: readonly string[]): Promise<SigningKey[]> {
  return Promise.all(
    secrets.map(async (secret) => {
      const decoded = decode(secret.slice(PREFIX.length))
      return {
        text: await hmacKey(signedMessage(secret)),
        bytes: decoded === undefined ? undefined : await hmacKey(decoded),
      }
    }),
  )
}

/** What is signed, as bytes. */
export function signedMessage(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** The bytes of a signature, hex or base64; undefined for anything else. Attacker-controlled. */
export function bytesOfSignature(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!HEX_SIGNATURE.test(text)) return decode(text)
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(fromBase64(text))
  } catch {
    return undefined // not base64: then it is no key, or no signature, of that family
  }
}

function hmacKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
