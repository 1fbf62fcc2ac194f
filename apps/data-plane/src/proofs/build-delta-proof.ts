import { formatAmount } from '@pacspace/api/amount'
import { formatDeltaProof } from '@pacspace/proofs/delta-proof'
import { requestHash } from '@pacspace/proofs/record'
import {
  assembleProof,
  type NodeId,
  nodeFromRow,
  nodeRow,
  planInclusion,
  planNodes,
} from '@pacspace/proofs/tree-nodes'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import { type Delta, deltaOfRow, type LogState, selectDeltasAt } from '../ledger/front-door.ts'
import { readLogPosition } from './log-position.ts'

/**
 * The offline proof of a verified delta, as a C2SP tlog-proof file, under the newest verified head (product.md §5.8).
 * O(log n) rows and tiles, whatever the length of the histories. Must run in a snapshot in which `log` was read.
 */
export async function buildDeltaProof(
  db: Db,
  tenantNo: number,
  log: LogState,
  delta: Delta,
): Promise<{ readonly text: string; readonly publicKey: string }> {
  const size = log.verified_size
  const [position, customerPath] = await Promise.all([
    readLogPosition(db, tenantNo, size, delta.logIndex),
    customerPathOf(db, tenantNo, delta),
  ])
  const text = formatDeltaProof({
    record: {
      recordId: delta.recordId,
      customerId: delta.customerId,
      sequenceNumber: delta.sequenceNumber,
      delta: formatAmount(delta.delta),
      balance: formatAmount(delta.balance),
      contentHash: delta.contentHash,
      previousProofHash: delta.previousProofHash,
      createdAt: delta.createdAt,
      adjusts: delta.adjustsRecordId,
      request: delta.keyDigest === null ? null : requestHash(delta.recordId, delta.keyDigest),
    },
    customerPath,
    customerSize: delta.sequenceNumber,
    ...position,
  })
  return { text, publicKey: formatVerifierKey(verifierKey(log.origin, log.public_key)) }
}

/** The path of the delta's leaf in its customer's tree as it was right after it: it leads to the root in the log. */
async function customerPathOf(db: Db, tenantNo: number, delta: Delta): Promise<Uint8Array[]> {
  const plan = planInclusion(delta.sequenceNumber - 1, delta.sequenceNumber)
  const seqs = planNodes(plan).map(nodeRow)
  const rows = await selectDeltasAt(
    db,
    tenantNo,
    seqs.map(() => delta.customerNo),
    seqs,
  )
  const rowAt = new Map(rows.map((row) => [row.seq, row]))
  return assembleProof(plan, (node: NodeId) => {
    const row = rowAt.get(nodeRow(node))
    if (row === undefined) throw new Error(`no delta ${nodeRow(node)} of customer ${delta.customerNo}`)
    // A leaf is recomputed from its row; interior nodes are kept in the row that completed them.
    return node.level === 0
      ? deltaOfRow(row).itemHash
      : nodeFromRow(node, row.items_root, row.nodes ?? new Uint8Array())
  })
}
