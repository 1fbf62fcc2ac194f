import type { CheckpointRecord } from '@pacspace/proofs/checkpoint-record'
import type { FactRecord } from '@pacspace/proofs/log-entry'
import type { ProofStep } from '@pacspace/proofs/proof-verdict'
import type { DeltaRecord } from '@pacspace/proofs/record'
import type { ProofVerdict } from '@pacspace-io/sdk/core/verify-proof'

/** A step of a proof as a person reads it. */
export interface WordedStep {
  readonly ok: boolean
  /** What was done, and what it means. */
  readonly text: string
  /** The values, each on a line of its own. */
  readonly values: readonly string[]
}

/** Every step that was taken, in plain words; of a refused proof the last one says what differs. */
export function wordSteps({ kind, steps }: ProofVerdict): WordedStep[] {
  return steps.map((step) => ({ ok: step.ok, text: wordsOf(kind, step), values: valuesOf(step) }))
}

/** What a proof proves, in one sentence; or why it proves nothing. */
export function wordVerdict(verdict: ProofVerdict): string {
  if (!verdict.verified) {
    return `NOT VERIFIED: ${verdict.message}. Do not rely on anything in this file.`
  }
  const { logIndex, logCheckpoint } = verdict
  return `VERIFIED: ${wordProved(verdict)}, is entry ${logIndex} of ${logCheckpoint.origin}.`
}

function wordProved(proved: Extract<ProofVerdict, { verified: true }>): string {
  switch (proved.kind) {
    case 'delta': {
      const { customerId, delta, balance, sequenceNumber, createdAt } = proved.record
      return (
        `delta ${delta} of ${customerId}, number ${sequenceNumber} in its ledger, balance after it ${balance}, ` +
        `recorded ${createdAt}`
      )
    }
    case 'checkpoint': {
      const { customerId, startingBalance, netChange, endingBalance, deltasCount } = proved.checkpoint
      return (
        `checkpoint of ${customerId} for ${wordScope(proved.checkpoint)}, ${deltasCount} deltas, ` +
        `from ${startingBalance} by ${netChange} to ${endingBalance}`
      )
    }
    case 'fact':
      return `fact with the content hash ${proved.fact.contentHash}, stated ${proved.fact.createdAt}`
  }
}

function wordScope({ period, startDate, endDate, closed }: CheckpointRecord): string {
  const scope =
    period ??
    (startDate == null && endDate == null
      ? 'all time'
      : `${startDate ?? 'the beginning'} to ${endDate ?? 'then'}`)
  return closed ? `${scope} (closed)` : scope
}

function wordsOf(kind: ProofVerdict['kind'], { name, ok, computed }: ProofStep): string {
  switch (name) {
    case 'format':
      return ok
        ? 'The file is an offline proof in the C2SP tlog-proof format'
        : 'The file is not a proof that can be read'
    case 'record':
      return `The record says: ${wordRecord(kind, computed)}`
    case 'itemHash':
      return kind === 'checkpoint'
        ? 'Hashed, the record gives its leaf in the tree of the checkpoint'
        : 'Hashed, the record gives its leaf in the customer’s tree'
    case 'previousRoot':
      return ok
        ? 'The tree before it has the root that the record names as its predecessor: no history was swapped'
        : 'The tree before it has another root than the record names as its predecessor'
    case 'customerRoot':
      return ok
        ? 'Hashed up its path, the leaf gives the root of the customer’s whole history'
        : 'The path does not fit the record’s place in the customer’s history'
    case 'checkpointRoot':
      return ok
        ? 'Hashed up its path, the period’s record gives the checkpoint’s root'
        : 'The path does not fit the record’s place in the checkpoint'
    case 'logEntry':
      return kind === 'fact'
        ? 'The record makes the entry that the log committed to'
        : 'That root makes the entry that the log committed to'
    case 'logLeaf':
      return 'Hashed, the entry gives its leaf in the log'
    case 'logRoot':
      return ok
        ? 'Hashed up its path, the leaf gives the root in the signed head of the log'
        : 'Hashed up its path, the leaf does not give the root in the signed head of the log'
    case 'logSignature':
      return ok
        ? 'The head is signed with the log’s key'
        : 'The head is not rightly signed with a key that you trust'
    case 'cosignature':
      return ok ? 'A witness has cosigned the head' : 'A witness’s cosignature is wrong'
    case 'witnesses':
      return 'Fewer witnesses have cosigned the head than you demand'
    default:
      return name satisfies never
  }
}

function valuesOf({ name, ok, computed, expected }: ProofStep): string[] {
  if (name === 'record') return []
  if (ok || expected === undefined) return [computed]
  return [`found    ${computed}`, `expected ${expected}`]
}

/** `text` is the record's canonical JSON, which the verifier has parsed already. */
function wordRecord(kind: ProofVerdict['kind'], text: string): string {
  if (kind === 'fact') {
    const { contentHash, createdAt } = JSON.parse(text) as FactRecord // parsed by the verifier
    return `a content with the hash ${contentHash}, at ${createdAt}`
  }
  if (kind === 'checkpoint') {
    const checkpoint = JSON.parse(text) as CheckpointRecord // parsed by the verifier
    const { customerId, startingBalance, netChange, endingBalance, deltasCount } = checkpoint
    return `${customerId}, ${wordScope(checkpoint)}: ${deltasCount} deltas, from ${startingBalance} by ${netChange} to ${endingBalance}`
  }
  const record = JSON.parse(text) as DeltaRecord // parsed by the verifier
  const { customerId, sequenceNumber, delta, balance, createdAt, adjusts } = record
  const correction = adjusts === undefined ? '' : `, a correction of ${adjusts}`
  return `delta ${delta} of ${customerId}, its number ${sequenceNumber}, at ${createdAt}${correction}; balance after it ${balance}`
}
