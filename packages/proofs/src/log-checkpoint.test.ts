import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64 } from './base64.ts'
import { formatLogCheckpoint, parseLogCheckpoint } from './log-checkpoint.ts'

const ROOT = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
/** The example of C2SP tlog-checkpoint. */
const EXAMPLE = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'

test('P5 the example of C2SP tlog-checkpoint parses and is written as it was', () => {
  const { origin, size, root, extensions } = parseLogCheckpoint(EXAMPLE)
  assert.equal(origin, 'example.com/behind-the-sofa')
  assert.equal(size, 20852163)
  assert.equal(toBase64(root), 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=')
  assert.deepEqual(extensions, [])
  assert.equal(formatLogCheckpoint({ origin, size, root }), EXAMPLE)
})

test('extension lines are kept in order', () => {
  const checkpoint = { origin: 'o', size: 0, root: ROOT, extensions: ['first', 'second line'] }
  assert.deepEqual(parseLogCheckpoint(formatLogCheckpoint(checkpoint)), checkpoint)
})

test('lines missing, empty, or with a number or hash written otherwise are refused', () => {
  const [origin, size, root] = EXAMPLE.split('\n') as [string, string, string]
  const bad = [
    '',
    '\n',
    EXAMPLE.slice(0, -1),
    `${EXAMPLE}\n`,
    `${origin}\n${size}\n`,
    `\n${size}\n${root}\n`,
    `${origin}\n0${size}\n${root}\n`,
    `${origin}\n-1\n${root}\n`,
    `${origin}\n1.0\n${root}\n`,
    `${origin}\n1e3\n${root}\n`,
    `${origin}\n${2n ** 53n}\n${root}\n`,
    `${origin}\n${size}\n${root.slice(0, -1)}\n`,
    `${origin}\n${size}\n${toBase64(ROOT.subarray(1))}\n`,
    `${origin}\n\n${size}\n${root}\n`,
    `${origin}\r\n${size}\r\n${root}\r\n`,
  ]
  for (const body of bad)
    assert.throws(() => parseLogCheckpoint(body), { code: 'MALFORMED' }, JSON.stringify(body))
})

test('what cannot be read back is not written', () => {
  const good = { origin: 'o', size: 1, root: ROOT }
  const bad = [
    { ...good, origin: '' },
    { ...good, origin: 'a\nb' },
    { ...good, size: 1.5 },
    { ...good, size: -1 },
    { ...good, root: ROOT.subarray(1) },
    { ...good, extensions: [''] },
    { ...good, extensions: ['a\nb'] },
    { ...good, origin: 'o\n1', size: 1 },
  ]
  for (const checkpoint of bad) assert.throws(() => formatLogCheckpoint(checkpoint), { code: 'MALFORMED' })
})
