import type { Id } from '@pacspace/api/id'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { sha256Text } from '@pacspace/proofs/sha256'

/** Random bytes of such an id: 80 bits, so that what it names cannot be guessed (product.md §5.5, §5.6 ask 74). */
export const ID_NONCE_BYTES = 10

const COMMITMENT_BYTES = 16
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * The id of a checkpoint or a fact: its nonce and 128 bits of SHA-256 over the nonce and `facts`, in base 32. The record
 * that the log commits to holds the id, so it commits to everything of the row that product.md §5 leaves out of the
 * record: a change of any column changes the id, and the id no longer leads to the log. Absent members count as null.
 */
export function committingId<Prefix extends string>(
  prefix: Prefix,
  nonce: Uint8Array,
  facts: Readonly<Record<string, string | number | null>>,
): Id<Prefix> {
  const digest = sha256Text(`${base32(nonce)}\0${canonicalJson(facts)}`)
  // Branded here and nowhere else: this is its only maker.
  return `${prefix}_${base32(nonce)}${base32(digest.subarray(0, COMMITMENT_BYTES))}` as Id<Prefix>
}

/** The nonce of an id made by `committingId`, or undefined for text that is none. Attacker-controlled: compare the whole id. */
export function nonceOfId(prefix: string, text: string): Uint8Array | undefined {
  const form = /^([a-z]+)_([0-9a-hjkmnp-tv-z]{16})[0-9a-hjkmnp-tv-z]{26}$/.exec(text)
  const [, foundPrefix, characters] = form ?? []
  if (characters === undefined || foundPrefix !== prefix) return undefined
  const nonce = new Uint8Array(ID_NONCE_BYTES)
  let bits = 0
  let bitCount = 0
  let at = 0
  for (const character of characters) {
    bits = (bits << 5) | ALPHABET.indexOf(character)
    bitCount += 5
    if (bitCount < 8) continue
    bitCount -= 8
    nonce[at++] = (bits >>> bitCount) & 255
    bits &= (1 << bitCount) - 1
  }
  return nonce
}

function base32(bytes: Uint8Array): string {
  let bits = 0
  let bitCount = 0
  let text = ''
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    bitCount += 8
    while (bitCount >= 5) {
      bitCount -= 5
      text += ALPHABET[(bits >>> bitCount) & 31]
    }
    bits &= (1 << bitCount) - 1
  }
  return bitCount === 0 ? text : `${text}${ALPHABET[(bits << (5 - bitCount)) & 31]}`
}
