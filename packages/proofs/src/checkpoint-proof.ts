/**
 * The offline proof of a checkpoint, a locked period of one customer. Extra data:
 * JCS(`{v:1, checkpoint, checkpointIndex, checkpointPath, checkpointsCount}`); `checkpoint` is the checkpoint record
 * as an object. For a checkpoint of one customer the tree of records has this one leaf: index 0, count 1, no path.
 */
import {
  type CheckpointRecord,
  checkpointRoot,
  checkpointText,
  parseCheckpointRecord,
} from './checkpoint-record.ts'
import { type Hex, hashFromHex, toHex } from './hex.ts'
import { isCount, isHashList, isObject, type Members } from './json-members.ts'
import type { LogCheckpoint } from './log-checkpoint.ts'
import { logEntry } from './log-entry.ts'
import { type Witnessed, walkToSignatures } from './log-proof.ts'
import { rootFromInclusion } from './merkle-proof.ts'
import { formatProofFile, type LogPosition, parseProofFile, walkFormat } from './proof-file.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

export interface CheckpointClaim {
  readonly checkpoint: CheckpointRecord
  /** Position of the customer's record among all of this checkpoint, in byte order of customerId. */
  readonly checkpointIndex: number
  /** Inclusion path of that record in their tree. */
  readonly checkpointPath: readonly Uint8Array[]
  readonly checkpointsCount: number
}

export interface CheckpointProof extends CheckpointClaim, LogPosition {}

/** A proof that holds. Only now may its contents be shown as proved. */
export interface ProvedCheckpoint {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly checkpoint: CheckpointRecord
  /** What the log entry commits to: the checkpoint's proofRoot, over all its customers. */
  readonly proofRoot: Hex
  readonly logIndex: number
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** The proof file of a checkpoint, as text. */
export function formatCheckpointProof(proof: CheckpointProof): string {
  const { checkpoint, checkpointIndex, checkpointPath, checkpointsCount } = proof
  const record = JSON.parse(checkpointText(checkpoint))
  const path = checkpointPath.map(toHex)
  const extra = { v: 1, checkpoint: record, checkpointIndex, checkpointPath: path, checkpointsCount }
  return formatProofFile(extra, proof)
}

/** Takes a checkpoint's proof file apart. Attacker-controlled; strict. Throws `ProofError`. Proves nothing yet. */
export function parseCheckpointProof(text: string): CheckpointProof {
  return parseProofFile(text, readCheckpointClaim)
}

/** Verifies a checkpoint's proof file offline; answers as `verifyDeltaProof` does. */
export async function verifyCheckpointProof(
  text: string,
  policy: TrustPolicy,
): Promise<ProvedCheckpoint | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const { tlogProof, extra: claim, head } = walkFormat(walk, text, readCheckpointClaim)
    const root = walkCheckpointTree(walk, claim)
    const witnesses = await walkToSignatures(walk, logEntry('checkpoint', root), tlogProof, head, trusted)
    return {
      verified: true,
      steps: walk.steps,
      checkpoint: claim.checkpoint,
      proofRoot: toHex(root),
      logIndex: tlogProof.index,
      logCheckpoint: head.checkpoint,
      witnesses,
    }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

function walkCheckpointTree(walk: ProofWalk, claim: CheckpointClaim): Uint8Array {
  const { checkpoint, checkpointIndex, checkpointPath, checkpointsCount } = claim
  const text = checkpointText(checkpoint)
  walk.compute('record', text)
  const leaf = checkpointRoot(text)
  walk.compute('itemHash', toHex(leaf))
  const root = rootFromInclusion(leaf, checkpointIndex, checkpointsCount, checkpointPath)
  if (root === undefined) {
    const computed = `a path of ${checkpointPath.length} hashes`
    const expected = `the path of record ${checkpointIndex} of ${checkpointsCount}`
    const step = { name: 'checkpointRoot', ok: false, computed, expected } as const
    walk.fail(step, 'OUT_OF_RANGE', 'no such path in the tree of checkpoint records')
  }
  walk.compute('checkpointRoot', toHex(root))
  return root
}

function readCheckpointClaim(members: Members): CheckpointClaim {
  return {
    checkpoint: parseCheckpointRecord(members.required('checkpoint', isObject)),
    checkpointIndex: members.required('checkpointIndex', isCount),
    checkpointPath: members.required('checkpointPath', isHashList).map(hashFromHex),
    checkpointsCount: members.required('checkpointsCount', isCount),
  }
}
