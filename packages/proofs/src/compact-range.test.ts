import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  append,
  type CompactRange,
  compactRange,
  EMPTY_RANGE,
  packNodes,
  rangeRoot,
  unpackNode,
} from './compact-range.ts'
import { leafHash, rootOf } from './merkle.ts'
import { nodeFromRow, nodeRow, rangeNodes } from './tree-nodes.ts'

const LEAVES = Array.from({ length: 300 }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))

test('the root after every append is the RFC 6962 root of that many leaves', () => {
  let range: CompactRange = EMPTY_RANGE
  assert.deepEqual(rangeRoot(range), rootOf([]))
  LEAVES.forEach((leaf, i) => {
    range = append(range, leaf).range
    assert.equal(range.size, i + 1)
    assert.deepEqual(rangeRoot(range), rootOf(LEAVES, 0, i + 1))
  })
})

test('an append completes exactly the perfect subtrees that end with its leaf', () => {
  let range: CompactRange = EMPTY_RANGE
  LEAVES.forEach((leaf, i) => {
    const appended = append(range, leaf)
    range = appended.range
    const size = i + 1
    const expected: Uint8Array[] = []
    for (let width = 2; size % width === 0; width *= 2) expected.push(rootOf(LEAVES, size - width, size))
    assert.deepEqual(appended.completedNodes, expected)
  })
})

test('an append leaves the range it was given as it was', () => {
  const three = grow(3)
  const before = structuredClone(three)
  append(three, leafAt(3))
  assert.deepEqual(three, before)
})

test('a range of any size is rebuilt from the rows that store completed nodes', () => {
  const rows: Uint8Array[] = []
  let range: CompactRange = EMPTY_RANGE
  for (const leaf of LEAVES) {
    const appended = append(range, leaf)
    rows.push(packNodes(appended.completedNodes))
    range = appended.range
  }
  for (let size = 0; size <= LEAVES.length; size++) {
    const peaks = rangeNodes(size).map((node) => {
      const at = nodeRow(node) - 1
      return nodeFromRow(node, leafAt(at), rows[at] ?? assert.fail())
    })
    assert.deepEqual(rangeRoot(compactRange(size, peaks)), rootOf(LEAVES, 0, size), `size ${size}`)
  }
})

test('a range has as many peaks as its size has bits set, no more and no fewer', () => {
  assert.equal(compactRange(2 ** 40 + 1, [leafAt(0), leafAt(1)]).size, 2 ** 40 + 1)
  const peaks = [leafAt(0), leafAt(1)]
  for (const size of [0, 1, 7, -3, 1.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => compactRange(size, peaks), { code: 'OUT_OF_RANGE' })
  }
})

test('a packed node is found by its level, and no other', () => {
  const packed = packNodes([leafAt(0), leafAt(1), leafAt(2)])
  assert.equal(packed.length, 96)
  assert.deepEqual(unpackNode(packed, 1), leafAt(0))
  assert.deepEqual(unpackNode(packed, 3), leafAt(2))
  assert.equal(packNodes([]).length, 0)
  for (const level of [0, 4]) assert.throws(() => unpackNode(packed, level), { code: 'OUT_OF_RANGE' })
})

function grow(size: number): CompactRange {
  return LEAVES.slice(0, size).reduce((range, leaf) => append(range, leaf).range, EMPTY_RANGE)
}

function leafAt(index: number): Uint8Array {
  return LEAVES[index] ?? assert.fail(`no leaf ${index}`)
}
