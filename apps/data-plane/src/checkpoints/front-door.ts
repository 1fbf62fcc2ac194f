/** What other capabilities may use of checkpoints. */
export { buildCuts, type CutContext } from './build-cuts.ts'
export {
  type FoundCheckpoint,
  selectCheckpointByNonce,
  selectCheckpointByRoot,
  selectClosingCheckpoint,
  selectLatestCheckpoint,
  selectPart,
} from './checkpoint.sql.ts'
export type { CheckpointOutcome, CheckpointUnit } from './checkpoint-unit.ts'
export { checkpointKind } from './commit-checkpoint.ts'
export { type CutEntryUnit, cutEntryKind } from './commit-cut-entry.ts'
export { deleteParts, selectCustomersOfCut, selectPartsInOrder } from './cut.sql.ts'
export { totalOf } from './figures.ts'
