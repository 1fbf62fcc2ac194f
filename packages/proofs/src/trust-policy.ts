/** Whom a verifier trusts: keys of logs and of witnesses. Comes from the caller, never from what is verified. */
import { type VerifyEd25519, verifyEd25519 } from './ed25519.ts'
import { ProofError } from './proof-error.ts'
import { parseVerifierKey, SIGNATURE_TYPES, type VerifierKey } from './verifier-key.ts'

export interface TrustPolicy {
  /**
   * Verifier keys of the log, as text (`/log/:id/key`): the present one and, after a rotation, those before it, so
   * that old proofs stay valid. A key counts only for the origin that is its name.
   */
  readonly logKeys: readonly string[]
  /** Verifier keys of witnesses (type 0x04). Default: none. */
  readonly witnessKeys?: readonly string[] | undefined
  /** How many different witnesses must have cosigned. Default 0; each cosignature present must be right even so. */
  readonly witnessesRequired?: number | undefined
  /** Default: WebCrypto. */
  readonly verify?: VerifyEd25519 | undefined
}

/** A policy with its keys parsed. */
export interface ParsedTrustPolicy {
  readonly logKeys: readonly VerifierKey[]
  readonly witnessKeys: readonly VerifierKey[]
  readonly witnessesRequired: number
  readonly verify: VerifyEd25519
}

/** Parses the keys of a policy. Throws `MALFORMED` for a bad one: that is the caller's fault, not the proof's. */
export function parseTrustPolicy(policy: TrustPolicy): ParsedTrustPolicy {
  const { logKeys, witnessKeys = [], witnessesRequired = 0, verify = verifyEd25519 } = policy
  return {
    logKeys: logKeys.map((text) => keyOfType(text, SIGNATURE_TYPES.ed25519)),
    witnessKeys: witnessKeys.map((text) => keyOfType(text, SIGNATURE_TYPES.cosignature)),
    witnessesRequired,
    verify,
  }
}

function keyOfType(text: string, type: VerifierKey['type']): VerifierKey {
  const key = parseVerifierKey(text)
  if (key.type !== type) throw new ProofError('MALFORMED', `the key of ${key.name} is not of type ${type}`)
  return key
}
