/** What other capabilities may use of the ledger. */
export { selectDeltasAt, selectDeltasFrom } from './append.sql.ts'
export { type Delta, deltaOfRow, type StoredDelta, sentAdjusts } from './delta.ts'
export { referenceHash } from './group-facts.ts'
export { type LogState, selectLogState } from './read.sql.ts'
export { recordIdOf } from './record-id.ts'
