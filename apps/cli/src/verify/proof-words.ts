import type { CheckpointRecord } from '@pacspace/proofs/checkpoint-record'
import { HEAD_FORMAT } from '@pacspace/proofs/head-proof'
import { toHex } from '@pacspace/proofs/hex'
import type { LogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import type { FactRecord } from '@pacspace/proofs/log-entry'
import type { ProofStep } from '@pacspace/proofs/proof-verdict'
import type { DeltaRecord } from '@pacspace/proofs/record'
import type { FileVerdict } from './judge-file.ts'

/** A step of a proof as a person reads it. */
export interface WordedStep {
  readonly ok: boolean
  /** What was done, and what it means. */
  readonly text: string
  /** The values, each on a line of its own. */
  readonly values: readonly string[]
}

/** Every step that was taken, in plain words; of a refused proof the last one says what differs. */
export function wordSteps({ kind, steps }: FileVerdict): WordedStep[] {
  return steps.map((step) => ({ ok: step.ok, text: wordsOf(kind, step), values: valuesOf(step) }))
}

/** What a proof proves, in one sentence; or why it proves nothing. */
export function wordVerdict(verdict: FileVerdict): string {
  if (!verdict.verified) {
    return `NOT VERIFIED: ${verdict.message}. Do not rely on anything in this file.`
  }
  if (verdict.kind === 'head') return `VERIFIED: ${wordHead(verdict.logCheckpoint)} is signed with its key.`
  if (verdict.kind === 'consistency') {
    const { older, newer } = verdict
    return `VERIFIED: ${newer.origin} has grown from ${older.size} to ${newer.size} entries, and nothing of it was rewritten.`
  }
  const { logIndex, logCheckpoint } = verdict
  return `VERIFIED: ${wordProved(verdict)}, is entry ${logIndex} of ${logCheckpoint.origin}.`
}

/** What is proved to stand at a place in a log. */
type ProvedPlaced = Exclude<Extract<FileVerdict, { verified: true }>, { kind: 'head' | 'consistency' }>

function wordHead({ origin, size, root }: LogCheckpoint): string {
  return `the head of ${origin} with ${size} entries and the root ${toHex(root)}`
}

function wordProved(proved: ProvedPlaced): string {
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
    case 'entry':
      return `what you gave, as the log entry ${toHex(proved.entry)}`
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

function wordsOf(kind: FileVerdict['kind'], { name, ok, computed }: ProofStep): string {
  switch (name) {
    case 'format':
      return wordFormat(computed === HEAD_FORMAT ? 'head' : kind, ok)
    case 'record':
      return `The record says: ${wordRecord(kind, computed)}`
    case 'itemHash':
      return kind === 'checkpoint'
        ? 'Hashed, the record gives its leaf in the tree of the checkpoint'
        : 'Hashed, the record gives its leaf in the customer’s tree'
    case 'previousRoot':
      if (kind === 'consistency') return wordRoot(ok, 'older')
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
      if (kind === 'entry') return 'What you gave makes this entry of a log'
      return kind === 'fact'
        ? 'The record makes the entry that the log committed to'
        : 'That root makes the entry that the log committed to'
    case 'logLeaf':
      return 'Hashed, the entry gives its leaf in the log'
    case 'logRoot':
      if (kind === 'consistency') return wordRoot(ok, 'newer')
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

function wordFormat(kind: FileVerdict['kind'], ok: boolean): string {
  switch (kind) {
    case 'head':
      return ok
        ? 'The file is a signed log checkpoint in the C2SP format'
        : 'The file is not a signed log checkpoint'
    case 'consistency':
      return ok
        ? 'The two files are signed checkpoints of one log, of the sizes that the proof is for'
        : 'The files are not two checkpoints of one log with the proof between them'
    default:
      return ok
        ? 'The file is an offline proof in the C2SP tlog-proof format'
        : 'The file is not a proof that can be read'
  }
}

function wordRoot(ok: boolean, which: 'older' | 'newer'): string {
  return ok
    ? `The proof leads to the root of the ${which} checkpoint`
    : `The proof does not lead to the root of the ${which} checkpoint: the log was rewritten, or the proof is another’s`
}

function valuesOf({ name, ok, computed, expected }: ProofStep): string[] {
  if (name === 'record') return []
  if (ok || expected === undefined) return [computed]
  return [`found    ${computed}`, `expected ${expected}`]
}

/** `text` is the record's canonical JSON, which the verifier has parsed already. */
function wordRecord(kind: FileVerdict['kind'], text: string): string {
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
