import type { CheckpointRecord } from '@pacspace/proofs/checkpoint-record'
import { parseSignedHead } from '@pacspace/proofs/log-proof'
import { ProofError } from '@pacspace/proofs/proof-error'
import type { ProofStepName } from '@pacspace/proofs/proof-verdict'
import type { DeltaRecord } from '@pacspace/proofs/record'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import { type ProofFileVerdict, verifyProofFile } from '@pacspace/proofs/verify-proof-file'
import { type Claims, type Committed, contradictionOf } from './claims.ts'
import { type ProofStation, type StatedAnchor, stationsOf } from './proof-stations.ts'

/** What is to be verified, and by whose keys. */
export interface ProofQuestion {
  /** A proof file. Attacker-controlled. */
  readonly text: string
  /** Verifier keys that are trusted; each counts only for the log that it names. */
  readonly logKeys: readonly string[]
  /** What is shown beside the proof, to be held against it. */
  readonly claims?: Claims | undefined
  /** Shown above the head, as the server's word. */
  readonly anchors?: readonly StatedAnchor[] | undefined
}

/**
 * `verified`: everything holds, up to a signature by a trusted key. `keyless`: everything below the signature holds, and nobody
 * said whose signature to trust. `refused`: something differs.
 */
export type ProofOutcome = 'verified' | 'keyless' | 'refused'

/** What came of it. */
export interface ProofRun {
  readonly outcome: ProofOutcome
  readonly verdict: ProofFileVerdict
  /** What the proof commits to. Shown as proved only where the outcome is `verified`. */
  readonly subject: ProofSubject | undefined
  readonly stations: readonly ProofStation[]
  /** The log whose head the file carries, if the file can be read so far. */
  readonly origin: string | undefined
}

/** The record of a proof, by its kind. */
export type ProofSubject =
  | { readonly kind: 'delta'; readonly record: DeltaRecord }
  | { readonly kind: 'checkpoint'; readonly record: CheckpointRecord }
  | { readonly kind: 'fact'; readonly record: { readonly contentHash: string; readonly createdAt: string } }

/** Verifies a proof file in this browser, with nothing but the file and the keys: no request, no server's word. */
export async function runProof({ text, logKeys, claims, anchors }: ProofQuestion): Promise<ProofRun> {
  const origin = originOf(text)
  const verdict = await verifyProofFile(text, { logKeys })
  const hasKey = logKeys.some((key) => parseVerifierKey(key).name === origin)
  const subject = subjectOf(verdict)
  const claimed =
    claims === undefined || subject === undefined
      ? undefined
      : { contradiction: contradictionOf(claims, committedBy(verdict, subject)) }
  const isKeyless = !verdict.verified && verdict.failedStep.name === 'logSignature' && !hasKey
  const holds = claimed?.contradiction === undefined
  return {
    outcome: verdict.verified && holds ? 'verified' : isKeyless && holds ? 'keyless' : 'refused',
    verdict,
    subject,
    stations: stationsOf({ verdict, text, hasKey, claimed, anchors }),
    origin,
  }
}

/** The log whose head a proof file carries (`<host>/log/<id>`); undefined where the file cannot be read so far. */
export function originOf(text: string): string | undefined {
  try {
    return parseSignedHead(parseTlogProof(text).note).checkpoint.origin
  } catch (thrown) {
    if (thrown instanceof ProofError) return undefined
    throw thrown
  }
}

/** The record that the verifier read, also of a proof that was refused later on. */
function subjectOf(verdict: ProofFileVerdict): ProofSubject | undefined {
  const text = computedAt(verdict, 'record')
  if (text === undefined) return undefined
  // The verifier has read the text and written it again: it has the members of its kind.
  return { kind: verdict.kind, record: JSON.parse(text) } as ProofSubject
}

function committedBy(verdict: ProofFileVerdict, subject: ProofSubject): Committed {
  const root = computedAt(verdict, subject.kind === 'checkpoint' ? 'checkpointRoot' : 'customerRoot')
  const itemHash = computedAt(verdict, 'itemHash')
  const hashes = { ...(root !== undefined && { root }), ...(itemHash !== undefined && { itemHash }) }
  switch (subject.kind) {
    case 'delta': {
      const { recordId, customerId, sequenceNumber, delta, balance, contentHash } = subject.record
      return {
        ...hashes,
        roots: [root].filter(isText),
        recordId,
        customerId,
        sequenceNumber: String(sequenceNumber),
        delta,
        balance,
        contentHash,
      }
    }
    case 'checkpoint':
      return { ...hashes, customerId: subject.record.customerId, balance: subject.record.endingBalance }
    case 'fact':
      return { contentHash: subject.record.contentHash }
    default:
      return subject satisfies never
  }
}

function isText(value: string | undefined): value is string {
  return value !== undefined
}

function computedAt(verdict: ProofFileVerdict, name: ProofStepName): string | undefined {
  return verdict.steps.find((step) => step.name === name && step.ok)?.computed
}
