/** What other capabilities may use of proofs. */
export { hashesIn, readHashes, readLogNodes, readTile } from './log-nodes.ts'
export { buildDeltaProof } from './build-delta-proof.ts'
