import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64 } from './base64.ts'
import { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts'

const HASH = Uint8Array.from({ length: 32 }, (_, i) => i)
const NOTE = 'example.com/log\n1\nAAAA\n\n— example.com/log AAAAAAA=\n'
const PROOF: TlogProof = {
  extra: Uint8Array.of(1, 2),
  index: 73894,
  path: [HASH, HASH.toReversed()],
  note: NOTE,
}

test('a proof file is laid out as C2SP tlog-proof shows', () => {
  const text = formatTlogProof(PROOF)
  assert.equal(
    text,
    `c2sp.org/tlog-proof@v1\nextra AQI=\nindex 73894\n${toBase64(HASH)}\n${toBase64(HASH.toReversed())}\n\n${NOTE}`,
  )
  assert.deepEqual(parseTlogProof(text), PROOF)
})

test('files without extra data, without path, or with empty extra data survive the way to text and back', () => {
  for (const proof of [
    { ...PROOF, extra: undefined },
    { ...PROOF, path: [], index: 0 },
    { ...PROOF, extra: new Uint8Array(0) },
  ]) {
    assert.deepEqual(parseTlogProof(formatTlogProof(proof)), proof)
  }
})

test('the longest path accepted and the first refused; likewise the file', () => {
  const path = Array.from({ length: 53 }, () => HASH)
  assert.equal(parseTlogProof(formatTlogProof({ ...PROOF, path })).path.length, 53)
  assert.throws(() => parseTlogProof(formatTlogProof({ ...PROOF, path: [...path, HASH] })), {
    code: 'MALFORMED',
  })
  const rest = 2 * 1_048_576 - formatTlogProof({ ...PROOF, note: '' }).length
  assert.equal(parseTlogProof(formatTlogProof({ ...PROOF, note: 'a'.repeat(rest) })).note.length, rest)
  assert.throws(() => parseTlogProof(formatTlogProof({ ...PROOF, note: 'a'.repeat(rest + 1) })), {
    code: 'MALFORMED',
  })
})

test('an unknown version is told apart from what is no proof file at all', () => {
  const text = formatTlogProof(PROOF)
  assert.throws(() => parseTlogProof(text.replace('@v1', '@v2')), { code: 'UNSUPPORTED_VERSION' })
  for (const first of ['c2sp.org/tlog-proof@v1 ', 'c2sp.org/tlog-proof', 'c2sp.org/tlog-proof@vx', '']) {
    assert.throws(() => parseTlogProof(text.replace('c2sp.org/tlog-proof@v1', first)), { code: 'MALFORMED' })
  }
  assert.throws(() => parseTlogProof('\n\n'), { code: 'MALFORMED' })
  assert.throws(() => parseTlogProof('c2sp.org/tlog-proof@v1\n\n'), { code: 'MALFORMED' })
})
