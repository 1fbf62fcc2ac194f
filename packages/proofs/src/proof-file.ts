/**
 * Proof files of ours: C2SP tlog-proof files whose extra data is canonical JSON that says what the entry commits to.
 * The extra data is not authenticated, so nothing in it is believed: verifiers rebuild the entry from it, and only if
 * that leads to the signed root is it what the log committed to.
 */
import { utf8Bytes } from './bytes.ts'
import { canonicalJson, parseCanonicalJson } from './jcs.ts'
import { type Members, readMembers } from './json-members.ts'
import { parseSignedHead, type SignedHead } from './log-proof.ts'
import { ProofError } from './proof-error.ts'
import type { ProofWalk } from './proof-verdict.ts'
import { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts'

/** Where an entry stands in the log of a signed checkpoint. */
export interface LogPosition {
  /** Index of the entry in the log, from 0. */
  readonly logIndex: number
  /** Sibling hashes from the entry's leaf upwards, in the log of the signed checkpoint. */
  readonly logPath: readonly Uint8Array[]
  /** The signed log checkpoint, a note, verbatim. */
  readonly note: string
}

/** The first line of every proof file. */
export const FORMAT = 'c2sp.org/tlog-proof@v1'

/** The proof file, as text. `extra` must be JSON; it is written canonically. */
export function formatProofFile(extra: Readonly<Record<string, unknown>>, position: LogPosition): string {
  const { logIndex, logPath, note } = position
  return formatTlogProof({ extra: utf8Bytes(canonicalJson(extra)), index: logIndex, path: logPath, note })
}

/** Takes a proof file apart, its extra data by `readExtra`. Attacker-controlled. Throws `ProofError`. */
export function parseProofFile<T>(text: string, readExtra: (members: Members) => T): T & LogPosition {
  const { extra, index, path, note } = parseTlogProof(text)
  return { ...readExtraData(extra, readExtra), logIndex: index, logPath: path, note }
}

/** The `format` step of a walk: takes file and signed checkpoint apart, and ends the walk if that cannot be done. */
export function walkFormat<T>(
  walk: ProofWalk,
  text: string,
  readExtra: (members: Members) => T,
): { readonly tlogProof: TlogProof; readonly extra: T; readonly head: SignedHead } {
  try {
    const tlogProof = parseTlogProof(text)
    const extra = readExtraData(tlogProof.extra, readExtra)
    const head = parseSignedHead(tlogProof.note)
    walk.compute('format', FORMAT)
    return { tlogProof, extra, head }
  } catch (thrown) {
    if (!(thrown instanceof ProofError)) throw thrown
    const step = { name: 'format', ok: false, computed: thrown.message, expected: FORMAT } as const
    return walk.fail(step, thrown.code, thrown.message)
  }
}

function readExtraData<T>(extra: Uint8Array | undefined, readExtra: (members: Members) => T): T {
  if (extra === undefined)
    throw new ProofError('MALFORMED', 'the file holds no extra data, so nothing to prove')
  const members = readMembers(parseCanonicalJson(decodeUtf8(extra)), 'extra data')
  const content = readExtra(members)
  members.refuseOthers()
  return content
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ProofError('MALFORMED', 'the extra data is not UTF-8')
  }
}
