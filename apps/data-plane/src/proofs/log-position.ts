import type { LogPosition } from '@pacspace/proofs/proof-file'
import { assembleProof, planInclusion, planNodes } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { readLogNodes } from './log-nodes.ts'
import { selectNote } from './proofs.sql.ts'

/**
 * Where an entry stands in its tenant's log: its path in the tree of `size` leaves and the signed head of that size, as
 * every proof file carries them. O(log n). `size`: a verified size, read in the same snapshot.
 */
export async function readLogPosition(
  db: Db,
  tenantNo: number,
  size: number,
  logIndex: number,
): Promise<LogPosition> {
  const plan = planInclusion(logIndex, size)
  const [note, hashOf] = await Promise.all([
    selectNote(db, tenantNo, size),
    readLogNodes(db, tenantNo, size, planNodes(plan)),
  ])
  if (note === undefined) throw new Error(`no signed head of size ${size} of tenant ${tenantNo}`)
  return { logIndex, logPath: assembleProof(plan, hashOf), note }
}
