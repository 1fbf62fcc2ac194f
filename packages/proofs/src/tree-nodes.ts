/**
 * Which stored nodes a proof needs: coordinates first, hashes later, so that a store can fetch exactly those
 * O(log n) nodes by primary key and this package can put the proof together.
 *
 * A node (level k, index j) is the root over the leaves [j·2ᵏ, (j+1)·2ᵏ). In a store that keeps with each leaf the
 * nodes it completes (`compact-range.ts`), node (k, j) stands in the row of sequence number (j+1)·2ᵏ.
 */
import { unpackNode } from './compact-range.ts'
import { foldRoots, splitPoint } from './merkle.ts'
import { ProofError } from './proof-error.ts'

export interface NodeId {
  /** Height above the leaves; 0 is a leaf hash. */
  readonly level: number
  /** Position within its level, from 0. */
  readonly index: number
}

/**
 * The hashes of a proof, in order, each as the perfect subtrees it is folded from, left to right. Most are one node;
 * only a sibling at the tree's ragged right edge takes several.
 */
export type ProofPlan = readonly (readonly NodeId[])[]

/** The peaks of the compact range [0, size), largest first. */
export function rangeNodes(size: number): readonly NodeId[] {
  requireSize(size)
  return nodesOver(0, size)
}

/** The plan of the inclusion proof of leaf `index` in a tree of `size` leaves: RFC 6962 §2.1.1, sibling first. */
export function planInclusion(index: number, size: number): ProofPlan {
  requireSize(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProofError('OUT_OF_RANGE', `no leaf ${index} in a tree of size ${size}`)
  }
  const plan: (readonly NodeId[])[] = []
  let begin = 0
  let end = size
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin)
    if (index < middle) {
      plan.push(nodesOver(middle, end))
      end = middle
    } else {
      plan.push(nodesOver(begin, middle))
      begin = middle
    }
  }
  return plan.reverse()
}

/** The plan of the consistency proof between the trees of `from` and `to` leaves, 0 < from ≤ to: RFC 6962 §2.1.2. */
export function planConsistency(from: number, to: number): ProofPlan {
  requireSize(to)
  if (!Number.isSafeInteger(from) || from < 1 || from > to) {
    throw new ProofError('OUT_OF_RANGE', `no consistency proof from size ${from} to size ${to}`)
  }
  const plan: (readonly NodeId[])[] = []
  let begin = 0
  let end = to
  while (end !== from) {
    const middle = begin + splitPoint(end - begin)
    if (from <= middle) {
      plan.push(nodesOver(middle, end))
      end = middle
    } else {
      plan.push(nodesOver(begin, middle))
      begin = middle
    }
  }
  // The old tree's own root is known to the verifier; only a part of it must be told (SUBPROOF's b = false).
  if (begin > 0) plan.push(nodesOver(begin, end))
  return plan.reverse()
}

/** All nodes of a plan, each once: what to fetch. */
export function planNodes(plan: ProofPlan): readonly NodeId[] {
  return plan.flat()
}

/** The proof: each hash of the plan, folded from the nodes that `hashOf` gives (32 bytes each). */
export function assembleProof(plan: ProofPlan, hashOf: (node: NodeId) => Uint8Array): Uint8Array[] {
  return plan.map((nodes) => foldRoots(nodes.map(hashOf)))
}

/** Sequence number (from 1) of the row that stores this node: (index + 1)·2^level. */
export function nodeRow(node: NodeId): number {
  return (node.index + 1) * 2 ** node.level
}

/** The node out of its row: the leaf hash itself at level 0, else its place in the packed completed nodes. */
export function nodeFromRow(node: NodeId, leaf: Uint8Array, packedNodes: Uint8Array): Uint8Array {
  return node.level === 0 ? leaf : unpackNode(packedNodes, node.level)
}

/**
 * The perfect subtrees over the leaves [begin, end), left to right, largest first. `begin` must be a multiple of the
 * largest power of two not above end − begin, as all ranges of RFC 6962 are.
 */
function nodesOver(begin: number, end: number): readonly NodeId[] {
  const nodes: NodeId[] = []
  let at = begin
  while (at < end) {
    let level = 0
    let width = 1
    while (at + 2 * width <= end) {
      width *= 2
      level++
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

function requireSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new ProofError('OUT_OF_RANGE', `no tree of size ${size}`)
}
