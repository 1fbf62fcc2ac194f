import assert from 'node:assert/strict'
import { test } from 'node:test'
import { append, type CompactRange, EMPTY_RANGE, rangeRoot } from './compact-range.ts'
import { leafHash } from './merkle.ts'
import {
  consistencyProof,
  inclusionProof,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from './merkle-proof.ts'
import { assembleProof, type NodeId, planConsistency, planInclusion } from './tree-nodes.ts'

const SIZE_MAX = 300
const { leaves, roots, nodeOf } = growTree(SIZE_MAX)

test('P3 the inclusion proof of every leaf of the trees of size 1…300 verifies', () => {
  for (let size = 1; size <= SIZE_MAX; size++) {
    for (let index = 0; index < size; index++) {
      assert.ok(
        verifyInclusion(leafAt(index), index, size, pathOf(index, size), rootAt(size)),
        `${index} of ${size}`,
      )
    }
  }
})

test('P3 every single-bit mutation of leaf, path and root fails', () => {
  for (const [index, size] of mutatedPositions()) {
    const path = pathOf(index, size)
    const hashes = [leafAt(index), ...path, rootAt(size)]
    for (const [changed, what] of singleBitMutations(hashes)) {
      const [leaf, ...rest] = changed
      const root = rest.pop()
      assert.ok(leaf && root)
      assert.ok(!verifyInclusion(leaf, index, size, rest, root), `${index} of ${size}, ${what}`)
    }
  }
})

test('P3 every single-bit mutation of index and size fails, but for sizes whose path has the same shape', () => {
  // No root tells two sizes apart that join the same hashes in the same way; a signed checkpoint does, which names both.
  for (let size = 1; size <= SIZE_MAX; size++) {
    for (const index of new Set([0, size >> 1, size - 1])) {
      const path = pathOf(index, size)
      const accepts = (i: number, n: number) => verifyInclusion(leafAt(index), i, n, path, rootAt(size))
      for (const other of flippedBits(index))
        assert.ok(!accepts(other, size), `index ${index} → ${other} of ${size}`)
      for (const other of flippedBits(size)) {
        const isSameShape = index < other && inclusionShape(index, other) === inclusionShape(index, size)
        assert.equal(accepts(index, other), isSameShape, `${index} of ${size} → ${other}`)
      }
    }
    // The proofs PacSpace hands out are of the last leaf: its path fits no other size at all.
    for (const other of flippedBits(size)) {
      assert.ok(!verifyInclusion(leafAt(size - 1), size - 1, other, pathOf(size - 1, size), rootAt(size)))
    }
  }
})

test('P3 a path too short, too long, or with a hash of another length fails', () => {
  for (const [index, size] of mutatedPositions()) {
    const path = pathOf(index, size)
    const accepts = (changed: Uint8Array[]) =>
      verifyInclusion(leafAt(index), index, size, changed, rootAt(size))
    assert.ok(!accepts([...path, leafAt(0)]))
    assert.ok(!accepts([leafAt(0), ...path]))
    for (let i = 0; i < path.length; i++) {
      assert.ok(!accepts(path.toSpliced(i, 1)))
      assert.ok(!accepts(path.with(i, path[i]?.subarray(0, 31) ?? assert.fail())))
    }
  }
  assert.ok(!verifyInclusion(leafAt(0).subarray(1), 0, 1, [], rootAt(1)))
})

test('numbers that are no positions give no root', () => {
  for (const [index, size] of [
    [-1, 1],
    [0, 0],
    [1, 1],
    [0.5, 1],
    [0, 1.5],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
  ] as const) {
    assert.equal(rootFromInclusion(leafAt(0), index, size, []), undefined)
  }
})

test('P4 the consistency proof of every pair m ≤ n ≤ 300 verifies', () => {
  for (let to = 1; to <= SIZE_MAX; to++) {
    for (let from = 1; from <= to; from++) {
      assert.ok(
        verifyConsistency(from, to, provenance(from, to), rootAt(from), rootAt(to)),
        `${from} to ${to}`,
      )
    }
  }
})

test('P4 every single-bit mutation of path and roots fails', () => {
  for (const [index, to] of mutatedPositions()) {
    const from = index + 1
    for (const [changed, what] of singleBitMutations([...provenance(from, to), rootAt(from), rootAt(to)])) {
      const [fromRoot, toRoot] = changed.splice(-2)
      assert.ok(fromRoot && toRoot)
      assert.ok(!verifyConsistency(from, to, changed, fromRoot, toRoot), `${from} to ${to}, ${what}`)
    }
  }
})

test('P4 every single-bit mutation of the sizes fails, but for sizes whose path has the same shape', () => {
  for (let to = 1; to <= SIZE_MAX; to++) {
    for (const from of new Set([1, (to + 1) >> 1, to])) {
      const path = provenance(from, to)
      const accepts = (m: number, n: number) => verifyConsistency(m, n, path, rootAt(from), rootAt(to))
      const shape = consistencyShape(from, to, true)
      for (const other of flippedBits(from)) {
        assert.equal(accepts(other, to), isPair(other, to) && consistencyShape(other, to, true) === shape)
      }
      for (const other of flippedBits(to)) {
        assert.equal(
          accepts(from, other),
          isPair(from, other) && consistencyShape(from, other, true) === shape,
        )
      }
    }
  }
})

test('P4 a path too short or too long fails, and so does a tree that was rewritten', () => {
  for (const [index, to] of mutatedPositions()) {
    const from = index + 1
    const path = provenance(from, to)
    const accepts = (changed: Uint8Array[]) => verifyConsistency(from, to, changed, rootAt(from), rootAt(to))
    assert.ok(!accepts([...path, leafAt(0)]))
    for (let i = 0; i < path.length; i++) assert.ok(!accepts(path.toSpliced(i, 1)))
  }
  const rewritten = leaves.with(3, leafAt(7))
  const path = consistencyProof(rewritten, 9)
  assert.ok(!verifyConsistency(9, SIZE_MAX, path, rootAt(9), rootAt(SIZE_MAX)))
})

test('from the empty tree, backwards, or between numbers that are no sizes there is no consistency', () => {
  const root = rootAt(1)
  for (const [from, to] of [
    [0, 1],
    [2, 1],
    [-1, 1],
    [1, 0],
    [1, 1.5],
    [Number.NaN, 1],
    [1, 2 ** 53],
  ] as const) {
    assert.ok(!verifyConsistency(from, to, [], root, root))
  }
  assert.ok(!verifyConsistency(1, 1, [], root, rootAt(2)))
  assert.ok(!verifyConsistency(1, 1, [], root.subarray(1), root.subarray(1)))
})

test('proofs from a list of leaves are those from stored nodes', () => {
  assert.deepEqual(inclusionProof(leaves, 37), pathOf(37, SIZE_MAX))
  assert.deepEqual(consistencyProof(leaves, 37), provenance(37, SIZE_MAX))
})

function pathOf(index: number, size: number): Uint8Array[] {
  return assembleProof(planInclusion(index, size), nodeOf)
}

function provenance(from: number, to: number): Uint8Array[] {
  return assembleProof(planConsistency(from, to), nodeOf)
}

/** All leaves of all sizes to 17, then first, middle and last leaf of sizes around the powers of two and of a few others. */
function mutatedPositions(): [number, number][] {
  const positions: [number, number][] = []
  for (let size = 1; size <= 17; size++)
    for (let index = 0; index < size; index++) positions.push([index, size])
  for (const size of [31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256, 257, 299, 300]) {
    positions.push([0, size], [size >> 1, size], [size - 1, size])
  }
  return positions
}

/** The same hashes with one bit changed, for every bit of each. */
function* singleBitMutations(hashes: readonly Uint8Array[]): Generator<[Uint8Array[], string]> {
  for (const [i, hash] of hashes.entries()) {
    for (let bit = 0; bit < 256; bit++) {
      const byte = bit >> 3
      const changed = hash.with(byte, (hash[byte] ?? assert.fail()) ^ (1 << (bit & 7)))
      yield [[...hashes].with(i, changed), `bit ${bit} of hash ${i}`]
    }
  }
}

function flippedBits(value: number): number[] {
  return Array.from({ length: 53 }, (_, bit) => Number(BigInt(value) ^ (1n << BigInt(bit))))
}

/** Sides on which the hashes of PATH(m, D[n]) are joined, leaf first. */
function inclusionShape(m: number, n: number): string {
  if (n === 1) return ''
  const k = split(n)
  return m < k ? `${inclusionShape(m, k)}R` : `${inclusionShape(m - k, n - k)}L`
}

/** The same of SUBPROOF(m, D[n], b): `=` where the old root itself is the first hash, `o` where it is told. */
function consistencyShape(m: number, n: number, b: boolean): string {
  if (m === n) return b ? '=' : 'o'
  const k = split(n)
  return m <= k ? `${consistencyShape(m, k, b)}R` : `${consistencyShape(m - k, n - k, false)}L`
}

function isPair(from: number, to: number): boolean {
  return from >= 1 && from <= to
}

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

function growTree(size: number) {
  const nodes = new Map<string, Uint8Array>()
  const grown = { leaves: [] as Uint8Array[], roots: [] as Uint8Array[] }
  let range: CompactRange = EMPTY_RANGE
  for (let i = 0; i < size; i++) {
    const leaf = leafHash(Buffer.from(`leaf ${i}`))
    const appended = append(range, leaf)
    range = appended.range
    for (const [k, node] of [leaf, ...appended.completedNodes].entries())
      nodes.set(`${k}/${(i + 1) / 2 ** k - 1}`, node)
    grown.leaves.push(leaf)
    grown.roots.push(rangeRoot(range))
  }
  return {
    ...grown,
    nodeOf: ({ level, index }: NodeId) => nodes.get(`${level}/${index}`) ?? assert.fail(`${level}/${index}`),
  }
}

function leafAt(index: number): Uint8Array {
  return leaves[index] ?? assert.fail(`no leaf ${index}`)
}

function rootAt(size: number): Uint8Array {
  return roots[size - 1] ?? assert.fail(`no tree of size ${size}`)
}
