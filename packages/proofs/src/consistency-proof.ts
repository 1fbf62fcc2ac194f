/**
 * Two signed heads of one log and the consistency proof between them (RFC 6962 §2.1.2, as `/log/:id/consistency` serves
 * it): the newer log is the older one with entries appended, and nothing of it was rewritten.
 */

import { walkHeadFormat } from './head-proof.ts'
import { type Hex, hashFromHex, toHex } from './hex.ts'
import { canonicalJson, parseCanonicalJson } from './jcs.ts'
import { isCount, isHashList, isObject } from './json-members.ts'
import type { LogCheckpoint } from './log-checkpoint.ts'
import { type SignedHead, walkSignatures } from './log-proof.ts'
import { rootOf } from './merkle.ts'
import { rootsFromConsistency } from './merkle-proof.ts'
import { ProofError } from './proof-error.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

/** What is verified: three texts, all of them attacker-controlled. */
export interface ConsistencyTexts {
  /** A signed log checkpoint. */
  readonly older: string
  /** A later one of the same log, or the same. */
  readonly newer: string
  /** JCS(`{from, proof, to}`), hashes as hex: `data` of the route's answer, in canonical form. */
  readonly proof: string
}

/** A proof that holds: the log of `newer` begins with the log of `older`. */
export interface ProvedConsistency {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly older: LogCheckpoint
  readonly newer: LogCheckpoint
}

/** A consistency proof, taken apart. */
export interface ConsistencyClaim {
  /** Size of the older tree, in entries. */
  readonly from: number
  readonly to: number
  readonly path: readonly Uint8Array[]
}

const FORMAT = 'a consistency proof'
/** A path has at most one hash for each level of the newer tree, and one more. */
const PATH_LENGTH_MAX = 54

/** The canonical JSON of a consistency proof. */
export function formatConsistencyProof({ from, to, path }: ConsistencyClaim): string {
  return canonicalJson({ from, proof: path.map(toHex), to })
}

/** Takes the JSON of a consistency proof apart. Attacker-controlled; strict. Throws `ProofError`. Proves nothing yet. */
export function parseConsistencyProof(text: string): ConsistencyClaim {
  const value = parseCanonicalJson(text)
  if (!isObject(value) || !('from' in value && 'to' in value && 'proof' in value))
    throw new ProofError('MALFORMED', 'a consistency proof is JSON with from, proof and to')
  const { from, to, proof, ...others } = value
  if (!isCount(from) || !isCount(to) || !isHashList(proof) || proof.length > PATH_LENGTH_MAX)
    throw new ProofError('MALFORMED', 'from and to are sizes, proof is a list of hashes')
  if (Object.keys(others).length > 0)
    throw new ProofError('MALFORMED', 'a consistency proof has from, proof and to, and nothing else')
  return { from, to, path: proof.map(hashFromHex) }
}

/**
 * Verifies that one signed head extends another; answers as `verifyDeltaProof` does. Its steps: `format` of either head
 * and of the proof, `logSignature` of either head, `previousRoot` (what the proof makes of the older tree, held against
 * the older head) and `logRoot` (the same for the newer).
 */
export async function verifyConsistencyProof(
  texts: ConsistencyTexts,
  policy: TrustPolicy,
): Promise<ProvedConsistency | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const older = walkHeadFormat(walk, texts.older)
    const newer = walkHeadFormat(walk, texts.newer)
    const claim = walkClaim(walk, texts.proof, older, newer)
    await walkSignatures(walk, older, trusted)
    await walkSignatures(walk, newer, trusted)
    walkRoots(walk, claim, older.checkpoint, newer.checkpoint)
    return { verified: true, steps: walk.steps, older: older.checkpoint, newer: newer.checkpoint }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

/** Reads the proof, and holds it against what the heads say they are: of one log, of its two sizes, in this order. */
function walkClaim(walk: ProofWalk, text: string, older: SignedHead, newer: SignedHead): ConsistencyClaim {
  let claim: ConsistencyClaim
  try {
    claim = parseConsistencyProof(text)
  } catch (thrown) {
    if (!(thrown instanceof ProofError)) throw thrown
    const step = { name: 'format', ok: false, computed: thrown.message, expected: FORMAT } as const
    return walk.fail(step, thrown.code, thrown.message)
  }
  const ofHeads = `${older.checkpoint.origin} from ${older.checkpoint.size} to ${newer.checkpoint.size}`
  walk.compare('format', `${newer.checkpoint.origin} from ${claim.from} to ${claim.to}`, ofHeads)
  return claim
}

function walkRoots(
  walk: ProofWalk,
  { from, to, path }: ConsistencyClaim,
  older: LogCheckpoint,
  newer: LogCheckpoint,
): void {
  const roots = rootsOf(from, to, path, older, newer)
  if (roots === undefined) {
    const computed = `a path of ${path.length} hashes`
    const expected = `the path from ${from} to ${to}`
    walk.fail(
      { name: 'previousRoot', ok: false, computed, expected },
      'OUT_OF_RANGE',
      'no such path in the log',
    )
  }
  walk.compare('previousRoot', roots.older, toHex(older.root))
  walk.compare('logRoot', roots.newer, toHex(newer.root))
}

/** Every log begins with the empty one, and with itself: there the proof is empty. */
function rootsOf(
  from: number,
  to: number,
  path: readonly Uint8Array[],
  older: LogCheckpoint,
  newer: LogCheckpoint,
): { readonly older: Hex; readonly newer: Hex } | undefined {
  if (from > to || ((from === 0 || from === to) && path.length > 0)) return undefined
  if (from === to) return { older: toHex(older.root), newer: toHex(older.root) }
  if (from === 0) return { older: toHex(rootOf([])), newer: toHex(newer.root) }
  const roots = rootsFromConsistency(from, to, path, older.root)
  return roots && { older: toHex(roots[0]), newer: toHex(roots[1]) }
}
