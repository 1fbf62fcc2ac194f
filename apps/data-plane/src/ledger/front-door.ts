/** What other capabilities may use of the ledger. */

export {
  insertBatchRequests,
  type KeptKind,
  type LockedLog,
  lockLog,
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
export { type KeptRow, keptText, readKept } from './kept-row.ts'
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
  type StoredVoid,
} from './other-entry.ts'
export { WRITE_REASON } from './plan-group.ts'
export { type LogState, selectCoveringNotes, selectCustomerDeltas, selectLogState } from './read.sql.ts'
export { parseRecordId, recordIdOf } from './record-id.ts'
export { type ScopeFields, scopeOf } from './scope.ts'
