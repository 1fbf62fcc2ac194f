/**
 * Entry bundles: C2SP tlog-tiles, "Log entries": "sequences of big-endian uint16 length-prefixed log entries".
 */
import { ProofError } from './proof-error.ts'
import { TILE_WIDTH } from './tiles.ts'

const LENGTH_BYTES = 2
const ENTRY_BYTES_MAX = 0xffff

/** The bundle of these entries, 1–256 of at most 65,535 bytes. Throws `OUT_OF_RANGE`. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH || entries.some((entry) => entry.length > ENTRY_BYTES_MAX)) {
    throw new ProofError('OUT_OF_RANGE', 'a bundle holds at most 256 entries of at most 65,535 bytes')
  }
  const bundle = new Uint8Array(entries.reduce((bytes, entry) => bytes + LENGTH_BYTES + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    bundle[at] = entry.length >> 8
    bundle[at + 1] = entry.length
    bundle.set(entry, at + LENGTH_BYTES)
    at += LENGTH_BYTES + entry.length
  }
  return bundle
}

/** The entries of a bundle. Attacker-controlled; throws `MALFORMED` if it is cut, or holds more than 256. */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    const [high = 0, low = 0] = bundle.subarray(at, at + LENGTH_BYTES)
    const end = at + LENGTH_BYTES + ((high << 8) | low)
    if (end > bundle.length) throw new ProofError('MALFORMED', 'the entry bundle is cut')
    entries.push(bundle.subarray(at + LENGTH_BYTES, end))
    at = end
  }
  if (entries.length > TILE_WIDTH) throw new ProofError('MALFORMED', 'the entry bundle is too long')
  return entries
}
