import type { RecordId } from '@pacspace/api/id'

/** Random bytes of a recordId: 80 bits, so that a record cannot be guessed from its hash (product.md §5.2 asks 74). */
export const RECORD_NONCE_BYTES = 10

const INDEX_BYTES = 6
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const CHARACTERS = 26
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))

/**
 * The public id of a delta: `rec_` and 26 characters (base 32) of its log index (48 bits) and its random part. The index
 * inside makes the id its own address: a look-up is one read by primary key and needs no index of its own.
 */
export function recordIdOf(logIndex: number, nonce: Uint8Array): RecordId {
  let bits = 0
  let bitCount = 0
  let text = ''
  for (let i = 0; i < INDEX_BYTES + RECORD_NONCE_BYTES; i++) {
    bits = (bits << 8) | byteAt(logIndex, nonce, i)
    bitCount += 8
    while (bitCount >= 5) {
      bitCount -= 5
      text += ALPHABET[(bits >>> bitCount) & 31]
    }
    bits &= (1 << bitCount) - 1
  }
  text += ALPHABET[(bits << (5 - bitCount)) & 31]
  // Branded here and nowhere else: this is its only maker.
  return `rec_${text}` as RecordId
}

/** What a recordId names, or undefined for text that is none. Attacker-controlled: the nonce must equal the row's. */
export function parseRecordId(
  text: string,
): { readonly logIndex: number; readonly nonce: Uint8Array } | undefined {
  if (!text.startsWith('rec_') || text.length !== 4 + CHARACTERS) return undefined
  const bytes = new Uint8Array(INDEX_BYTES + RECORD_NONCE_BYTES)
  let bits = 0
  let bitCount = 0
  let at = 0
  for (let i = 4; i < text.length; i++) {
    const value = VALUES.get(text.charAt(i))
    if (value === undefined) return undefined
    bits = (bits << 5) | value
    bitCount += 5
    if (bitCount >= 8) {
      bitCount -= 8
      bytes[at++] = (bits >>> bitCount) & 255
      bits &= (1 << bitCount) - 1
    }
  }
  // Two spare bits: one spelling per id.
  if (bits !== 0) return undefined
  let logIndex = 0
  for (let i = 0; i < INDEX_BYTES; i++) logIndex = logIndex * 256 + (bytes[i] ?? 0)
  return { logIndex, nonce: bytes.subarray(INDEX_BYTES) }
}

function byteAt(logIndex: number, nonce: Uint8Array, position: number): number {
  if (position >= INDEX_BYTES) return nonce[position - INDEX_BYTES] ?? 0
  return Math.floor(logIndex / 256 ** (INDEX_BYTES - 1 - position)) & 255
}
