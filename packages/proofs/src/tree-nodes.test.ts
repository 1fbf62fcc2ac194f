import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leafHash, rootOf } from './merkle.ts'
import { consistencyProof, inclusionProof } from './merkle-proof.ts'
import {
  assembleProof,
  type NodeId,
  nodeFromRow,
  nodeRow,
  planConsistency,
  planInclusion,
  planNodes,
  rangeNodes,
} from './tree-nodes.ts'

const LEAVES = Array.from({ length: 64 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))

test('plans give the paths of the recursive definitions in RFC 6962 §2.1.1 and §2.1.2, for all sizes to 64', () => {
  for (let size = 1; size <= LEAVES.length; size++) {
    const leaves = LEAVES.slice(0, size)
    for (let i = 0; i < size; i++) {
      assert.deepEqual(assembleProof(planInclusion(i, size), nodeOf), path(i, leaves))
      assert.deepEqual(inclusionProof(leaves, i), path(i, leaves))
      assert.deepEqual(assembleProof(planConsistency(i + 1, size), nodeOf), subproof(i + 1, leaves, true))
      assert.deepEqual(consistencyProof(leaves, i + 1), subproof(i + 1, leaves, true))
    }
  }
})

test('a plan names no node twice, and no more than two for each level of the tree', () => {
  for (const size of [1, 2, 3, 1000, 4095, 4096, 2 ** 31 + 7, 2 ** 52 + 2 ** 33 + 1]) {
    const levels = Math.ceil(Math.log2(size))
    for (const index of [0, 1, Math.floor(size / 3), size - 1].filter((at) => at < size)) {
      for (const plan of [planInclusion(index, size), planConsistency(index + 1, size)]) {
        const names = planNodes(plan).map(({ level, index: at }) => `${level}/${at}`)
        assert.equal(new Set(names).size, names.length)
        assert.ok(names.length <= 2 * levels, `${names.length} nodes for size ${size}`)
        assert.ok(plan.length <= levels + 1)
      }
    }
  }
})

test('every node of a plan is complete: it stands in a row that the tree has', () => {
  for (let size = 1; size <= 300; size++) {
    for (const index of [0, size >> 1, size - 1]) {
      for (const node of [...planNodes(planInclusion(index, size)), ...rangeNodes(size)]) {
        assert.ok(nodeRow(node) <= size)
      }
    }
  }
})

test('the peaks of a range are its perfect subtrees, largest first', () => {
  assert.deepEqual(rangeNodes(0), [])
  assert.deepEqual(rangeNodes(7), [
    { level: 2, index: 0 },
    { level: 1, index: 2 },
    { level: 0, index: 6 },
  ])
  assert.deepEqual(rangeNodes(2 ** 40), [{ level: 40, index: 0 }])
})

test('a node stands in the row of its last leaf', () => {
  assert.equal(nodeRow({ level: 0, index: 4 }), 5)
  assert.equal(nodeRow({ level: 3, index: 1 }), 16)
  const [leaf, other] = [LEAVES[0] ?? assert.fail(), LEAVES[1] ?? assert.fail()]
  assert.equal(nodeFromRow({ level: 0, index: 0 }, leaf, other), leaf)
  assert.deepEqual(nodeFromRow({ level: 1, index: 0 }, leaf, other), other)
})

test('positions outside a tree are refused', () => {
  for (const [index, size] of [
    [0, 0],
    [1, 1],
    [-1, 2],
    [0.5, 2],
    [0, -1],
    [0, 1.5],
    [0, 2 ** 53],
    [Number.NaN, 4],
  ] as const) {
    assert.throws(() => planInclusion(index, size), { code: 'OUT_OF_RANGE' }, `${index} of ${size}`)
  }
  for (const [from, to] of [
    [0, 1],
    [2, 1],
    [-1, 1],
    [0.5, 1],
    [1, Number.NaN],
    [1, 2 ** 53],
  ] as const) {
    assert.throws(() => planConsistency(from, to), { code: 'OUT_OF_RANGE' }, `${from} to ${to}`)
  }
  assert.throws(() => rangeNodes(-1), { code: 'OUT_OF_RANGE' })
})

function nodeOf({ level, index }: NodeId): Uint8Array {
  return rootOf(LEAVES, index * 2 ** level, (index + 1) * 2 ** level)
}

/** PATH(m, D[n]) as RFC 6962 §2.1.1 writes it. */
function path(m: number, d: Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return []
  const k = split(d.length)
  return m < k
    ? [...path(m, d.slice(0, k)), rootOf(d.slice(k))]
    : [...path(m - k, d.slice(k)), rootOf(d.slice(0, k))]
}

/** SUBPROOF(m, D[n], b) as RFC 6962 §2.1.2 writes it. */
function subproof(m: number, d: Uint8Array[], b: boolean): Uint8Array[] {
  if (m === d.length) return b ? [] : [rootOf(d)]
  const k = split(d.length)
  return m <= k
    ? [...subproof(m, d.slice(0, k), b), rootOf(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), rootOf(d.slice(0, k))]
}

function split(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1)
}
