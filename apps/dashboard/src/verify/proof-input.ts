import { amountOf, formatAmount } from '@pacspace/api/amount'
import type { Claims } from '../ui/proof/claims.ts'
import { contentsOf } from '../ui/proof/delta-claims.ts'

/** What somebody chose to have verified. */
export interface ProofInput {
  /** A proof file, as it lay in what was chosen. */
  readonly text: string
  /** What lay beside it and has to agree with it. */
  readonly claims?: Claims
  /** A log's key that came in the same file: it vouches for nothing by itself. */
  readonly keyInFile?: string
}

/** Characters of the largest receipt, one of 10,000 deltas, and room. */
export const INPUT_LENGTH_MAX = 16 * 1024 * 1024

type Members = Readonly<Record<string, unknown>>

/**
 * Takes what was chosen for what it is: a proof file itself, or JSON of ours with one in it: a delta's receipt, a customer's receipt,
 * an answer of public verify, a `delta.verified` event. Attacker-controlled. A text that is none of these is given on as it is: the
 * verifier says what is wrong with it. Undefined for JSON without a proof.
 */
export function readProofInput(text: string): ProofInput | undefined {
  if (!text.trimStart().startsWith('{')) return { text }
  const whole = parsed(text)
  if (whole === undefined) return { text }
  const members = objectAt(whole, 'data') ?? whole
  const own = proofOf(objectAt(members, 'proof'))
  if (own !== undefined) return { ...own, claims: claimsOfOne(members, plainMetadata(text)) }
  const verification = objectAt(members, 'verification')
  const held = proofOf(objectAt(verification, 'proof'))
  if (held === undefined) return undefined
  const keyInFile = held.keyInFile ?? textAt(verification, 'publicKey')
  return { ...held, ...(keyInFile !== undefined && { keyInFile }), claims: claimsOfMany(members) }
}

/** Of a delta's receipt, or of an event, which names its content in a member `delta` and keeps hashes in `proof`. */
function claimsOfOne(members: Members, metadata: unknown): Claims {
  const content = objectAt(members, 'delta')
  const proof = objectAt(members, 'proof')
  const text = (name: string) => textAt(members, name) ?? textAt(content, name) ?? textAt(proof, name)
  const delta = textAt(members, 'delta') ?? textAt(content, 'amount')
  const [customerId, reason] = [text('customerId'), text('reason')]
  const sequenceNumber = Number(members.sequenceNumber)
  const said = present({
    recordId: text('recordId'),
    customerId,
    sequenceNumber: Number.isSafeInteger(sequenceNumber) ? sequenceNumber : undefined,
    delta,
    contentHash: text('contentHash'),
    itemHash: text('itemHash'),
    root: text('receiptId') ?? text('proofHash'),
  })
  // An event does not say what it corrects, so its content cannot be hashed again.
  if (content !== undefined || customerId === undefined || delta === undefined || reason === undefined)
    return said
  const shown = {
    customerId,
    delta,
    reason,
    referenceId: text('referenceId') ?? null,
    metadata: metadata ?? null,
    adjusts: text('adjusts') ?? null,
  }
  return { ...said, contents: contentsOf(shown, text('adjustedReference')) }
}

/** Without what was not said: it cannot be held against anything. */
function present(claims: { readonly [Name in keyof Claims]: Claims[Name] | undefined }): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

/** Of a customer's receipt, or of an answer of public verify. */
function claimsOfMany(members: Members): Claims {
  return present({
    customerId: textAt(members, 'customerId'),
    balance: textAt(members, 'finalBalance'),
    askedRoot: textAt(members, 'itemsRoot') ?? textAt(members, 'proofRoot'),
  })
}

function proofOf(proof: Members | undefined): { text: string; keyInFile?: string } | undefined {
  const text = textAt(proof, 'tlogProof')
  if (text === undefined) return undefined
  const keyInFile = textAt(proof, 'publicKey')
  return { text, ...(keyInFile !== undefined && { keyInFile }) }
}

const AMOUNTS: readonly string[] = ['delta', 'amount', 'finalBalance']

/** Parsed with amounts as canonical text, every digit kept: a receipt may write them as numbers. */
function parsed(text: string): Members | undefined {
  try {
    return members(
      JSON.parse(text, (name: string, value: unknown, context?: { readonly source?: string }) =>
        AMOUNTS.includes(name) && typeof value === 'number' && context?.source !== undefined
          ? formatAmount(amountOf(context.source))
          : value,
      ),
    )
  } catch {
    // Not JSON, or an amount that is none: the verifier of proof files refuses the text.
    return undefined
  }
}

/** The metadata as it is: numbers in it are nobody's amounts, whatever they are called. */
function plainMetadata(text: string): unknown {
  const whole = members(JSON.parse(text)) ?? {}
  const own = objectAt(whole, 'data') ?? whole
  return own.metadata ?? objectAt(own, 'delta')?.metadata
}

function objectAt(owner: Members | undefined, name: string): Members | undefined {
  return members(owner?.[name])
}

function textAt(owner: Members | undefined, name: string): string | undefined {
  const value = owner?.[name]
  return typeof value === 'string' ? value : undefined
}

function members(value: unknown): Members | undefined {
  // Any object has members by name; each is looked at before it is used.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
}
