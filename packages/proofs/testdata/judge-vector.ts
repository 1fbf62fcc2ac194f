/** Judges a vector by the verifier of its kind: the same source in Node and in a browser page. */
import { verifyCheckpointProof } from '../src/checkpoint-proof.ts'
import { verifyDeltaProof } from '../src/delta-proof.ts'
import { verifyFactProof } from '../src/fact-proof.ts'
import type { ProofVector } from './make-vectors.ts'

/** What a verifier said: the step that failed, or null for a proof that holds. */
export async function failedStepOf({ kind, proof, policy }: Pick<ProofVector, 'kind' | 'proof' | 'policy'>) {
  const verify = { delta: verifyDeltaProof, checkpoint: verifyCheckpointProof, fact: verifyFactProof }[kind]
  const verdict = await verify(proof, policy)
  return verdict.verified ? null : verdict.failedStep.name
}
