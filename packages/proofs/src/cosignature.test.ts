import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cosignatureMessage, decodeTimestampedSignature, encodeTimestampedSignature } from './cosignature.ts'

const BODY = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'

test('the signed message is the example of C2SP tlog-cosignature', () => {
  assert.equal(
    Buffer.from(cosignatureMessage(1679315147, BODY)).toString(),
    'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n' +
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  )
})

test('a timestamped signature is eight bytes of time, big-endian, then 64 of Ed25519', () => {
  const signature = Uint8Array.from({ length: 64 }, (_, i) => i)
  const bytes = encodeTimestampedSignature({ timestamp: 1679315147, signature })
  assert.equal(Buffer.from(bytes.subarray(0, 8)).toString('hex'), '000000006418 50cb'.replace(' ', ''))
  assert.deepEqual(decodeTimestampedSignature(bytes), { timestamp: 1679315147, signature })
  // The example cosignature of the specification carries exactly that time.
  const example =
    'jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=='
  assert.equal(decodeTimestampedSignature(Buffer.from(example, 'base64').subarray(4))?.timestamp, 1679315147)
})

test('other lengths and times that are not whole seconds to 2⁵³−1 are refused', () => {
  const signature = new Uint8Array(64)
  assert.equal(decodeTimestampedSignature(new Uint8Array(71)), undefined)
  assert.equal(decodeTimestampedSignature(new Uint8Array(73)), undefined)
  assert.equal(decodeTimestampedSignature(Uint8Array.of(0xff, ...new Uint8Array(71))), undefined)
  assert.throws(() => encodeTimestampedSignature({ timestamp: 1, signature: new Uint8Array(63) }), {
    code: 'MALFORMED',
  })
  for (const timestamp of [-1, 1.5, 2 ** 53, Number.NaN]) {
    assert.throws(() => encodeTimestampedSignature({ timestamp, signature }), { code: 'OUT_OF_RANGE' })
    assert.throws(() => cosignatureMessage(timestamp, BODY), { code: 'OUT_OF_RANGE' })
  }
})
