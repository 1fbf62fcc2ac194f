/** What other capabilities may use of proofs. */
export { buildDeltaProof } from './build-delta-proof.ts'
