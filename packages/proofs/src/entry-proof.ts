/**
 * A tlog-proof file without extra data: that an entry, which the caller holds from elsewhere, stands in the log. The
 * plain form of C2SP tlog-proof, for those who have a root, or an entry of a mirror, and want to know that it is in.
 */
import type { LogCheckpoint } from './log-checkpoint.ts'
import { ENTRY_BYTES } from './log-entry.ts'
import { parseSignedHead, type SignedHead, type Witnessed, walkToSignatures } from './log-proof.ts'
import { ProofError } from './proof-error.ts'
import { FORMAT } from './proof-file.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { parseTlogProof, type TlogProof } from './tlog-proof.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

/** A proof that holds: that entry stands there, in the log of that signed head. */
export interface ProvedEntry {
  readonly verified: true
  readonly steps: Refusal['steps']
  /** As the caller gave it, 33 bytes. */
  readonly entry: Uint8Array
  readonly logIndex: number
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/**
 * Verifies that `entry` (33 bytes, `logEntry`) stands in a log, by a file without extra data: one with extra data says
 * itself what it proves, and is for the verifier of its kind. Answers as `verifyDeltaProof` does.
 */
export async function verifyEntryProof(
  text: string,
  entry: Uint8Array,
  policy: TrustPolicy,
): Promise<ProvedEntry | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const { tlogProof, head } = walkFormat(walk, text, entry)
    const witnesses = await walkToSignatures(walk, entry, tlogProof, head, trusted)
    const { index: logIndex } = tlogProof
    return { verified: true, steps: walk.steps, entry, logIndex, logCheckpoint: head.checkpoint, witnesses }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

function walkFormat(
  walk: ProofWalk,
  text: string,
  entry: Uint8Array,
): { readonly tlogProof: TlogProof; readonly head: SignedHead } {
  try {
    const tlogProof = parseTlogProof(text)
    if (tlogProof.extra !== undefined)
      throw new ProofError('MALFORMED', 'the file holds extra data that says what it proves')
    if (entry.length !== ENTRY_BYTES) throw new ProofError('MALFORMED', `an entry has ${ENTRY_BYTES} bytes`)
    const head = parseSignedHead(tlogProof.note)
    walk.compute('format', FORMAT)
    return { tlogProof, head }
  } catch (thrown) {
    if (!(thrown instanceof ProofError)) throw thrown
    const step = { name: 'format', ok: false, computed: thrown.message, expected: FORMAT } as const
    return walk.fail(step, thrown.code, thrown.message)
  }
}
