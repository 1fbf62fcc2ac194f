import { timestampOf } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { transaction } from '@pacspace/service/postgres'
import { readTile } from '../proofs/front-door.ts'
import {
  advanceBuckets,
  advanceCustomers,
  claimVerified,
  insertAnchored,
  insertTotals,
  type LogFacts,
  type NoteRow,
  selectLogFacts,
  selectNewestNote,
  updateVerified,
} from './anchors.sql.ts'
import type { WorkerContext } from './context.ts'

/** What a confirmation found to do. */
export type Confirmed = 'busy' | 'nothing' | 'blocked' | 'confirmed'

/**
 * Publishes the newest signed head at the anchor, reads it back, and only then calls everything under it verified:
 * steps 4 and 5 of the life of a delta (design.md §4). Under the claim of the verified head. If the process dies after
 * the anchor was written, the next worker publishes the same head again, which changes nothing, and confirms it.
 */
export async function confirm(context: WorkerContext, tenantNo: number): Promise<Confirmed> {
  const result = await transaction(context.db, async (tx): Promise<Confirmed> => {
    const verifiedSize = await claimVerified(tx, tenantNo)
    if (verifiedSize === undefined) return 'busy'
    const [log, note] = await Promise.all([selectLogFacts(tx, tenantNo), selectNewestNote(tx, tenantNo)])
    if (note === undefined || (note.size === verifiedSize && note.size > 0)) return 'nothing'
    if (log.blocked_code !== null || log.found_by === 'scrub') return 'blocked'
    await context.fileAnchor.publish(log.log_id, note, (tile) => readTile(tx, tenantNo, tile))
    await context.atStep('anchored')
    await requireAnchored(context, log, note)
    await context.atStep('read-back')
    const now = timestampOf(context.clock.now())
    // A worker whose clock is behind verifies nothing before it was created.
    const anchoredAt = now < log.last_created_at ? log.last_created_at : now
    await insertAnchored(tx, tenantNo, { size: note.size, level: 'file', anchoredAt })
    if (note.size > verifiedSize) {
      await advanceCustomers(tx, tenantNo, verifiedSize, note.size)
      await advanceBuckets(tx, tenantNo, verifiedSize, note.size)
      await insertTotals(tx, tenantNo, verifiedSize, note.size)
    }
    await updateVerified(tx, tenantNo, note.size)
    return 'confirmed'
  })
  if (result === 'confirmed') await context.atStep('confirmed')
  return result
}

/**
 * Reads the head back from the anchor, as its readers see it and as the journal keeps it, and holds both against what was
 * signed, signature included.
 */
async function requireAnchored(context: WorkerContext, log: LogFacts, note: NoteRow): Promise<void> {
  const [text, newest] = await Promise.all([
    context.fileAnchor.readCheckpoint(log.log_id),
    context.fileAnchor.peek(log.log_id),
  ])
  if (text === undefined || newest === undefined)
    throw new Error(`the anchor of ${log.origin} holds no head after it was written`)
  const logKeys = [formatVerifierKey(verifierKey(log.origin, log.public_key))]
  const { checkpoint } = await verifyLogCheckpoint(text, { logKeys })
  for (const { size, root } of [checkpoint, newest]) {
    if (size !== note.size || !equalBytes(root, note.root)) {
      throw new Error(`the anchor of ${log.origin} holds another head than the one that was signed`)
    }
  }
}
