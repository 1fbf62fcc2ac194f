/** What other capabilities may use of checkpoints. */
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
