/**
 * From an entry up to who signed: the half of an offline proof that is the same for every kind of entry.
 * log entry → log leaf → log root, held against the signed checkpoint → log signature → cosignatures.
 */
import { toHex } from './hex.ts'
import { type LogCheckpoint, parseLogCheckpoint } from './log-checkpoint.ts'
import { logLeaf } from './log-entry.ts'
import { rootFromInclusion } from './merkle-proof.ts'
import { ProofError } from './proof-error.ts'
import { ProofWalk, WalkEnded } from './proof-verdict.ts'
import { type CheckedSignature, checkSignatures, type Note, parseNote } from './signed-note.ts'
import type { TlogProof } from './tlog-proof.ts'
import { type ParsedTrustPolicy, parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

/** A witness whose cosignature was checked. */
export interface Witnessed {
  readonly name: string
  /** POSIX seconds. */
  readonly timestamp: number
}

/** A signed log checkpoint, taken apart, not yet verified. */
export interface SignedHead {
  readonly note: Note
  readonly checkpoint: LogCheckpoint
}

/** A log checkpoint whose signatures satisfy a policy. */
export interface TrustedHead {
  readonly checkpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** Takes a signed log checkpoint apart. Attacker-controlled. Throws `MALFORMED`. */
export function parseSignedHead(text: string): SignedHead {
  const note = parseNote(text)
  return { note, checkpoint: parseLogCheckpoint(note.body) }
}

/**
 * Verifies a signed log checkpoint, as `/log/:id/checkpoint` serves it. Throws `MALFORMED`, or `UNTRUSTED` unless a
 * trusted key of its origin signed, all signatures of trusted keys are right, and enough witnesses cosigned.
 * Says nothing of earlier checkpoints: hold the root against the last one with `verifyConsistency`.
 */
export async function verifyLogCheckpoint(text: string, policy: TrustPolicy): Promise<TrustedHead> {
  const head = parseSignedHead(text)
  const trusted = parseTrustPolicy(policy)
  try {
    return { checkpoint: head.checkpoint, witnesses: await walkSignatures(new ProofWalk(), head, trusted) }
  } catch (thrown) {
    if (thrown instanceof WalkEnded) throw new ProofError('UNTRUSTED', thrown.message)
    throw thrown
  }
}

/** Walks from an entry to the signatures; gives the witnesses. Ends the walk at the first difference. */
export async function walkToSignatures(
  walk: ProofWalk,
  entry: Uint8Array,
  proof: TlogProof,
  head: SignedHead,
  policy: ParsedTrustPolicy,
): Promise<readonly Witnessed[]> {
  const { checkpoint } = head
  walk.compute('logEntry', toHex(entry))
  const leaf = logLeaf(entry)
  walk.compute('logLeaf', toHex(leaf))
  const root = rootFromInclusion(leaf, proof.index, checkpoint.size, proof.path)
  if (root === undefined) {
    const computed = `a path of ${proof.path.length} hashes`
    const expected = `the path of leaf ${proof.index} of ${checkpoint.size}`
    walk.fail({ name: 'logRoot', ok: false, computed, expected }, 'OUT_OF_RANGE', 'no such path in the log')
  }
  walk.compare('logRoot', toHex(root), toHex(checkpoint.root))
  return walkSignatures(walk, head, policy)
}

/** Walks the signatures of a signed head; gives the witnesses. Ends the walk at the first that is wrong or missing. */
export async function walkSignatures(
  walk: ProofWalk,
  { note, checkpoint }: SignedHead,
  policy: ParsedTrustPolicy,
): Promise<readonly Witnessed[]> {
  // A key that is trusted for one log must not speak for another.
  const originKeys = policy.logKeys.filter(({ name }) => name === checkpoint.origin)
  const signatures = await checkSignatures(note, originKeys, policy.verify)
  if (signatures.length === 0) {
    walk.compare(
      'logSignature',
      'no signature of a trusted key',
      rightSignature(checkpoint.origin),
      'UNTRUSTED',
    )
  }
  for (const signature of signatures) {
    walk.compare('logSignature', describe(signature), rightSignature(checkpoint.origin), 'UNTRUSTED')
  }

  const witnesses = new Map<string, Witnessed>()
  for (const cosignature of await checkSignatures(note, policy.witnessKeys, policy.verify)) {
    const { name } = cosignature.key
    walk.compare('cosignature', describe(cosignature), rightSignature(name), 'UNTRUSTED')
    witnesses.set(name, { name, timestamp: cosignature.timestamp! }) // a right cosignature has a time
  }
  if (witnesses.size < policy.witnessesRequired) {
    walk.compare('witnesses', `${witnesses.size}`, `${policy.witnessesRequired} or more`, 'UNTRUSTED')
  }
  return [...witnesses.values()]
}

function describe({ key, valid }: CheckedSignature): string {
  return valid ? rightSignature(key.name) : `wrong signature of ${key.name}`
}

function rightSignature(name: string): string {
  return `right signature of ${name}`
}
