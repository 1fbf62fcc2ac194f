/**
 * From an entry up to who signed: the half of an offline proof that is the same for every kind of entry.
 * entry → log leaf → log root (held against the signed checkpoint) → log signature → cosignatures.
 */
import { type VerifyEd25519, verifyEd25519 } from './ed25519.ts'
import { toHex } from './hex.ts'
import { type LogCheckpoint, parseLogCheckpoint } from './log-checkpoint.ts'
import { logLeaf } from './log-entry.ts'
import { rootFromInclusion } from './merkle-proof.ts'
import { ProofError } from './proof-error.ts'
import type { ProofWalk } from './proof-verdict.ts'
import { type CheckedSignature, checkSignatures, type Note, parseNote } from './signed-note.ts'
import type { TlogProof } from './tlog-proof.ts'
import { parseVerifierKey, SIGNATURE_TYPES, type VerifierKey } from './verifier-key.ts'

/** Whom the caller trusts. Comes from the caller, never from the file. */
export interface TrustPolicy {
  /**
   * Verifier keys of the log, as text (`/log/:id/key`): the present one and, after a rotation, those before it, so
   * that old proofs stay valid. A key counts only for the origin that is its name.
   */
  readonly logKeys: readonly string[]
  /** Verifier keys of witnesses (type 0x04). Default: none. */
  readonly witnessKeys?: readonly string[] | undefined
  /** How many different witnesses must have cosigned. Default 0; each cosignature present must be right even so. */
  readonly witnessesRequired?: number | undefined
  /** Default: WebCrypto. */
  readonly verify?: VerifyEd25519 | undefined
}

export interface Witnessed {
  readonly name: string
  /** POSIX seconds. */
  readonly timestamp: number
}

/** The policy with its keys parsed. Throws `MALFORMED` for a bad key: the caller's fault, not the proof's. */
export function readTrustPolicy(policy: TrustPolicy) {
  const { logKeys, witnessKeys = [], witnessesRequired = 0, verify = verifyEd25519 } = policy
  return {
    logKeys: logKeys.map((text) => keyOfType(text, SIGNATURE_TYPES.ed25519)),
    witnessKeys: witnessKeys.map((text) => keyOfType(text, SIGNATURE_TYPES.cosignature)),
    witnessesRequired,
    verify,
  }
}

/** The signed log checkpoint of a proof file, taken apart. Throws `MALFORMED`. */
export function readSignedHead(noteText: string): {
  readonly note: Note
  readonly checkpoint: LogCheckpoint
} {
  const note = parseNote(noteText)
  return { note, checkpoint: parseLogCheckpoint(note.body) }
}

/** Walks from the entry to the signatures; gives the witnesses that cosigned. Ends the walk at the first difference. */
export async function walkToSignatures(
  walk: ProofWalk,
  entry: Uint8Array,
  proof: TlogProof,
  head: ReturnType<typeof readSignedHead>,
  policy: ReturnType<typeof readTrustPolicy>,
): Promise<readonly Witnessed[]> {
  const { checkpoint, note } = head
  walk.compute('logEntry', toHex(entry))
  const leaf = logLeaf(entry)
  walk.compute('logLeaf', toHex(leaf))
  const root = rootFromInclusion(leaf, proof.index, checkpoint.size, proof.path)
  if (root === undefined) {
    const claimed = `index ${proof.index} of ${checkpoint.size}`
    walk.fail(
      'logRoot',
      'OUT_OF_RANGE',
      'no such path in the log',
      `a path of ${proof.path.length} hashes`,
      claimed,
    )
  }
  walk.compare('logRoot', toHex(root), toHex(checkpoint.root))

  const originKeys = policy.logKeys.filter(({ name }) => name === checkpoint.origin)
  const logSignatures = await checkSignatures(note, originKeys, policy.verify)
  walkLogSignature(walk, logSignatures, checkpoint.origin)
  return walkCosignatures(walk, await checkSignatures(note, policy.witnessKeys, policy.verify), policy)
}

function walkLogSignature(walk: ProofWalk, signatures: readonly CheckedSignature[], origin: string): void {
  const expected = `a signature of ${origin}`
  if (signatures.length === 0) {
    walk.fail(
      'logSignature',
      'UNTRUSTED',
      `no trusted key of ${origin} signed`,
      'none of a trusted key',
      expected,
    )
  }
  for (const { key, valid } of signatures) {
    if (!valid)
      walk.fail('logSignature', 'UNTRUSTED', `the signature of ${key.name} is wrong`, 'wrong', expected)
  }
  walk.compare('logSignature', expected, expected)
}

function walkCosignatures(
  walk: ProofWalk,
  signatures: readonly CheckedSignature[],
  policy: ReturnType<typeof readTrustPolicy>,
): readonly Witnessed[] {
  const witnesses = new Map<string, Witnessed>()
  for (const { key, valid, timestamp = 0 } of signatures) {
    const expected = `a cosignature of ${key.name}`
    if (!valid)
      walk.fail('cosignature', 'UNTRUSTED', `the cosignature of ${key.name} is wrong`, 'wrong', expected)
    walk.compare('cosignature', expected, expected)
    witnesses.set(key.name, { name: key.name, timestamp })
  }
  if (witnesses.size < policy.witnessesRequired) {
    const required = `${policy.witnessesRequired}`
    walk.fail('witnesses', 'UNTRUSTED', 'too few trusted witnesses cosigned', `${witnesses.size}`, required)
  }
  return [...witnesses.values()]
}

function keyOfType(text: string, type: VerifierKey['type']): VerifierKey {
  const key = parseVerifierKey(text)
  if (key.type !== type) throw new ProofError('MALFORMED', `the key of ${key.name} is not of type ${type}`)
  return key
}
