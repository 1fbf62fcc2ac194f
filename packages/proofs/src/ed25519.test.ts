import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyEd25519 } from './ed25519.ts'

/** RFC 8032 §7.1, TEST 2 and TEST 3. */
const VECTORS = [
  {
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
].map(({ publicKey, message, signature }) => ({
  publicKey: Buffer.from(publicKey, 'hex'),
  message: Buffer.from(message, 'hex'),
  signature: Buffer.from(signature, 'hex'),
}))

test('the vectors of RFC 8032 verify, and one bit changed anywhere does not', async () => {
  for (const { publicKey, message, signature } of VECTORS) {
    assert.equal(await verifyEd25519(publicKey, message, signature), true)
    assert.equal(await verifyEd25519(publicKey, flip(message, 0), signature), false)
    for (const at of [0, 31, 32, 62])
      assert.equal(await verifyEd25519(publicKey, message, flip(signature, at)), false)
    assert.equal(await verifyEd25519(flip(publicKey, 3), message, signature), false)
  }
})

test('a signature or key of another length verifies nothing, and throws nothing', async () => {
  const [vector = assert.fail()] = VECTORS
  const { publicKey, message, signature } = vector
  assert.equal(await verifyEd25519(publicKey, message, signature.subarray(1)), false)
  assert.equal(await verifyEd25519(publicKey, message, new Uint8Array(0)), false)
  assert.equal(await verifyEd25519(publicKey.subarray(1), message, signature), false)
})

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes).with(at, (bytes[at] ?? assert.fail()) ^ 1)
}
