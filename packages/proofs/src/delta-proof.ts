/**
 * The offline proof of a delta (product contract §5.8): its value, its position and the balance after it, with
 * nothing but the log's public key. Extra data: JCS(`{v:1, record, customerPath, customerSize}`); `record` is the
 * record itself, as an object.
 */
import { type Hex, hashFromHex, toHex, ZERO_HASH } from './hex.ts'
import { isCount, isHashList, isObject, type Members } from './json-members.ts'
import type { LogCheckpoint } from './log-checkpoint.ts'
import { logEntry } from './log-entry.ts'
import { type Witnessed, walkToSignatures } from './log-proof.ts'
import { foldRoots } from './merkle.ts'
import { rootFromInclusion } from './merkle-proof.ts'
import { formatProofFile, type LogPosition, parseProofFile, walkFormat } from './proof-file.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { type DeltaRecord, itemHash, parseRecord, recordText } from './record.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

/** What the extra data says, and what the entry is rebuilt from. */
export interface DeltaClaim {
  readonly record: DeltaRecord
  /** Inclusion path of leaf `record.sequenceNumber − 1` in the customer's tree of `customerSize` leaves. */
  readonly customerPath: readonly Uint8Array[]
  /**
   * Size of the customer's tree whose root the log entry commits to: `sequenceNumber`, or more. It says how to read
   * the path and is not itself proved: sizes that give a leaf the same path shape cannot be told apart by a root.
   */
  readonly customerSize: number
}

export interface DeltaProof extends DeltaClaim, LogPosition {}

/** A proof that holds. Only now may its contents be shown as proved. */
export interface ProvedDelta {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly record: DeltaRecord
  readonly itemHash: Hex
  /** What the log entry commits to: the itemsRoot = proofHash = receiptId of this delta, or of a later one. */
  readonly customerRoot: Hex
  readonly logIndex: number
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** The proof file of a delta, as text. About 1–2 KB. */
export function formatDeltaProof(proof: DeltaProof): string {
  const { record, customerPath, customerSize } = proof
  const extra = {
    v: 1,
    record: JSON.parse(recordText(record)),
    customerPath: customerPath.map(toHex),
    customerSize,
  }
  return formatProofFile(extra, proof)
}

/** Takes a delta's proof file apart. Attacker-controlled; strict. Throws `ProofError`. Proves nothing yet. */
export function parseDeltaProof(text: string): DeltaProof {
  return parseProofFile(text, readDeltaClaim)
}

/**
 * Verifies a delta's proof file offline. Never throws for what the file holds: the answer names every step with the
 * value computed, and for a refusal the failed step with both values. Throws `MALFORMED` only for a bad key in the
 * policy.
 */
export async function verifyDeltaProof(text: string, policy: TrustPolicy): Promise<ProvedDelta | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const { tlogProof, extra: claim, head } = walkFormat(walk, text, readDeltaClaim)
    const { leaf, root } = walkCustomerTree(walk, claim)
    const witnesses = await walkToSignatures(walk, logEntry('delta', root), tlogProof, head, trusted)
    return {
      verified: true,
      steps: walk.steps,
      record: claim.record,
      itemHash: toHex(leaf),
      customerRoot: toHex(root),
      logIndex: tlogProof.index,
      logCheckpoint: head.checkpoint,
      witnesses,
    }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

/** record → itemHash → customer root, and on the way the root before it, where the path tells it. */
function walkCustomerTree(walk: ProofWalk, claim: DeltaClaim): { leaf: Uint8Array; root: Uint8Array } {
  const { record, customerPath, customerSize } = claim
  const text = recordText(record)
  walk.compute('record', text)
  const leaf = itemHash(text)
  walk.compute('itemHash', toHex(leaf))
  const root = rootFromInclusion(leaf, record.sequenceNumber - 1, customerSize, customerPath)
  if (root === undefined) {
    const computed = `a path of ${customerPath.length} hashes`
    const expected = `the path of delta ${record.sequenceNumber} of ${customerSize}`
    const step = { name: 'customerRoot', ok: false, computed, expected } as const
    walk.fail(step, 'OUT_OF_RANGE', 'no such path in the customer tree')
  }
  if (customerSize === record.sequenceNumber) {
    walk.compare('previousRoot', rootBefore(customerPath), record.previousProofHash)
  }
  walk.compute('customerRoot', toHex(root))
  return { leaf, root }
}

/** The path of a tree's last leaf is made of the peaks of the tree before it, smallest first: it tells the old root. */
function rootBefore(pathOfLastLeaf: readonly Uint8Array[]): Hex {
  return pathOfLastLeaf.length === 0 ? ZERO_HASH : toHex(foldRoots(pathOfLastLeaf.toReversed()))
}

function readDeltaClaim(members: Members): DeltaClaim {
  return {
    record: parseRecord(members.required('record', isObject)),
    customerPath: members.required('customerPath', isHashList).map(hashFromHex),
    customerSize: members.required('customerSize', isCount),
  }
}
