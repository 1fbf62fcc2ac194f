/** The head of a tenant's log, the text that is signed: C2SP tlog-checkpoint. */
import { fromBase64, toBase64 } from './base64.ts'
import { ProofError } from './proof-error.ts'
import { HASH_BYTES } from './sha256.ts'

export interface LogCheckpoint {
  /** The log's identity, `<host>/log/<id>`; also the name of its key. */
  readonly origin: string
  /** Entries in the log. */
  readonly size: number
  /** RFC 6962 root of the log, 32 bytes. */
  readonly root: Uint8Array
  /** Opaque lines after the root; ours has none ("NOT RECOMMENDED"). */
  readonly extensions?: readonly string[] | undefined
}

const SIZE = /^(?:0|[1-9][0-9]*)$/

/** The note body: origin, size, base64 root, each a line. Throws `MALFORMED` for what `parseLogCheckpoint` refuses. */
export function formatLogCheckpoint({ origin, size, root, extensions = [] }: LogCheckpoint): string {
  const body = `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`
  const lines = parseLogCheckpoint(body)
  if (lines.origin !== origin || lines.extensions?.length !== extensions.length) {
    throw new ProofError('MALFORMED', 'a line of a log checkpoint holds no newline')
  }
  return body
}

/** Reads a note body ("at least three non-empty lines"). Attacker-controlled; strict. Throws `MALFORMED`. */
export function parseLogCheckpoint(body: string): LogCheckpoint {
  const lines = body.split('\n')
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('')) {
    throw new ProofError('MALFORMED', 'a log checkpoint is three or more non-empty lines')
  }
  const [origin = '', size = '', encodedRoot = '', ...extensions] = lines
  if (!SIZE.test(size) || !Number.isSafeInteger(Number(size))) {
    throw new ProofError('MALFORMED', 'the tree size is a decimal without leading zeroes')
  }
  const root = fromBase64(encodedRoot)
  if (root.length !== HASH_BYTES) throw new ProofError('MALFORMED', 'the root hash is 32 bytes')
  return { origin, size: Number(size), root, extensions }
}
