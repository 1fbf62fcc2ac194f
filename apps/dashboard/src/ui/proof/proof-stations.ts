import { parseCheckpointProof } from '@pacspace/proofs/checkpoint-proof'
import { parseDeltaProof } from '@pacspace/proofs/delta-proof'
import { hashFromHex, toHex } from '@pacspace/proofs/hex'
import { type InclusionStep, walkInclusion } from '@pacspace/proofs/inclusion-walk'
import { parseSignedHead } from '@pacspace/proofs/log-proof'
import { ProofError } from '@pacspace/proofs/proof-error'
import type { ProofStep, ProofStepName } from '@pacspace/proofs/proof-verdict'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import type { ProofFileVerdict, ProofKind } from '@pacspace/proofs/verify-proof-file'
import type { Contradiction } from './claims.ts'
import { failureOf, titles, wordsOf } from './station-words.ts'

/**
 * How far a station counts. `holds`: computed, and where there is something to hold it against, equal. `keyless`: whether it
 * holds is open, since nobody said whose signature to trust. `unreached`: the walk ended below it. `stated`: the server's word, which
 * nothing here can check.
 */
export type StationState = 'holds' | 'broken' | 'keyless' | 'unreached' | 'stated'

/** A few characters, or a value that is shown in few: a hash shortened, an amount with its sign, a time. */
export interface StationLabel {
  readonly kind: 'words' | 'hash' | 'change' | 'time'
  readonly text: string
}

/** One stop on the way from a record up to who signed. */
export interface ProofStation {
  readonly key: string
  /** In which tree it stands; none for what lies below, between and above. */
  readonly tree?: 'ledger' | 'checkpoint' | 'log' | undefined
  /** `node`: one of many alike inside a tree. `side`: a check beside the path. */
  readonly look: 'stop' | 'node' | 'side'
  readonly title: string
  readonly words: string
  /** What stands under the title in the drawing. */
  readonly label: StationLabel
  readonly state: StationState
  /** What this browser computed, or found. */
  readonly computed?: string | undefined
  /** What it must be, where there is something to hold it against. */
  readonly expected?: string | undefined
  /** The other hash that makes, with this one, the next one up. */
  readonly sibling?: { readonly hash: string; readonly side: 'left' | 'right' } | undefined
}

/** Publication of the head outside the database, as the server tells it. */
export interface StatedAnchor {
  readonly level: string
  readonly time: string | null
}

export interface StationSources {
  readonly verdict: ProofFileVerdict
  /** The file that was verified. */
  readonly text: string
  /** False: no key was given for this log, so its signature is open. */
  readonly hasKey: boolean
  /** What was held against the record; undefined = nothing. */
  readonly claimed?: { readonly contradiction: Contradiction | undefined } | undefined
  readonly anchors?: readonly StatedAnchor[] | undefined
}

/** All stations of a proof, the record first: those of the steps that were taken, and those that were not. */
export function stationsOf(sources: StationSources): ProofStation[] {
  const { verdict, text, hasKey, claimed, anchors = [] } = sources
  const levels = levelsOf(verdict, text)
  const taken = verdict.steps.filter(({ name, ok }) => name !== 'format' || !ok)
  const names = new Set(taken.map(({ name }) => name))
  const missed = verdict.verified ? [] : namesOf(verdict.kind).filter((name) => !names.has(name))
  const stations = taken.flatMap((step, i) =>
    stationsOfStep(verdict.kind, step, `${step.name}${i}`, levels, hasKey),
  )
  return [
    ...(claimed === undefined ? [] : [claimStation(claimed.contradiction)]),
    ...stations,
    ...missed.map(
      (name): ProofStation => ({
        ...plain(verdict.kind, name),
        key: name,
        label: inWords('not reached'),
        state: 'unreached',
      }),
    ),
    ...anchors.map(anchorStation),
  ]
}

/** Steps that every proof of a kind takes. */
function namesOf(kind: ProofKind): readonly ProofStepName[] {
  const tree = {
    delta: ['itemHash', 'customerRoot'],
    checkpoint: ['itemHash', 'checkpointRoot'],
    fact: [],
  } as const
  return ['record', ...tree[kind], 'logEntry', 'logLeaf', 'logRoot', 'logSignature']
}

type Levels = Readonly<Partial<Record<ProofStepName, readonly InclusionStep[]>>>

/** A step's station and, for a leaf, the nodes between it and its root. */
function stationsOfStep(
  kind: ProofKind,
  step: ProofStep,
  key: string,
  levels: Levels,
  hasKey: boolean,
): ProofStation[] {
  const station: ProofStation = {
    ...plain(kind, step.name),
    key,
    label: labelOf(kind, step),
    ...outcomeOf(step, hasKey),
  }
  const [first, ...others] = levels[step.name] ?? []
  if (first === undefined) return [station]
  const nodes = others.map((level, i): ProofStation => {
    // The node that the level below has made.
    const { node } = (levels[step.name] ?? [])[i] ?? level
    return {
      key: `${key}/${i}`,
      tree: station.tree,
      look: 'node',
      title: `Level ${i + 1}`,
      words:
        'Two hashes below make this one. Its sibling comes with the proof and tells nothing of what it stands for.',
      label: { kind: 'hash', text: toHex(node) },
      state: 'holds',
      computed: toHex(node),
      sibling: siblingOf(level),
    }
  })
  return [{ ...station, sibling: siblingOf(first) }, ...nodes]
}

