/**
 * Merkle tree hashing: RFC 6962 §2.1 with SHA-256. Leaves are prefixed 0x00 and nodes 0x01, so that neither can pass
 * for the other, and no node is ever doubled: root(a, b, c) and root(a, b, c, c) differ.
 */
import { concatBytes } from './bytes.ts'
import { HASH_BYTES, sha256, sha256Into } from './sha256.ts'

/** MTH of the empty list: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

const LEAF_PREFIX = Uint8Array.of(0x00)
const NODE_PREFIX = 0x01

// One node's input, 0x01 ‖ left ‖ right, filled in place: a fresh array per node costs as much as its hash.
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES)
nodeInput[0] = NODE_PREFIX
const LEFT_AT = 1
const RIGHT_AT = 1 + HASH_BYTES

/** Leaf hash: SHA-256(0x00 ‖ data), 32 bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, data))
}

/** Node hash: SHA-256(0x01 ‖ left ‖ right), 32 bytes; both 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, LEFT_AT)
  nodeInput.set(right, RIGHT_AT)
  return sha256(nodeInput)
}

/**
 * Folds subtree roots from the right, as RFC 6962 nests them: [a, b, c] gives node(a, node(b, c)). The inputs are
 * the roots of perfect subtrees that get smaller from left to right; none at all give the root of the empty tree.
 */
export function foldRoots(roots: readonly Uint8Array[]): Uint8Array {
  const last = roots.at(-1)
  if (last === undefined) return EMPTY_ROOT.slice()
  nodeInput.set(last, RIGHT_AT)
  for (let i = roots.length - 2; i >= 0; i--) {
    nodeInput.set(roots[i]!, LEFT_AT) // i counts down inside the list
    sha256Into(nodeInput, nodeInput, RIGHT_AT)
  }
  return nodeInput.slice(RIGHT_AT)
}

/** MTH(leaves[begin:end]) of RFC 6962 §2.1 over leaf **hashes**. `end` defaults to all. */
export function rootOf(leaves: readonly Uint8Array[], begin = 0, end: number = leaves.length): Uint8Array {
  // Perfect subtrees so far, smaller to the right: level[i] is the height of peaks[i].
  const peaks: Uint8Array[] = []
  for (let i = begin; i < end; i++) {
    peaks.push(leaves[i]!) // begin and end lie inside the list
    for (let width = i - begin + 1; width % 2 === 0; width /= 2) {
      const right = peaks.pop()!
      peaks.push(nodeHash(peaks.pop()!, right)) // an even count of leaves always leaves two equal peaks
    }
  }
  return foldRoots(peaks)
}

/** The largest power of two strictly below `size` (≥ 2): where RFC 6962 §2.1 splits a tree. */
export function splitPoint(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}
