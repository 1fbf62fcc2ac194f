/** What other capabilities may use of the ledger. */
export { selectDeltasAt, selectDeltasFrom } from './append.sql.ts'
export { type Delta, deltaOfRow, leafOf, type StoredDelta, sentAdjusts } from './delta.ts'
export { type LogState, selectLogState } from './read.sql.ts'
