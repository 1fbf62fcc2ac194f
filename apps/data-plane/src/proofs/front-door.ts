/** What other capabilities may use of proofs. */

export { buildDeltaProof } from './build-delta-proof.ts'
export { buildDeltaProofs } from './build-delta-proofs.ts'
export { hashesIn, readHashes, readLogNodes, readTile } from './log-nodes.ts'
export { readLogPosition } from './log-position.ts'
