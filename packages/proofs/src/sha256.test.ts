import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { toHex } from './hex.ts'
import {
  hostSha256,
  portableSha256,
  type Sha256Engine,
  sha256,
  sha256Engine,
  sha256Into,
  sha256Text,
  useSha256,
} from './sha256.ts'

/** FIPS 180-4 examples (NIST CSRC, "SHA256.pdf"). */
const FIPS_VECTORS = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
] as const

const ENGINES: Sha256Engine[] = [hostSha256(process), portableSha256]

for (const engine of ENGINES) {
  test(`${engine.name} SHA-256 gives the FIPS 180-4 vectors, for bytes and for text`, () => {
    for (const [input, digest] of FIPS_VECTORS) {
      const output = new Uint8Array(34)
      engine.text(input, output, 1)
      assert.equal(toHex(output), `0x00${digest}00`)
      engine.bytes(new TextEncoder().encode(input), output, 2)
      assert.equal(toHex(output.subarray(2)), `0x${digest}`)
    }
  })

  test(`${engine.name} SHA-256 equals node:crypto for every length around three blocks`, () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 131 + 7) & 255)
    for (let length = 0; length <= bytes.length; length++) {
      const output = new Uint8Array(32)
      engine.bytes(bytes.subarray(0, length), output, 0)
      assert.equal(toHex(output), `0x${hash('sha256', bytes.subarray(0, length), 'hex')}`)
    }
  })

  test(`${engine.name} SHA-256 hashes text as UTF-8 and may write over its own input`, () => {
    const output = new Uint8Array(32)
    engine.text('é\0漢\u{1F600}', output, 0)
    assert.equal(toHex(output), `0x${hash('sha256', 'é\0漢\u{1F600}', 'hex')}`)
    engine.bytes(output, output, 0)
    assert.equal(toHex(output), `0x${hash('sha256', hash('sha256', 'é\0漢\u{1F600}', 'buffer'), 'hex')}`)
  })
}

test('a host without process, getBuiltinModule or crypto.hash gets the portable engine', () => {
  assert.equal(hostSha256(undefined), portableSha256)
  assert.equal(hostSha256(null), portableSha256)
  assert.equal(hostSha256({}), portableSha256)
  assert.equal(hostSha256({ getBuiltinModule: () => undefined }), portableSha256)
  assert.equal(hostSha256({ getBuiltinModule: () => ({}) }), portableSha256)
})

test('useSha256 replaces the engine behind every function', () => {
  const before = sha256Engine()
  assert.equal(before.name, 'native')
  const digest = new Uint8Array(32).fill(7)
  const fake: Sha256Engine = {
    name: 'fake',
    bytes: (_input, output, at) => output.set(digest, at),
    text: (_input, output, at) => output.set(digest, at),
  }
  useSha256(fake)
  try {
    assert.equal(sha256Engine(), fake)
    assert.deepEqual(sha256(Uint8Array.of(1)), digest)
    assert.deepEqual(sha256Text('a'), digest)
    const output = new Uint8Array(32)
    sha256Into(Uint8Array.of(1), output, 0)
    assert.deepEqual(output, digest)
  } finally {
    useSha256(before)
  }
})
