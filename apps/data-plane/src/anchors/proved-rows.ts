import { amountOfNumeric, subtractAmounts } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { rangeRoot } from '@pacspace/proofs/compact-range'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { verifyInclusion } from '@pacspace/proofs/merkle-proof'
import { assembleProof, nodeRow, planInclusion, planNodes, rangeNodes } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { type StoredDelta, selectDeltasAt } from '../ledger/front-door.ts'
import { readLogNodes } from '../proofs/front-door.ts'
import { advance } from './recompute.ts'
import { rangeOf, VerifiedDataDamaged } from './verified-end.ts'

/** A place in a customer's ledger. */
export interface RowPlace {
  readonly customerNo: number
  readonly seq: number
}

/** The tree that rows are proved to stand in. */
export interface ProvedTree {
  readonly size: number
  readonly root: Uint8Array
}

/** Map key of a place. */
export function placeKey({ customerNo, seq }: RowPlace): string {
  return `${customerNo}/${seq}`
}

/**
 * Rows of customers' ledgers, each proved: its content, balance and time included, leads to its root, and that root stands
 * in the tenant's tree at the row's place. Absent rows are left out. Rows behind the tree are given as they are: whoever
 * asks recomputes them. `tree` null: none is proved, for a walk that has derived them all. Throws VerifiedDataDamaged.
 */
export async function readProvedRows(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  places: readonly RowPlace[],
): Promise<ReadonlyMap<string, StoredDelta>> {
  const rows = await readRows(db, tenantNo, places)
  if (tree === null) return rows
  const old = [...rows.values()].filter(({ log_index }) => log_index < tree.size)
  const nodes = old.flatMap((row) =>
    rangeNodes(row.seq - 1).map((node) => ({ customerNo: row.customer_no, seq: nodeRow(node) })),
  )
  const nodeRows = await readRows(db, tenantNo, nodes)
  for (const row of old) requireContent(row, nodeRows)
  await requireInTree(db, tenantNo, tree, old)
  return rows
}

async function readRows(
  db: Db,
  tenantNo: number,
  places: readonly RowPlace[],
): Promise<Map<string, StoredDelta>> {
  const wanted = [...new Map(places.filter(({ seq }) => seq > 0).map((one) => [placeKey(one), one])).values()]
  if (wanted.length === 0) return new Map()
  const rows = await selectDeltasAt(
    db,
    tenantNo,
    wanted.map(({ customerNo }) => customerNo),
    wanted.map(({ seq }) => seq),
  )
  return new Map(rows.map((row) => [placeKey({ customerNo: row.customer_no, seq: row.seq }), row]))
}

function requireContent(row: StoredDelta, nodeRows: ReadonlyMap<string, StoredDelta>): void {
  const { customer_no: customerNo, seq, log_index: logIndex } = row
  const rowAt = new Map<number, StoredDelta>()
  for (const node of rangeNodes(seq - 1)) {
    const nodeSeq = nodeRow(node)
    const found = nodeRows.get(placeKey({ customerNo, seq: nodeSeq }))
    if (found !== undefined) rowAt.set(nodeSeq, found)
  }
  const before = {
    customerNo,
    customerId: row.customer_id,
    sequenceNumber: seq - 1,
    // Not believed: the record holds the balance after it, and its hash must lead to the root.
    balance: subtractAmounts(amountOfNumeric(row.balance), amountOfNumeric(row.amount)),
    range: rangeOf(seq - 1, rowAt, logIndex),
  }
  const { end } = advance(row, before)
  if (!equalBytes(rangeRoot(end.range), row.items_root))
    throw new VerifiedDataDamaged(logIndex, 'its content does not lead to its root')
}

async function requireInTree(
  db: Db,
  tenantNo: number,
  tree: ProvedTree,
  rows: readonly StoredDelta[],
): Promise<void> {
  const plans = rows.map((row) => planInclusion(row.log_index, tree.size))
  const hashOf = await readLogNodes(db, tenantNo, tree.size, plans.flatMap(planNodes))
  for (const [index, row] of rows.entries()) {
    const path = assembleProof(plans[index] ?? [], hashOf)
    if (
      !verifyInclusion(logLeaf(logEntry('delta', row.items_root)), row.log_index, tree.size, path, tree.root)
    )
      throw new VerifiedDataDamaged(row.log_index, 'its root is not in the verified log')
  }
}
