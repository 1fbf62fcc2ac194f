/** What other capabilities may use of the ledger. */

export {
  insertBatchRequests,
  type KeptKind,
  type LockedLog,
  selectBatchesByKey,
  selectDeltasAt,
  selectDeltasFrom,
  selectUsedKeys,
} from './append.sql.ts'
export type { UnitKind } from './append.ts'
export { type CommitContext, type Decision, type GroupWrite, newMark } from './commit-under-lock.ts'
export { ID_NONCE_BYTES, nonceOfId } from './committing-id.ts'
export { findCustomer } from './customer-state.ts'
export {
  type Delta,
  type DeltaRequest,
  deltaOfRow,
  requestOf,
  type StoredDelta,
  sentAdjusts,
} from './delta.ts'
export { type DeltaStatus, type LogProgress, statusOf } from './delta-answer.ts'
export { keyDigestOf } from './delta-request.ts'
export { keyOf, referenceHash } from './group-facts.ts'
export { groupTurns, onlyUnit } from './group-turn.ts'
export { selectOtherEntries } from './other-entry.sql.ts'
export {
  checkpointIdOf,
  checkpointRecordOf,
  entryOf,
  factRecordOf,
  type OtherEntry,
  recordRootOf,
  type StoredCheckpoint,
  type StoredCut,
  type StoredFact,
  type StoredFigures,
} from './other-entry.ts'
export { WRITE_REASON } from './plan-group.ts'
export { type LogState, selectCoveringNotes, selectCustomerDeltas, selectLogState } from './read.sql.ts'
export { recordIdOf } from './record-id.ts'
export { type ScopeFields, scopeOf } from './scope.ts'
