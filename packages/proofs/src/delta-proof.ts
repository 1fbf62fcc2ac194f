/**
 * The offline proof of a delta (product contract §5.8): its value, its position and the balance after it, with
 * nothing but the log's public key. A C2SP tlog-proof file whose extra data is the base64 of
 * JCS(`{v:1, record, customerPath, customerSize}`); `record` is the record itself, as an object.
 *
 * The extra data is not authenticated. So nothing in it is believed: the entry and the log leaf are rebuilt from it,
 * and only if they lead to the signed root is the record what the log committed to.
 */
import { utf8Bytes } from './bytes.ts'
import { type Hex, hashFromHex, isHashHex, toHex, ZERO_HASH } from './hex.ts'
import { canonicalJson, parseCanonicalJson } from './jcs.ts'
import { isCount, readMembers } from './json-members.ts'
import type { LogCheckpoint } from './log-checkpoint.ts'
import { logEntry } from './log-entry.ts'
import {
  readSignedHead,
  readTrustPolicy,
  type TrustPolicy,
  type Witnessed,
  walkToSignatures,
} from './log-proof.ts'
import { foldRoots } from './merkle.ts'
import { rootFromInclusion } from './merkle-proof.ts'
import { ProofError } from './proof-error.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { type DeltaRecord, itemHash, parseRecord, recordText } from './record.ts'
import { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts'

export interface DeltaProof {
  readonly record: DeltaRecord
  /** Inclusion path of leaf `record.sequenceNumber − 1` in the customer's tree of `customerSize` leaves. */
  readonly customerPath: readonly Uint8Array[]
  /** Size of the customer's tree whose root the log entry commits to: `sequenceNumber`, or later. */
  readonly customerSize: number
  /** Index of that log entry, and its path in the log of the signed checkpoint. */
  readonly logIndex: number
  readonly logPath: readonly Uint8Array[]
  /** The signed log checkpoint, a note, verbatim. */
  readonly note: string
}

/** A proof that holds. Only now may its contents be shown as proved. */
export interface ProvedDelta {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly record: DeltaRecord
  readonly itemHash: Hex
  /** The customer's root at `customerSize`: itemsRoot = proofHash = receiptId of that delta. */
  readonly customerRoot: Hex
  readonly customerSize: number
  readonly logIndex: number
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** The proof file of a delta, as text. About 1–2 KB. */
export function formatDeltaProof(proof: DeltaProof): string {
  const { record, customerPath, customerSize, logIndex, logPath, note } = proof
  const members = {
    v: 1,
    record: JSON.parse(recordText(record)),
    customerPath: customerPath.map(toHex),
    customerSize,
  }
  return formatTlogProof({ extra: utf8Bytes(canonicalJson(members)), index: logIndex, path: logPath, note })
}

/** Takes a delta's proof file apart. Attacker-controlled; strict. Throws `ProofError`. Proves nothing yet. */
export function parseDeltaProof(text: string): DeltaProof {
  return readDeltaProof(parseTlogProof(text))
}

/**
 * Verifies a delta's proof file offline. Never throws for what the file holds: the answer names every step with the
 * value computed, and for a refusal the failed step with both values. Throws `MALFORMED` only for a bad key in the
 * policy.
 */
export async function verifyDeltaProof(text: string, policy: TrustPolicy): Promise<ProvedDelta | Refusal> {
  const trusted = readTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const { tlogProof, proof, head } = readFile(walk, text)
    const { item, root } = walkCustomerTree(walk, proof)
    const witnesses = await walkToSignatures(walk, logEntry('delta', root), tlogProof, head, trusted)
    return {
      verified: true,
      steps: walk.steps,
      record: proof.record,
      itemHash: toHex(item),
      customerRoot: toHex(root),
      customerSize: proof.customerSize,
      logIndex: proof.logIndex,
      logCheckpoint: head.checkpoint,
      witnesses,
    }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

function readFile(walk: ProofWalk, text: string) {
  try {
    const tlogProof = parseTlogProof(text)
    const file = { tlogProof, proof: readDeltaProof(tlogProof), head: readSignedHead(tlogProof.note) }
    walk.compute('format', 'c2sp.org/tlog-proof@v1')
    return file
  } catch (thrown) {
    if (!(thrown instanceof ProofError)) throw thrown
    return walk.fail('format', thrown.code, thrown.message, 'unreadable', 'c2sp.org/tlog-proof@v1')
  }
}

/** record → itemHash → (root before it) → customer root. */
function walkCustomerTree(walk: ProofWalk, proof: DeltaProof): { item: Uint8Array; root: Uint8Array } {
  const { record, customerPath, customerSize } = proof
  const text = recordText(record)
  walk.compute('record', text)
  const item = itemHash(text)
  walk.compute('itemHash', toHex(item))
  const root = rootFromInclusion(item, record.sequenceNumber - 1, customerSize, customerPath)
  if (root === undefined) {
    const claimed = `sequence number ${record.sequenceNumber} of ${customerSize}`
    const found = `a path of ${customerPath.length} hashes`
    walk.fail('customerRoot', 'OUT_OF_RANGE', 'no such path in the customer tree', found, claimed)
  }
  if (customerSize === record.sequenceNumber) {
    walk.compare('previousRoot', rootBefore(customerPath), record.previousProofHash)
  }
  walk.compute('customerRoot', toHex(root))
  return { item, root }
}

/** The path of a tree's last leaf is made of the peaks of the tree before it, smallest first: it holds the old root. */
function rootBefore(pathOfLastLeaf: readonly Uint8Array[]): Hex {
  return pathOfLastLeaf.length === 0 ? ZERO_HASH : toHex(foldRoots(pathOfLastLeaf.toReversed()))
}

function readDeltaProof({ extra, index, path, note }: TlogProof): DeltaProof {
  if (extra === undefined) throw new ProofError('MALFORMED', 'the file holds no extra data, so no record')
  const members = readMembers(parseCanonicalJson(decodeUtf8(extra)), 'extra data')
  const proof = {
    record: parseRecord(members.required('record', isPresent)),
    customerPath: members.required('customerPath', isHashList).map(hashFromHex),
    customerSize: members.required('customerSize', isCount),
    logIndex: index,
    logPath: path,
    note,
  }
  members.refuseOthers()
  return proof
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ProofError('MALFORMED', 'the extra data is not UTF-8')
  }
}

function isPresent(value: unknown): value is object {
  return value !== undefined
}

function isHashList(value: unknown): value is Hex[] {
  return Array.isArray(value) && value.every(isHashHex)
}
