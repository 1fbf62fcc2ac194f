import { type ProvedConsistency, verifyConsistencyProof } from '@pacspace/proofs/consistency-proof'
import { type ProvedEntry, verifyEntryProof } from '@pacspace/proofs/entry-proof'
import { type ProvedHead, verifyHead } from '@pacspace/proofs/head-proof'
import { hashFromHex, isHashHex } from '@pacspace/proofs/hex'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { ENTRY_BYTES, logEntry } from '@pacspace/proofs/log-entry'
import { ProofError } from '@pacspace/proofs/proof-error'
import type { Refusal } from '@pacspace/proofs/proof-verdict'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import type { TrustPolicy } from '@pacspace/proofs/trust-policy'
import { type ProofFileVerdict, verifyProofFile } from '@pacspace/proofs/verify-proof-file'

/** What a file of any kind proves, or at which step it was refused. */
export type FileVerdict =
  | ProofFileVerdict
  | ({ readonly kind: 'entry' } & ProvedEntry)
  | ({ readonly kind: 'head' } & ProvedHead)
  | ({ readonly kind: 'consistency' } & ProvedConsistency)
  | ({ readonly kind: 'entry' | 'head' | 'consistency' } & Refusal)

/** What was asked: texts of files, and what the asker holds besides. */
export interface ReadFiles {
  readonly file: string
  /** `0x` hex of 32 bytes: the root of a delta (receipt id) or of a checkpoint. */
  readonly root?: string | undefined
  /** Hex of 33 bytes. */
  readonly entry?: string | undefined
  readonly older?: string | undefined
  readonly newer?: string | undefined
}

/** What was asked cannot be checked at all; the message says what to do. */
export class VerifyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'VerifyError'
  }
}

const PROOF_START = 'c2sp.org/tlog-proof@'

/**
 * Judges a file by what it is: JSON is a consistency proof, a first line of tlog-proof a proof, text with a signature line a
 * signed log checkpoint, and whatever else a proof that cannot be read. Throws `VerifyError` where something is missing to
 * judge it by, `ProofError` for a key that is none.
 */
export async function judgeFile(files: ReadFiles, keys: readonly string[]): Promise<FileVerdict> {
  const policy: TrustPolicy = { logKeys: keys }
  const { file } = files
  if (/^\s*[[{]/.test(file)) return judgeConsistency(files, policy)
  if (files.older !== undefined || files.newer !== undefined)
    throw new VerifyError('--older and --newer are for a consistency proof, which is JSON; this file is none')
  if (files.root !== undefined || files.entry !== undefined) return judgeEntry(files, policy)
  if (isBare(file))
    throw new VerifyError(
      'The proof does not say what it proves (it has no extra data): say it with --root or --entry',
    )
  if (!file.startsWith(PROOF_START) && file.includes('\n\n— '))
    return { kind: 'head', ...(await verifyHead(file, policy)) }
  return verifyProofFile(file, policy)
}

function isBare(file: string): boolean {
  try {
    return parseTlogProof(file).extra === undefined
  } catch (error) {
    if (!(error instanceof ProofError)) throw error
    return false
  }
}

async function judgeConsistency(
  { file, older, newer }: ReadFiles,
  policy: TrustPolicy,
): Promise<FileVerdict> {
  if (older === undefined || newer === undefined)
    throw new VerifyError(
      'A consistency proof is checked between two signed checkpoints: give them with --older and --newer',
    )
  const proof = canonicalClaim(file)
  return { kind: 'consistency', ...(await verifyConsistencyProof({ older, newer, proof }, policy)) }
}

/** The proof, as it is or as `data` of the route's answer, in the one form that the verifier takes. */
function canonicalClaim(file: string): string {
  const value = jsonOf(file)
  const hasData = typeof value === 'object' && value !== null && 'data' in value
  return canonicalJson(hasData ? value.data : value)
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(file)
  } catch (cause) {
    throw new VerifyError('The file is neither a proof, nor a signed checkpoint, nor JSON', { cause })
  }
}

/** A root is of a delta or of a checkpoint: the entry says which, and the proof holds for one of them only. */
async function judgeEntry({ file, root, entry }: ReadFiles, policy: TrustPolicy): Promise<FileVerdict> {
  const [first, ...others] = entry === undefined ? entriesOf(root ?? '') : [bytesOf(entry)]
  const verdict = await verifyEntryProof(file, first, policy)
  for (const other of others) {
    const second = await verifyEntryProof(file, other, policy)
    if (second.verified) return { kind: 'entry', ...second }
  }
  return { kind: 'entry', ...verdict }
}

function entriesOf(root: string): [Uint8Array, Uint8Array] {
  if (!isHashHex(root)) throw new VerifyError('--root is 0x and 64 lower-case hex digits')
  const payload = hashFromHex(root)
  return [logEntry('delta', payload), logEntry('checkpoint', payload)]
}

function bytesOf(hex: string): Uint8Array {
  const digits = hex.replace(/^0x/, '')
  if (!new RegExp(`^[0-9a-f]{${2 * ENTRY_BYTES}}$`).test(digits))
    throw new VerifyError(`--entry is ${2 * ENTRY_BYTES} lower-case hex digits`)
  return Buffer.from(digits, 'hex')
}
