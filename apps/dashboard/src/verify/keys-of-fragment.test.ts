import assert from 'node:assert/strict'
import { it } from 'node:test'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { keysOfFragment } from './keys-of-fragment.ts'

const one = formatVerifierKey(verifierKey('host/log/a', new Uint8Array(32).fill(0xfb)))
const other = formatVerifierKey(verifierKey('host/log/a', new Uint8Array(32).fill(2)))

it('keys come out of a fragment, escaped or not, several of a rotation, and nothing else does', () => {
  assert.deepEqual(keysOfFragment(`#key=${encodeURIComponent(one)}`), [one])
  assert.deepEqual(keysOfFragment(`#key=${one}&key=${other}&x=1`), [one, other])
  for (const hash of ['', '#', '#key=', '#main', '#key=%', `#key=${one}x`])
    assert.deepEqual(keysOfFragment(hash), [])
})
