import { contentHash, type SentDelta } from '@pacspace/proofs/content-hash'

/**
 * What somebody says beside a proof: a page of the dashboard, or the members of a receipt. Never believed: each is held
 * against what the proof itself commits to. Absent = not said.
 */
export interface Claims {
  readonly recordId?: string
  readonly customerId?: string
  readonly sequenceNumber?: number
  /** Canonical decimal texts. */
  readonly delta?: string
  readonly balance?: string
  readonly itemHash?: string
  readonly contentHash?: string
  /** The root that the log entry commits to: of the customer's ledger, or of a checkpoint. */
  readonly root?: string
  /** The root that somebody asked about: that one, or of a checkpoint of many customers the part of one. */
  readonly askedRoot?: string
  /**
   * The content as it may have been sent, in each form that a correction may have had: the hash of one of them must be the
   * record's.
   */
  readonly contents?: readonly SentDelta[]
}

/** Something said that the proof does not bear out. */
export interface Contradiction {
  /** As people call it: `amount`. */
  readonly what: string
  readonly said: string
  readonly proved: string
}

/** What a proof commits to, as far as its kind has it. */
export type Committed = Readonly<Partial<Record<Exclude<keyof Claims, 'contents' | 'askedRoot'>, string>>> & {
  /** Roots that lead to this proof. */
  readonly roots?: readonly string[]
}

/** What people call each thing that may be claimed, in the order in which they would look. */
const names: readonly (readonly [Exclude<keyof Committed, 'roots'>, string])[] = [
  ['recordId', 'record'],
  ['customerId', 'customer'],
  ['sequenceNumber', 'place in the ledger'],
  ['delta', 'amount'],
  ['balance', 'balance'],
  ['contentHash', 'content hash'],
  ['itemHash', 'leaf'],
  ['root', 'root'],
]

/** The first claim that is not what the proof commits to; undefined where all are. One that the proof cannot tell is one too. */
export function contradictionOf(claims: Claims, committed: Committed): Contradiction | undefined {
  for (const [name, what] of names) {
    const said = claims[name]
    const proved = committed[name]
    if (said !== undefined && String(said) !== proved) {
      return { what, said: String(said), proved: proved ?? 'nothing of it' }
    }
  }
  const { askedRoot, contents } = claims
  const { roots = [], contentHash: proved } = committed
  if (askedRoot !== undefined && !roots.includes(askedRoot)) {
    return { what: 'root that was asked for', said: askedRoot, proved: roots[0] ?? 'nothing of it' }
  }
  return contentContradiction(contents, proved)
}

function contentContradiction(
  contents: readonly SentDelta[] | undefined,
  proved: string | undefined,
): Contradiction | undefined {
  if (contents === undefined) return undefined
  const hashes = contents.map(contentHash)
  if (hashes.some((hash) => hash === proved)) return undefined
  return {
    what: 'hash of the amount, reason, reference and metadata',
    said: hashes[0] ?? 'nothing',
    proved: proved ?? 'nothing of it',
  }
}
