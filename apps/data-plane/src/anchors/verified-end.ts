import { amountOfNumeric } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { type CompactRange, compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { verifyInclusion } from '@pacspace/proofs/merkle-proof'
import {
  assembleProof,
  nodeFromRow,
  nodeRow,
  planInclusion,
  planNodes,
  rangeNodes,
} from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { deltaOfRow, type StoredDelta, selectDeltasAt } from '../ledger/front-door.ts'
import { readLogNodes } from '../proofs/front-door.ts'
import { selectSeqBelow, selectVerifiedPlaces } from './anchors.sql.ts'
import { advance, MISSING, type VerifiedEnd } from './recompute.ts'

/** Old data that no longer is what was verified: found while the row after it was to be recomputed. */
export class VerifiedDataDamaged extends Error {
  readonly logIndex: number

  constructor(logIndex: number, what: string) {
    super(what)
    this.name = 'VerifiedDataDamaged'
    this.logIndex = logIndex
  }
}

/**
 * The end of a customer's ledger at sequence number `seq`, read back and proved: the row's content leads to its root, and
 * that root stands in the tenant's tree at the row's place (design.md §4.3). Throws VerifiedDataDamaged.
 */
export async function readVerifiedEnd(
  db: Db,
  tenantNo: number,
  tree: { readonly size: number; readonly root: Uint8Array },
  customerNo: number,
  seq: number,
): Promise<VerifiedEnd | undefined> {
  const nodes = rangeNodes(seq - 1)
  const seqs = [...new Set([seq, ...nodes.map(nodeRow), ...(seq > 1 ? [seq - 1] : [])])]
  const rows = await selectDeltasAt(
    db,
    tenantNo,
    seqs.map(() => customerNo),
    seqs,
  )
  const rowAt = new Map(rows.map((row) => [row.seq, row]))
  const last = rowAt.get(seq)
  if (last === undefined) return undefined
  const before: VerifiedEnd = {
    customerNo,
    customerId: last.customer_id,
    sequenceNumber: seq - 1,
    balance: amountOfNumeric(rowAt.get(seq - 1)?.balance ?? '0'),
    range: rangeOf(seq - 1, rowAt, last.log_index),
  }
  const { end } = advance(last, before)
  if (!equalBytes(rangeRoot(end.range), last.items_root)) {
    throw new VerifiedDataDamaged(last.log_index, 'its content does not lead to its root')
  }
  await requireInTree(db, tenantNo, tree, last)
  return end
}

/**
 * The end of a customer's ledger in the tree, wherever that is, proved likewise; undefined where nothing of it is there. Throws
 * VerifiedDataDamaged, also where more of it was verified than is there.
 */
export async function readEndInTree(
  db: Db,
  tenantNo: number,
  tree: { readonly size: number; readonly root: Uint8Array },
  customerNo: number,
): Promise<VerifiedEnd | undefined> {
  const verified = (await selectVerifiedPlaces(db, tenantNo, [customerNo])).get(customerNo)
  const seq = await selectSeqBelow(db, tenantNo, customerNo, tree.size)
  if (verified !== undefined && verified.log_index < tree.size && verified.seq > (seq ?? 0))
    throw new VerifiedDataDamaged(verified.log_index, MISSING)
  return seq === undefined ? undefined : readVerifiedEnd(db, tenantNo, tree, customerNo, seq)
}

/** The first `size` leaves of a customer's tree, from the rows that completed its nodes. Throws VerifiedDataDamaged. */
export function rangeOf(
  size: number,
  rowAt: ReadonlyMap<number, StoredDelta>,
  logIndex: number,
): CompactRange {
  const peaks = rangeNodes(size).map((node) => {
    const row = rowAt.get(nodeRow(node))
    if (row === undefined)
      throw new VerifiedDataDamaged(logIndex, `delta ${nodeRow(node)} of its customer is missing`)
    if (node.level > 0 && (row.nodes?.length ?? 0) < 32 * node.level) {
      throw new VerifiedDataDamaged(row.log_index, 'nodes of its tree are missing')
    }
    const leaf = node.level === 0 ? deltaOfRow(row).itemHash : row.items_root
    return nodeFromRow(node, leaf, row.nodes ?? new Uint8Array())
  })
  return compactRange(size, peaks)
}

async function requireInTree(
  db: Db,
  tenantNo: number,
  tree: { readonly size: number; readonly root: Uint8Array },
  row: StoredDelta,
): Promise<void> {
  const plan = planInclusion(row.log_index, tree.size)
  const hashOf = await readLogNodes(db, tenantNo, tree.size, planNodes(plan))
  const leaf = logLeaf(logEntry('delta', row.items_root))
  if (!verifyInclusion(leaf, row.log_index, tree.size, assembleProof(plan, hashOf), tree.root)) {
    throw new VerifiedDataDamaged(row.log_index, 'its root is not in the verified log')
  }
}
