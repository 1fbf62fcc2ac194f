/**
 * Base 64 of RFC 4648 §4, strict: the alphabet with `+` and `/`, always padded, no line breaks, unused bits zero.
 * Strict because proofs are attacker-controlled: two texts for the same bytes would be two names for one proof.
 */
import { ProofError } from './proof-error.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PATTERN = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
const SEXTET = new Map(Array.from(ALPHABET, (digit, sextet) => [digit, sextet]))

/** The bytes as padded base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(i, i + 3)
    const group = (first << 16) | (second << 8) | third
    for (const shift of [18, 12, 6, 0]) text += ALPHABET.charAt((group >> shift) & 63)
  }
  const missing = (3 - (bytes.length % 3)) % 3
  return text.slice(0, text.length - missing) + '='.repeat(missing)
}

/** The bytes that `text` encodes. Throws `MALFORMED` unless `toBase64` would write exactly this text. */
export function fromBase64(text: string): Uint8Array {
  if (!PATTERN.test(text)) throw new ProofError('MALFORMED', 'not strict base64')
  const digits = text.replace(/=+$/, '')
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const digit of digits) {
    bits = ((bits << 6) | SEXTET.get(digit)!) & 0xffff // PATTERN let only digits of the alphabet through
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = bits >> held
  }
  return bytes
}
