/** Every node on the way from a leaf to its root, for those who want to see the path and not only its end. */
import { nodeHash } from './merkle.ts'
import { rootFromInclusion } from './merkle-proof.ts'

/** One level of an inclusion path. */
export interface InclusionStep {
  /** 32 bytes, from the path. */
  readonly sibling: Uint8Array
  /** The side on which the sibling stands. */
  readonly side: 'left' | 'right'
  /** The node that both make, 32 bytes: the last one is the root. */
  readonly node: Uint8Array
}

/**
 * The levels of an inclusion path from the leaf upwards (RFC 9162 §2.1.3.2); the last node is `rootFromInclusion`'s.
 * Undefined where that is: no path of this length belongs to that index and size. Attacker-controlled, as there. A tree of
 * one leaf has no levels.
 */
export function walkInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): readonly InclusionStep[] | undefined {
  if (rootFromInclusion(leaf, index, size, path) === undefined) return undefined
  let position = index
  let last = size - 1
  let node = leaf
  return path.map((sibling) => {
    // A last node without a sibling rises unchanged until it is a right child.
    while (position % 2 === 0 && position === last) {
      position /= 2
      last = Math.floor(last / 2)
    }
    const side = position % 2 === 1 ? 'left' : 'right'
    node = side === 'left' ? nodeHash(sibling, node) : nodeHash(node, sibling)
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
    return { sibling, side, node }
  })
}
