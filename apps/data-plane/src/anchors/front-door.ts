/** What other capabilities may use of anchors. */

export type { AnchoredHead } from './anchor-journal.ts'
export { deleteFailure, lockFailure, upsertFailure } from './anchors.sql.ts'
export { selectPartsAfter } from './checkpoints.sql.ts'
export type { WorkerContext } from './context.ts'
export { FileAnchor } from './file-anchor.ts'
export { judgeParts } from './judge-cut.ts'
export { cutDifferences, judgeEntries } from './judge-entries.ts'
export { judgeFigures } from './judge-figures.ts'
export { addedBy, judgeVoid } from './judge-void.ts'
export type { ProvedTree } from './proved-rows.ts'
export {
  advance,
  type JudgedEntry,
  MISSING,
  newCustomerEnd,
  type Recomputed,
  recompute,
  type VerifiedEnd,
} from './recompute.ts'
export { readEndInTree, readVerifiedEnd, VerifiedDataDamaged } from './verified-end.ts'