function siblingOf({ sibling, side }: InclusionStep): ProofStation['sibling'] {
  return { hash: toHex(sibling), side }
}

function plain(
  kind: ProofKind,
  name: ProofStepName,
): Pick<ProofStation, 'tree' | 'look' | 'title' | 'words'> {
  return {
    tree: treeOf(kind, name),
    look: name === 'previousRoot' ? 'side' : 'stop',
    title: titles[name],
    words: wordsOf(kind, name),
  }
}

function treeOf(kind: ProofKind, name: ProofStepName): ProofStation['tree'] {
  if (name === 'logLeaf' || name === 'logRoot') return 'log'
  if (name === 'checkpointRoot') return 'checkpoint'
  if (name === 'previousRoot' || name === 'customerRoot') return 'ledger'
  if (name === 'itemHash') return kind === 'checkpoint' ? 'checkpoint' : 'ledger'
  return undefined
}

function outcomeOf(
  step: ProofStep,
  hasKey: boolean,
): Pick<ProofStation, 'state' | 'computed' | 'expected'> & { words?: string; label?: StationLabel } {
  const { ok, computed, expected } = step
  if (ok) return { state: 'holds', computed, expected }
  if (step.name === 'logSignature' && !hasKey) {
    return {
      state: 'keyless',
      label: inWords('by whose key?'),
      words: 'Whether this signature is right is open until you say whose key you trust.',
    }
  }
  return { state: 'broken', computed, expected, words: failureOf(step) }
}

function labelOf(kind: ProofKind, { name, ok, computed }: ProofStep): StationLabel {
  if (computed.startsWith('0x')) return { kind: 'hash', text: computed }
  if (name === 'record' && ok) return recordLabel(kind, computed)
  if (name === 'logSignature' || name === 'cosignature')
    return inWords(ok ? 'signature right' : 'signature wrong')
  return inWords('cannot be right')
}

/** `text` is the record's canonical JSON, which the verifier has read. */
function recordLabel(kind: ProofKind, text: string): StationLabel {
  const { delta, netChange, createdAt } = JSON.parse(text) as Readonly<Record<string, string | undefined>> // members of its kind
  const change = kind === 'delta' ? delta : netChange
  if (change !== undefined) return { kind: 'change', text: change }
  return createdAt === undefined ? inWords('') : { kind: 'time', text: createdAt }
}

function inWords(text: string): StationLabel {
  return { kind: 'words', text }
}

/** The levels above each leaf, where the file can be read so far and its paths fit. */
function levelsOf(verdict: ProofFileVerdict, text: string): Levels {
  const found = (name: ProofStepName) => verdict.steps.find((step) => step.name === name)?.computed
  const [itemHash, logLeaf] = [found('itemHash'), found('logLeaf')]
  try {
    return {
      ...(itemHash !== undefined && { itemHash: treeLevels(verdict.kind, hashFromHex(itemHash), text) }),
      ...(logLeaf !== undefined && { logLeaf: logLevels(hashFromHex(logLeaf), text) }),
    }
  } catch (thrown) {
    if (thrown instanceof ProofError) return {}
    throw thrown
  }
}

function treeLevels(kind: ProofKind, leaf: Uint8Array, text: string): readonly InclusionStep[] {
  if (kind === 'checkpoint') {
    const { checkpointIndex, checkpointsCount, checkpointPath } = parseCheckpointProof(text)
    return walkInclusion(leaf, checkpointIndex, checkpointsCount, checkpointPath) ?? []
  }
  const { record, customerSize, customerPath } = parseDeltaProof(text)
  return walkInclusion(leaf, record.sequenceNumber - 1, customerSize, customerPath) ?? []
}

function logLevels(leaf: Uint8Array, text: string): readonly InclusionStep[] {
  const { index, path, note } = parseTlogProof(text)
  return walkInclusion(leaf, index, parseSignedHead(note).checkpoint.size, path) ?? []
}

function claimStation(contradiction: Contradiction | undefined): ProofStation {
  const station = { key: 'claims', look: 'stop', title: 'What is shown' } as const
  if (contradiction === undefined) {
    return {
      ...station,
      label: inWords('same as the record'),
      state: 'holds',
      words:
        'Amount, customer, reason, reference and metadata as they are shown here, hashed, are what the record commits to.',
    }
  }
  const { what, said, proved } = contradiction
  return {
    ...station,
    label: inWords('differs from the record'),
    state: 'broken',
    words: `The ${what} shown beside this proof is not what the proof commits to.`,
    computed: said,
    expected: proved,
  }
}

function anchorStation({ level, time }: StatedAnchor, i: number): ProofStation {
  return {
    key: `anchor${i}`,
    look: 'stop',
    title: `Anchor: ${level}`,
    words: anchorWords[level] ?? 'The head was published outside the database, and read back.',
    label: time === null ? inWords('as the server says') : { kind: 'time', text: time },
    state: 'stated',
    computed: time ?? undefined,
  }
}

const anchorWords: Readonly<Record<string, string>> = {
  file: 'The head was written to a file outside the database, and read back before anything was called verified. The server says so.',
  witness:
    'An independent witness holds the same head. The server says so; a cosignature in the proof says it itself.',
  chain: 'The head stands on a public chain, where anybody can look it up. The server says so.',
}
