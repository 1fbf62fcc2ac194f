/** Judges a vector by the verifier of its kind: the same source in Node and in a browser page. */
import { verifyCheckpointProof } from '../src/checkpoint-proof.ts'
import { verifyConsistencyProof } from '../src/consistency-proof.ts'
import { verifyDeltaProof } from '../src/delta-proof.ts'
import { verifyEntryProof } from '../src/entry-proof.ts'
import { verifyFactProof } from '../src/fact-proof.ts'
import { verifyHead } from '../src/head-proof.ts'
import type { LogVector } from './make-log-vectors.ts'
import type { ProofVector } from './make-vectors.ts'

/** What a vector is judged by. */
type Judged<Vector> = Vector extends unknown ? Omit<Vector, 'name' | 'verified' | 'failedStep'> : never

/** What a verifier said: the step that failed, or null for a proof that holds. */
export async function failedStepOf(vector: Judged<ProofVector | LogVector>) {
  const verdict = await judge(vector)
  return verdict.verified ? null : verdict.failedStep.name
}

/** The verdict of the verifier that is for this kind: every other one refuses it. */
export function judge(vector: Judged<ProofVector | LogVector>) {
  const { policy } = vector
  switch (vector.kind) {
    case 'delta':
      return verifyDeltaProof(vector.proof, policy)
    case 'checkpoint':
      return verifyCheckpointProof(vector.proof, policy)
    case 'fact':
      return verifyFactProof(vector.proof, policy)
    case 'note':
      return verifyHead(vector.note, policy)
    case 'inclusion':
      return verifyEntryProof(vector.proof, bytesOf(vector.entry), policy)
    case 'consistency':
      return verifyConsistencyProof(vector, policy)
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
