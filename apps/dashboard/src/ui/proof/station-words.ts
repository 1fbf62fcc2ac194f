import type { ProofStep, ProofStepName } from '@pacspace/proofs/proof-verdict'
import type { ProofKind } from '@pacspace/proofs/verify-proof-file'

/** Names of the steps, short enough to stand beside a drawing on a phone. */
export const titles: Readonly<Record<ProofStepName, string>> = {
  format: 'Proof file',
  record: 'Record',
  itemHash: 'Leaf',
  previousRoot: 'Link to the one before',
  customerRoot: 'Root of the ledger',
  checkpointRoot: 'Root of the checkpoint',
  logEntry: 'Log entry',
  logLeaf: 'Leaf of the log',
  logRoot: 'Root of the log',
  logSignature: 'Signed head',
  cosignature: 'Witness',
  witnesses: 'Witnesses',
}

/** What a step does and what it means, in plain words. The command line says the same (apps/cli/src/verify/proof-words.ts). */
export function wordsOf(kind: ProofKind, name: ProofStepName): string {
  switch (name) {
    case 'format':
      return 'The file must be an offline proof in the public C2SP tlog-proof format, to the last byte.'
    case 'record':
      return recordWords[kind]
    case 'itemHash':
      return kind === 'checkpoint'
        ? 'Hashed, the record gives its leaf in the tree of the checkpoint.'
        : 'Hashed, the record gives its leaf in the tree of this customer’s ledger.'
    case 'previousRoot':
      return 'The tree before this delta has the root that the record names: nothing was slipped in between, nothing swapped.'
    case 'customerRoot':
      return 'Hashed together with its siblings, the leaf gives one value for the customer’s whole history up to here.'
    case 'checkpointRoot':
      return 'Hashed together with its siblings, the record gives one value for the whole checkpoint.'
    case 'logEntry':
      return kind === 'fact'
        ? 'The record makes the entry that the public log holds.'
        : 'That root makes the entry that the public log holds. The log shows the entry to everybody and tells nothing of its content.'
    case 'logLeaf':
      return 'Hashed, the entry gives its leaf in the tree of the log.'
    case 'logRoot':
      return 'Hashed together with its siblings, the leaf must give the very root that the log has signed.'
    case 'logSignature':
      return 'The head of the log, its size and root, carries a right signature of the log’s key.'
    case 'cosignature':
      return 'An independent witness has signed the same head.'
    case 'witnesses':
      return 'Fewer witnesses have signed the head than were asked for.'
    default:
      return name satisfies never
  }
}

const recordWords: Readonly<Record<ProofKind, string>> = {
  delta:
    'The record says whose balance changed, by how much, and what it was afterwards. Everything above commits to these very words.',
  checkpoint:
    'The record says which period of whose ledger was locked, and from which balance to which. Everything above commits to these very words.',
  fact: 'The record says which content was stated, and when. Everything above commits to these very words.',
}

/** What to make of a step that failed. */
export function failureOf(step: ProofStep): string {
  switch (step.name) {
    case 'format':
      return `This is not a proof that can be read: ${step.computed}.`
    case 'previousRoot':
      return 'The ledger before this delta has another root than the record names. The record or its path was changed.'
    case 'customerRoot':
    case 'checkpointRoot':
      return 'The path does not fit the place that the record claims. One of them was changed.'
    case 'logRoot':
      return 'What was computed from the record upwards is not what the log signed. The record, a sibling or the place in the log was changed.'
    case 'logSignature':
      return 'The head of the log is not rightly signed with the key that is trusted here.'
    case 'cosignature':
      return 'The signature of a witness is wrong.'
    case 'witnesses':
      return 'Too few witnesses have signed.'
    default:
      return 'This step failed.'
  }
}
