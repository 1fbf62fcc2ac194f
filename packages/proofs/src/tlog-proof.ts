/**
 * Offline proof files: C2SP tlog-proof (`c2sp.org/tlog-proof@v1`). Extra data, the entry's index, its inclusion
 * path, an empty line, and the signed log checkpoint verbatim. What the extra data means is `delta-proof.ts`.
 */
import { fromBase64, toBase64 } from './base64.ts'
import { ProofError } from './proof-error.ts'
import { HASH_BYTES } from './sha256.ts'
import { NOTE_LENGTH_MAX } from './signed-note.ts'

export interface TlogProof {
  /** "Applications MUST NOT implicitly trust the extra data, as it is not authenticated." */
  readonly extra?: Uint8Array | undefined
  /** Index of the entry in the log, from 0. */
  readonly index: number
  /** Sibling hashes from the leaf upwards, 32 bytes each. */
  readonly path: readonly Uint8Array[]
  /** The signed note, verbatim, cosignatures included. */
  readonly note: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
const INDEX_LINE = /^index (0|[1-9][0-9]*)$/
const EXTRA_PREFIX = 'extra '
/** A tree of 2⁵³ leaves, the largest whose sizes are exact here, has 53 levels. */
const PATH_LENGTH_MAX = 53
/** Characters of the whole file. */
const PROOF_LENGTH_MAX: number = 2 * NOTE_LENGTH_MAX

/** The proof file as text. */
export function formatTlogProof({ extra, index, path, note }: TlogProof): string {
  const extraLine = extra === undefined ? '' : `${EXTRA_PREFIX}${toBase64(extra)}\n`
  const pathLines = path.map((hash) => `${toBase64(hash)}\n`).join('')
  return `${FIRST_LINE}\n${extraLine}index ${index}\n${pathLines}\n${note}`
}

/**
 * Takes a proof file apart. Attacker-controlled; strict: for every file accepted, `formatTlogProof` of the answer is
 * that file. Throws `MALFORMED`, or `UNSUPPORTED_VERSION` for a tlog-proof of another version. Proves nothing yet.
 */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > PROOF_LENGTH_MAX) throw new ProofError('MALFORMED', 'the proof file is too long')
  const blankLine = text.indexOf('\n\n')
  if (blankLine < 0) throw new ProofError('MALFORMED', 'no empty line before the log checkpoint')
  const lines = text.slice(0, blankLine).split('\n')
  readFirstLine(lines.shift())
  const extra = lines[0]?.startsWith(EXTRA_PREFIX) ? readExtra(lines.shift()) : undefined
  const index = readIndex(lines.shift())
  if (lines.length > PATH_LENGTH_MAX) throw new ProofError('MALFORMED', 'the inclusion path is too long')
  return { extra, index, path: lines.map(readHash), note: text.slice(blankLine + 2) }
}

function readFirstLine(line = ''): void {
  if (line === FIRST_LINE) return
  const isOtherVersion = /^c2sp\.org\/tlog-proof@v[0-9]+$/.test(line)
  throw new ProofError(
    isOtherVersion ? 'UNSUPPORTED_VERSION' : 'MALFORMED',
    `the first line is not ${FIRST_LINE}`,
  )
}

function readExtra(line = ''): Uint8Array {
  return fromBase64(line.slice(EXTRA_PREFIX.length))
}

function readIndex(line = ''): number {
  const index = Number(INDEX_LINE.exec(line)?.[1] ?? Number.NaN)
  if (!Number.isSafeInteger(index)) throw new ProofError('MALFORMED', 'no line with the index')
  return index
}

function readHash(line: string): Uint8Array {
  const hash = fromBase64(line)
  if (hash.length !== HASH_BYTES)
    throw new ProofError('MALFORMED', 'a line of the inclusion path is not 32 bytes')
  return hash
}
