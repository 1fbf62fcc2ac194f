import { type Environment, environmentOfKey, spelling } from './environment.ts'
import type { RandomBytes } from './id.ts'

/**
 * API keys: `pk_{test|live}_` + 16 base62 characters + `.` + 43 base62 characters (256 random bits) + 6 base62
 * characters of checksum: CRC-32/ISO-HDLC over everything before, big-endian, zero-padded (product.md §4 "API keys").
 */
export interface ParsedApiKey {
  readonly environment: Environment
  /** `pk_test_PUBLIC`: names the key, is no secret. */
  readonly publicKey: string
  /** The 49 characters after the point, checksum included. */
  readonly secret: string
}

/** What secret scanners match; the checksum decides. */
export const API_KEY_PATTERN = /^pk_(test|live)_([0-9A-Za-z]{16})\.([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const PUBLIC_CHARACTERS = 16
const SECRET_CHARACTERS = 43
const CHECKSUM_CHARACTERS = 6

/** The parts of a key, or undefined for anything mistyped: one wrong character costs no look-up. Input is attacker-controlled. */
export function parseApiKey(text: string): ParsedApiKey | undefined {
  const match = API_KEY_PATTERN.exec(text)
  if (match === null) return undefined
  const [, prefix, publicId, random, checksum] = match
  const body = text.slice(0, -CHECKSUM_CHARACTERS)
  if (checksumOf(body) !== checksum) return undefined
  return {
    environment: environmentOfKey(prefix === 'live' ? 'live' : 'test'),
    publicKey: `pk_${prefix}_${publicId}`,
    secret: `${random}${checksum}`,
  }
}

/** The environment that a key's prefix names, whatever follows; undefined where there is no such prefix. */
export function environmentOfKeyPrefix(text: string): Environment | undefined {
  if (text.startsWith('pk_test_')) return 'sandbox'
  if (text.startsWith('pk_live_')) return 'production'
  return undefined
}

/** A fresh key: 95 public and 256 secret random bits. */
export function newApiKey(
  environment: Environment,
  randomBytes: RandomBytes,
): ParsedApiKey & { fullKey: string } {
  const publicKey = `pk_${spelling[environment].key}_${base62(PUBLIC_CHARACTERS, randomBytes)}`
  const body = `${publicKey}.${base62(SECRET_CHARACTERS, randomBytes)}`
  const fullKey = body + checksumOf(body)
  return { environment, publicKey, secret: fullKey.slice(publicKey.length + 1), fullKey }
}

/** Random base62 text without bias: bytes of 248 and more are thrown away. */
function base62(length: number, randomBytes: RandomBytes): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]
    }
  }
  return text
}

function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) {
    digits = BASE62[rest % 62] + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32/ISO-HDLC of ASCII text, as an unsigned 32-bit integer. Own code because browsers and Workers have none. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
