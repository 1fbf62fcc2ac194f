/**
 * Inclusion and consistency proofs: RFC 9162 §2.1.3 and §2.1.4 (the trees are those of RFC 6962).
 *
 * Every argument of a verifier is attacker-controlled: numbers are checked to be exact, hashes to be 32 bytes, and
 * paths to have exactly the length that index and size demand. Verifiers answer, they do not throw.
 */
import { equalBytes } from './bytes.ts'
import { nodeHash, rootOf } from './merkle.ts'
import { HASH_BYTES } from './sha256.ts'
import { assembleProof, planConsistency, planInclusion } from './tree-nodes.ts'

/** Inclusion proof of leaf `index` among these leaf **hashes** (small trees, tests; stores use `planInclusion`). */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return assembleProof(planInclusion(index, leaves.length), ({ level, index: at }) =>
    rootOf(leaves, at * 2 ** level, (at + 1) * 2 ** level),
  )
}

/** Consistency proof from the tree of the first `from` leaf **hashes** to the tree of all of them. */
export function consistencyProof(leaves: readonly Uint8Array[], from: number): Uint8Array[] {
  return assembleProof(planConsistency(from, leaves.length), ({ level, index: at }) =>
    rootOf(leaves, at * 2 ** level, (at + 1) * 2 ** level),
  )
}

/**
 * The root that a leaf hash and its inclusion path lead to, or undefined if no path of this length belongs to that
 * index and size (RFC 9162 §2.1.3.2). The caller must compare the root with a trusted one.
 * Path: sibling hashes from the leaf upwards, 32 bytes each.
 */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isTreePosition(index, size) || !areHashes([leaf, ...path])) return undefined
  let position = index
  let last = size - 1
  let root = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (position % 2 === 1 || position === last) {
      root = nodeHash(sibling, root)
      // A last node without a sibling rises unchanged until it is a right child.
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = half(last)
      }
    } else {
      root = nodeHash(root, sibling)
    }
    position = half(position)
    last = half(last)
  }
  return last === 0 ? root : undefined
}

/** True if `path` proves that `leaf` (a leaf hash) is leaf `index` of the tree of `size` leaves with this root. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusion(leaf, index, size, path)
  return computed !== undefined && equalBytes(computed, root)
}

/**
 * True if `path` proves that the tree of `from` leaves with `fromRoot` is a prefix of the tree of `to` leaves with
 * `toRoot` (RFC 9162 §2.1.4.2). Equal sizes need equal roots and an empty path. From the empty tree, which is a
 * prefix of all, there is no proof to check: callers decide that case themselves, here it is false.
 */
export function verifyConsistency(
  from: number,
  to: number,
  path: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!isTreePosition(from - 1, to) || !areHashes([fromRoot, toRoot, ...path])) return false
  if (from === to) return path.length === 0 && equalBytes(fromRoot, toRoot)
  const roots = rootsFromConsistency(from, to, path, fromRoot)
  return roots !== undefined && equalBytes(roots[0], fromRoot) && equalBytes(roots[1], toRoot)
}

/**
 * The old and the new root that a consistency path leads to, 0 < from < to; undefined if its length is wrong. The caller
 * must compare both with trusted ones: the old one is recomputed, unless `from` is a power of two, where it is `fromRoot`.
 */
export function rootsFromConsistency(
  from: number,
  to: number,
  path: readonly Uint8Array[],
  fromRoot: Uint8Array,
): [Uint8Array, Uint8Array] | undefined {
  let position = from - 1
  let last = to - 1
  while (position % 2 === 1) {
    position = half(position)
    last = half(last)
  }
  // A tree whose size is a power of two is itself the first node of the path, and is not repeated in it.
  const [first, ...rest] = position === 0 ? [fromRoot, ...path] : path
  if (first === undefined) return undefined
  let oldRoot = first
  let newRoot = first
  for (const sibling of rest) {
    if (last === 0) return undefined
    if (position % 2 === 1 || position === last) {
      oldRoot = nodeHash(sibling, oldRoot)
      newRoot = nodeHash(sibling, newRoot)
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = half(last)
      }
    } else {
      newRoot = nodeHash(newRoot, sibling)
    }
    position = half(position)
    last = half(last)
  }
  return last === 0 ? [oldRoot, newRoot] : undefined
}

/** Floor of half: `>> 1` would cut sizes above 2³¹. */
function half(value: number): number {
  return Math.floor(value / 2)
}

function isTreePosition(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES)
}
