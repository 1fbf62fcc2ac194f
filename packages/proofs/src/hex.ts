/** Hashes on the wire: `0x` + lower-case hex digits (product contract §5). */
import { ProofError } from './proof-error.ts'
import { HASH_BYTES } from './sha256.ts'

/** Bytes as `0x` + lower-case hex. */
export type Hex = `0x${string}`

/** The root before the first delta of a customer: 32 zero bytes. */
export const ZERO_HASH: Hex = `0x${'00'.repeat(HASH_BYTES)}`

const HASH_PATTERN = /^0x[0-9a-f]{64}$/
const BYTE_TO_HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The bytes as `0x` + lower-case hex, two digits each. */
export const toHex: (bytes: Uint8Array) => Hex = hexWriter(Uint8Array.prototype)

/** The writer for hosts whose byte arrays have this prototype: ES2026 writes hex natively (0.08 µs against 0.3 µs). */
export function hexWriter(prototype: object): (bytes: Uint8Array) => Hex {
  return 'toHex' in prototype ? (bytes) => `0x${bytes.toHex()}` : hexByTable
}

function hexByTable(bytes: Uint8Array): Hex {
  let text: Hex = '0x'
  for (const byte of bytes) text += BYTE_TO_HEX[byte]
  return text
}

/** True for a hash as the wire writes it: `0x` + 64 lower-case hex digits. Upper case is another text: refused. */
export function isHashHex(text: unknown): text is Hex {
  return typeof text === 'string' && HASH_PATTERN.test(text)
}

/** The 32 bytes of a hash written as `0x` + 64 lower-case hex digits. Throws `MALFORMED` for anything else. */
export function hashFromHex(text: string): Uint8Array {
  if (!isHashHex(text)) throw new ProofError('MALFORMED', 'a hash is 0x and 64 lower-case hex digits')
  const bytes = new Uint8Array(HASH_BYTES)
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16)
  return bytes
}
