import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { walkInclusion } from './inclusion-walk.ts'
import { leafHash, nodeHash, rootOf } from './merkle.ts'
import { inclusionProof, rootFromInclusion } from './merkle-proof.ts'

const SIZE_MAX = 40
const leaves = Array.from({ length: SIZE_MAX }, (_, i) => leafHash(Uint8Array.of(i)))

describe('the walk up an inclusion path', () => {
  it('ends at the root of every leaf of every tree up to 40, by nodes that each join the one before with its sibling', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      const tree = leaves.slice(0, size)
      tree.forEach((leaf, index) => {
        const path = inclusionProof(tree, index)
        const steps = walkInclusion(leaf, index, size, path)
        assert.ok(steps)
        assert.deepEqual(
          steps.map(({ sibling }) => sibling),
          path,
        )
        let node = leaf
        for (const step of steps) {
          node = step.side === 'left' ? nodeHash(step.sibling, node) : nodeHash(node, step.sibling)
          assert.deepEqual(step.node, node)
        }
        assert.deepEqual(node, rootOf(tree), `leaf ${index} of ${size}`)
      })
    }
  })

  it('takes and refuses the same paths as the verifier, also those of wrong lengths, places and hashes', () => {
    const tree = leaves.slice(0, 11)
    const path = inclusionProof(tree, 10)
    const leaf = leaves[10] ?? assert.fail()
    for (const length of [0, 1, 2, 3, 4]) {
      for (const index of [-1, 0, 3, 8, 9, 10, 11, 0.5, Number.NaN]) {
        for (const size of [0, 1, 4, 10, 11, 12, 16, 2 ** 53]) {
          const tried = [...path, ...path].slice(0, length)
          const root = rootFromInclusion(leaf, index, size, tried)
          const steps = walkInclusion(leaf, index, size, tried)
          assert.deepEqual(steps && (steps.at(-1)?.node ?? leaf), root, `${length} ${index} ${size}`)
        }
      }
    }
    assert.equal(walkInclusion(leaf, 10, 11, [...path.slice(1), Uint8Array.of(1)]), undefined)
  })
})
