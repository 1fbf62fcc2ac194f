import { unpackNode } from '@pacspace/proofs/compact-range'
import { assembleProof, type NodeId, type ProofPlan, planNodes } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { listLeavesAt } from './audit-log.sql.ts'

/** Gives the hashes of these nodes of the tree. Node (k, j) stands in the row of the leaf that completes it, (j+1)·2ᵏ − 1. */
export async function readNodes(db: Db, nodes: readonly NodeId[]): Promise<(node: NodeId) => Uint8Array> {
  const rows = await listLeavesAt(db, nodes.map(rowOf))
  const byIndex = new Map(rows.map((row) => [row.logIndex, row]))
  return (node) => {
    const row = byIndex.get(rowOf(node))
    if (row === undefined) throw new Error(`the activity log lacks leaf ${rowOf(node)}`)
    return node.level === 0 ? row.leaf : unpackNode(row.nodes, node.level)
  }
}

/** The hashes of a proof, in its order, 32 bytes each. */
export async function readProof(db: Db, plan: ProofPlan): Promise<Uint8Array[]> {
  return assembleProof(plan, await readNodes(db, planNodes(plan)))
}

function rowOf({ level, index }: NodeId): number {
  return (index + 1) * 2 ** level - 1
}
