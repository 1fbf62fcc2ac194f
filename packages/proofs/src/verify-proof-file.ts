/** Proof files of any kind: which one a file claims to be, and the verifier of that kind. */
import { type ProvedCheckpoint, verifyCheckpointProof } from './checkpoint-proof.ts'
import { type ProvedDelta, verifyDeltaProof } from './delta-proof.ts'
import { type ProvedFact, verifyFactProof } from './fact-proof.ts'
import { ProofError } from './proof-error.ts'
import type { Refusal } from './proof-verdict.ts'
import { parseTlogProof } from './tlog-proof.ts'
import type { TrustPolicy } from './trust-policy.ts'

export type ProofKind = 'delta' | 'checkpoint' | 'fact'

/** What a proof file of any kind proves, or at which step it was refused. */
export type ProofFileVerdict =
  | ({ readonly kind: 'delta' } & ProvedDelta)
  | ({ readonly kind: 'checkpoint' } & ProvedCheckpoint)
  | ({ readonly kind: 'fact' } & ProvedFact)
  | ({ readonly kind: ProofKind } & Refusal)

/**
 * The kind that a file's extra data claims; `delta` where it claims none. Attacker-controlled, and no more than a choice of
 * verifier: each refuses whatever is not of its own kind.
 */
export function kindOfProof(text: string): ProofKind {
  try {
    const { extra } = parseTlogProof(text)
    const claim: unknown = JSON.parse(new TextDecoder().decode(extra))
    if (typeof claim === 'object' && claim !== null) {
      if ('checkpoint' in claim) return 'checkpoint'
      if ('fact' in claim) return 'fact'
    }
  } catch (thrown) {
    // What cannot be read is refused by the verifier, with the step at which it fails.
    if (!(thrown instanceof ProofError || thrown instanceof SyntaxError)) throw thrown
  }
  return 'delta'
}

/** Verifies a proof file of any kind offline; answers as `verifyDeltaProof` does. */
export async function verifyProofFile(text: string, policy: TrustPolicy): Promise<ProofFileVerdict> {
  const kind = kindOfProof(text)
  switch (kind) {
    case 'delta':
      return { kind, ...(await verifyDeltaProof(text, policy)) }
    case 'checkpoint':
      return { kind, ...(await verifyCheckpointProof(text, policy)) }
    case 'fact':
      return { kind, ...(await verifyFactProof(text, policy)) }
  }
}
