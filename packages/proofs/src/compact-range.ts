/**
 * The compact range [0, size): all that is needed to append to a Merkle tree, one hash for each bit set in its size.
 *
 * Ranges are values: an append gives a new one and leaves the old one as it was, so a group commit that is rolled
 * back needs no undo. Unchanged hashes are shared, never copied: do not write into them.
 */
import { concatBytes } from './bytes.ts'
import { foldRoots, nodeHash } from './merkle.ts'
import { ProofError } from './proof-error.ts'
import { HASH_BYTES } from './sha256.ts'

export interface CompactRange {
  /** Leaves in the tree. */
  readonly size: number
  /** Roots of the perfect subtrees that make up the tree, largest first; 32 bytes each. */
  readonly peaks: readonly Uint8Array[]
}

export interface Appended {
  readonly range: CompactRange
  /**
   * Interior nodes that this leaf completes, from level 1 upwards: as many as the new size has trailing zero bits,
   * one on average. The leaf itself is not among them.
   */
  readonly completedNodes: readonly Uint8Array[]
}

/** The range of the empty tree. */
export const EMPTY_RANGE: CompactRange = { size: 0, peaks: [] }

/**
 * A range from stored peaks, largest first; `rangeNodes(size)` says where each stands. Throws `OUT_OF_RANGE` if their
 * count is not that of the bits set in `size`. Whether they are the right hashes only the root can tell.
 */
export function compactRange(size: number, peaks: readonly Uint8Array[]): CompactRange {
  if (!Number.isSafeInteger(size) || size < 0 || peaks.length !== bitsSet(size)) {
    throw new ProofError('OUT_OF_RANGE', `${peaks.length} peaks cannot make a range of size ${size}`)
  }
  return { size, peaks }
}

/** The range after one more leaf **hash** (32 bytes), and the nodes it completes. One hash on average. */
export function append(range: CompactRange, leaf: Uint8Array): Appended {
  const peaks = range.peaks.slice()
  const size = range.size + 1
  const completedNodes: Uint8Array[] = []
  let node = leaf
  for (let width = size; width % 2 === 0; width /= 2) {
    node = nodeHash(peaks.pop()!, node) // an even width has a peak of this height: the one to merge with
    completedNodes.push(node)
  }
  peaks.push(node)
  return { range: { size, peaks }, completedNodes }
}

/** The tree's root: RFC 6962 MTH of its leaves, 32 new bytes. One hash less than the range has peaks. */
export function rangeRoot(range: CompactRange): Uint8Array {
  return foldRoots(range.peaks)
}

/** Completed nodes as a row stores them: level 1 first, 32 bytes each, no separator. */
export function packNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return nodes.length === 1 ? nodes[0]! : concatBytes(...nodes)
}

/** The node of level `level` (from 1) out of what `packNodes` gave. Throws `OUT_OF_RANGE` if the row does not hold it. */
export function unpackNode(packed: Uint8Array, level: number): Uint8Array {
  const end = level * HASH_BYTES
  if (level < 1 || end > packed.length) {
    throw new ProofError(
      'OUT_OF_RANGE',
      `a row of ${packed.length} node bytes holds no node of level ${level}`,
    )
  }
  return packed.subarray(end - HASH_BYTES, end)
}

function bitsSet(size: number): number {
  let count = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2
  return count
}
