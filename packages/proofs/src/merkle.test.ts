import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { seededRandom } from '../testdata/random.ts'
import { askIndependent, skipWithoutPython } from '../testdata/run-independent.ts'
import { append, type CompactRange, EMPTY_RANGE, rangeRoot } from './compact-range.ts'
import { toHex } from './hex.ts'
import { EMPTY_ROOT, foldRoots, leafHash, nodeHash, rootOf, splitPoint } from './merkle.ts'
import { assembleProof, planConsistency, planInclusion } from './tree-nodes.ts'

/** The tree of the RFC 6962 reference implementation (google/certificate-transparency, merkle_tree_test.cc). */
const RFC_6962_INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const RFC_6962_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('P1 roots of sizes 0–8 are those of the RFC 6962 reference tree', () => {
  const leaves = RFC_6962_INPUTS.map((input) => leafHash(Buffer.from(input, 'hex')))
  RFC_6962_ROOTS.forEach((root, size) => {
    assert.equal(toHex(rootOf(leaves, 0, size)), `0x${root}`, `size ${size}`)
  })
})

test('P1 roots and proofs of 1,000 random sizes equal those of Python', { skip: skipWithoutPython }, () => {
  const seed = 6962
  const random = seededRandom(seed)
  const questions = Array.from({ length: 1000 }, () => {
    const size = 1 + random(4096)
    return { size, index: random(size), from: 1 + random(size) }
  })
  const lines = askIndependent('trees', questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const answers = lines.split('\n').map((line) => JSON.parse(line))
  const { ranges, nodes } = growTree(4096)
  const hashOf = ({ level, index }: { level: number; index: number }) =>
    nodes.get(`${level}/${index}`) ?? assert.fail()
  questions.forEach(({ size, index, from }, i) => {
    const own = {
      root: bareHex(rangeRoot(ranges[size] ?? assert.fail())),
      inclusion: assembleProof(planInclusion(index, size), hashOf).map(bareHex),
      consistency: assembleProof(planConsistency(from, size), hashOf).map(bareHex),
    }
    assert.deepEqual(
      own,
      answers[i],
      `seed ${seed}, question ${i}: size ${size}, index ${index}, from ${from}`,
    )
  })
})

test('P2 no node is doubled: root(a, b, c) differs from root(a, b, c, c)', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((data) => leafHash(Buffer.from(data))) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  assert.notDeepEqual(rootOf([a, b, c]), rootOf([a, b, c, c]))
  assert.deepEqual(rootOf([a, b, c]), nodeHash(nodeHash(a, b), c))
})

test('P2 a leaf cannot pass as a node, nor a node as a leaf', () => {
  const [left, right] = [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))]
  const joined = Buffer.concat([left, right])
  assert.equal(bareHex(nodeHash(left, right)), hash('sha256', Buffer.concat([Buffer.of(1), joined]), 'hex'))
  assert.equal(bareHex(leafHash(joined)), hash('sha256', Buffer.concat([Buffer.of(0), joined]), 'hex'))
  assert.notDeepEqual(leafHash(joined), nodeHash(left, right))
})

test('the empty tree has the hash of nothing, a new copy for each caller', () => {
  assert.equal(bareHex(EMPTY_ROOT), hash('sha256', '', 'hex'))
  const root = foldRoots([])
  root[0] = 0
  assert.deepEqual(rootOf([]), EMPTY_ROOT)
})

test('a tree of n leaves is split at the largest power of two below n, above 2³¹ too', () => {
  const splits = [2, 3, 4, 5, 8, 9].map((size) => splitPoint(size))
  assert.deepEqual(splits, [1, 2, 2, 4, 4, 8])
  assert.equal(splitPoint(2 ** 40), 2 ** 39)
  assert.equal(splitPoint(2 ** 40 + 1), 2 ** 40)
})

/** Ranges of all sizes, and all nodes by level and index, of the tree whose leaf i is the 8 big-endian bytes of i. */
function growTree(size: number) {
  const ranges: CompactRange[] = [EMPTY_RANGE]
  const nodes = new Map<string, Uint8Array>()
  for (let i = 0; i < size; i++) {
    const data = Buffer.alloc(8)
    data.writeBigUInt64BE(BigInt(i))
    const leaf = leafHash(data)
    nodes.set(`0/${i}`, leaf)
    const { range, completedNodes } = append(ranges[i] ?? assert.fail(), leaf)
    for (const [k, node] of completedNodes.entries())
      nodes.set(`${k + 1}/${(i + 1) / 2 ** (k + 1) - 1}`, node)
    ranges.push(range)
  }
  return { ranges, nodes }
}

function bareHex(bytes: Uint8Array): string {
  return toHex(bytes).slice(2)
}
